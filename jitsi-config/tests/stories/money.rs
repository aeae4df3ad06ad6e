//! Prices, budget, and what is kept all the time.

use crate::scene::Scene;

fn with(text: &str) -> Scene {
    Scene::toml(&format!(
        "[profiles.ops]\ndomain = \"meet.example.org\"\n[profiles.ops.cost]\nbudget = \"5\"\n{text}\n"
    ))
}

#[test]
fn prices_of_the_file_hold_for_every_profile_as_they_are_written() {
    let money = with(
        "log_gb = \"2.5\"\n[prices]\ncurrency = \"USD\"\n[prices.us-west-2]\n\
         network-load-balancer = { usd = \"0.0225\", unit = \"load-balancer-hour\", seen = 2026-11-01, note = \"our bill\" }\n\
         public-address = { usd = 0.005 }",
    )
    .platform()
    .money;
    assert_eq!(money.budget.unwrap().as_str(), "5");
    assert_eq!(money.log_gb.unwrap().as_str(), "2.5");
    assert_eq!(money.storage_gb, None);
    assert_eq!(money.prices.currency.as_deref(), Some("USD"));
    let [balancer, address] = &money.prices.prices[..] else {
        panic!("{:?}", money.prices)
    };
    assert_eq!((balancer.region.as_str(), balancer.line), ("us-west-2", 9));
    assert_eq!(balancer.item, "network-load-balancer");
    assert_eq!(balancer.unit.as_deref(), Some("load-balancer-hour"));
    assert_eq!(balancer.seen.as_deref(), Some("2026-11-01"));
    assert_eq!(balancer.note.as_deref(), Some("our bill"));
    assert_eq!((address.usd.as_deref(), address.unit.as_deref()), (Some("0.005"), None));
}

#[test]
fn what_has_not_the_form_of_a_price_or_a_quantity_is_told_with_its_line() {
    insta::assert_snapshot!(with(
        "storage_gb = \"-1\"\n[prices]\nus-west-2 = 5\n[prices.us-east-1]\nsecret = \"0.40\"\n\
         hosted-zone = { usd = true, price = \"1\" }"
    )
    .told(), @r#"
        /repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.ops.cost.storage_gb`: expected a number of at least 0, such as `5` or `2.5`, found `-1`
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `prices.us-west-2`: expected a table of a region's prices, found the number `5`
          hint: write `[prices.us-west-2]`, and a price on each line of it
        /repos/jitsi-video-hosting-ops/jitsi.toml:9: `prices.us-east-1.secret`: expected a price with its unit, found the text `0.40`
          hint: write `secret = { usd = "0.0225", unit = "..." }`
        /repos/jitsi-video-hosting-ops/jitsi.toml:10: `prices.us-east-1.hosted-zone.usd`: expected a text, found `true`
        /repos/jitsi-video-hosting-ops/jitsi.toml:10: `prices.us-east-1.hosted-zone`: `price` is not known here; known are `usd`, `unit`, `seen`, `note`
        "#);
}
