//! The load balancer's own addresses: elastic ones, and what the bridge offers of them.

use jitsi_config::Advertise;

use crate::scene::Scene;

fn balanced(lines: &str) -> Scene {
    Scene::toml(&format!(
        "[profiles.ops]\ndomain = \"meet.example.org\"\n[profiles.ops.nlb]\n{lines}\n"
    ))
}

#[test]
fn each_subnet_has_the_elastic_address_at_the_same_position() {
    let scene = balanced(
        "subnets = [\"subnet-0a1b2c3d\", \"subnet-00000001\"]\neip_allocations = [\"eipalloc-00000002\", \"eipalloc-00000001\"]",
    );
    let nlb = scene.platform().nlb;
    let pairs: Vec<_> = nlb
        .subnets
        .iter()
        .map(|subnet| subnet.as_str())
        .zip(nlb.eip_allocations.iter().map(|address| address.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("subnet-0a1b2c3d", "eipalloc-00000002"),
            ("subnet-00000001", "eipalloc-00000001"),
        ]
    );
    assert_eq!(scene.warnings(), "");
}

#[test]
fn elastic_addresses_need_as_many_subnets() {
    insta::assert_snapshot!(balanced("eip_allocations = [\"eipalloc-00000001\"]").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:4: `profiles.ops.nlb.eip_allocations`: the addresses belong to subnets, and there is no `nlb.subnets`
          hint: set `nlb.subnets`, for each address the subnet at the same position
        ");
    insta::assert_snapshot!(
        balanced("subnets = [\"subnet-0a1b2c3d\", \"subnet-00000001\"]\neip_allocations = [\"eipalloc-00000001\"]").told(),
        @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.ops.nlb.eip_allocations`: the number of addresses is 1, that of `nlb.subnets` 2
          hint: name for each subnet the address at the same position
        "
    );
    let text = "[defaults.nlb]\neip_allocations = [\"eipalloc-00000001\", \"eipalloc-00000002\"]\n\
                [profiles.ops]\ndomain = \"meet.example.org\"\nnlb.subnets = [\"subnet-0a1b2c3d\"]\n";
    insta::assert_snapshot!(Scene::toml(text).told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:2: `defaults.nlb.eip_allocations`: the number of addresses is 2, that of `nlb.subnets` 1
          hint: name for each subnet the address at the same position
        ");
}

#[test]
fn every_wrong_elastic_address_is_told_with_its_line() {
    let scene = balanced(
        r#"subnets = ["subnet-0a1b2c3d"]
eip_allocations = [
  "eipalloc-00000001",
  "192.0.2.1",
  "eipalloc-00000001",
]"#,
    );
    insta::assert_snapshot!(scene.told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `profiles.ops.nlb.eip_allocations`: expected the allocation id of an elastic address such as `eipalloc-0123456789abcdef0`, found `192.0.2.1`
          hint: `aws ec2 describe-addresses --public-ips 192.0.2.1` shows its allocation id
        /repos/jitsi-video-hosting-ops/jitsi.toml:8: `profiles.ops.nlb.eip_allocations`: `eipalloc-00000001` is listed twice
        ");
    insta::assert_snapshot!(balanced("eip_allocations = \"eipalloc-00000001\"").told(), @r#"
        /repos/jitsi-video-hosting-ops/jitsi.toml:4: `profiles.ops.nlb.eip_allocations`: expected a list of texts in quotes, found the text `eipalloc-00000001`
          hint: write `eip_allocations = ["eipalloc-00000001"]`
        "#);
}

#[test]
fn the_load_balancer_s_addresses_are_offered_with_the_port_of_one_udp_listener() {
    let with = |listeners: &str| balanced(&format!("advertise = \"nlb\"\nlisteners = [{listeners}]"));
    for one in ["\"udp:10000\", \"tcp:4443\"", "\"tcp_udp:443->10000\""] {
        assert_eq!(with(one).platform().nlb.advertise, Advertise::Nlb, "{one}");
    }
    insta::assert_snapshot!(with("\"tcp:4443\"").told(), @r#"
        /repos/jitsi-video-hosting-ops/jitsi.toml:4: `profiles.ops.nlb.advertise`: `nlb` needs a listener for media, and none speaks UDP
          hint: add `"udp:10000"` to `nlb.listeners`, or set `nlb.advertise = "off"`
        "#);
    insta::assert_snapshot!(with("\"udp:10000\", \"tcp_udp:3478\", \"tcp:4443\"").told(), @r#"
        /repos/jitsi-video-hosting-ops/jitsi.toml:4: `profiles.ops.nlb.advertise`: `nlb` needs one listener for media, but UDP is spoken by `udp:10000`, `tcp_udp:3478`
          hint: leave one of them in `nlb.listeners`, or set `nlb.advertise = "off"`
        "#);
    assert!(
        balanced("listeners = [\"tcp:4443\"]").load().is_ok(),
        "the bridge offers its own address"
    );
}

#[test]
fn two_profiles_with_the_same_elastic_address_are_refused() {
    let with = |a: &str, b: &str| {
        let profile = |name: &str, account: &str, address: &str| {
            format!(
                "[profiles.{name}]\ndomain = \"{name}.example.org\"\naccount_id = \"{account}\"\n\
                 nlb.subnets = [\"subnet-0a1b2c3d\", \"subnet-00000001\"]\nnlb.eip_allocations = [{address}]\n"
            )
        };
        let text = profile("a", "111111111111", a) + &profile("b", "222222222222", b);
        Scene::toml(&text).profile("a")
    };
    let (first, second) = (
        "\"eipalloc-00000001\", \"eipalloc-00000002\"",
        "\"eipalloc-00000003\", \"eipalloc-00000004\"",
    );
    assert!(with(first, second).load().is_ok());
    insta::assert_snapshot!(with(first, "\"eipalloc-00000003\", \"eipalloc-00000001\"").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:6: `profiles.b`: profiles `a` and `b` would both use elastic address `eipalloc-00000001`
          hint: give `b` elastic addresses of its own
        ");
    insta::assert_snapshot!(with(first, first).told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:6: `profiles.b`: profiles `a` and `b` would both use elastic address `eipalloc-00000001` and elastic address `eipalloc-00000002`
          hint: give `b` elastic addresses of its own
        ");
}
