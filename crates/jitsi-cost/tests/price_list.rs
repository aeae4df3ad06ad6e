//! Offer files with decoys: each item is read at its own price, or at none.

use jitsi_cost::price_list::{ListError, Offer, Read, read, region_url};
use jitsi_cost::{Grade, Item, Sheet, Usd};
use serde_json::Value;

const REGION: &str = "us-west-2";
const SEEN: &str = "2026-11-27";
const REGION_INDEX: &[u8] = include_bytes!("price_list/region_index.json");

/// From how many units on what holds.
type Steps = &'static [(u32, &'static str)];

/// What each item costs in the files.
const EXPECTED: [(Item, &str, Steps); 15] = [
    (Item::FargateX86Vcpu, "0.04048", &[]),
    (Item::FargateX86Memory, "0.004445", &[]),
    (Item::FargateArmVcpu, "0.03238", &[]),
    (Item::FargateArmMemory, "0.00356", &[]),
    (Item::FargateStorage, "0.000111", &[]),
    (Item::NetworkLoadBalancer, "0.0225", &[]),
    (Item::LoadBalancerCapacity, "0.006", &[]),
    (Item::ApplicationLoadBalancer, "0.0235", &[]),
    (Item::PublicAddress, "0.005", &[]),
    (Item::LogIngestion, "0.5", &[]),
    (Item::LogStorage, "0.03", &[]),
    (
        Item::ObjectStorage,
        "0.023",
        &[(0, "0.023"), (51_200, "0.022"), (512_000, "0.021")],
    ),
    // The first 100 GB are another product; the steps are "beyond the global free tier".
    (
        Item::DataOut,
        "0.09",
        &[(100, "0.09"), (10_340, "0.085"), (51_300, "0.07"), (153_700, "0.05")],
    ),
    (Item::Secret, "0.4", &[]),
    (Item::HostedZone, "0.5", &[(0, "0.5"), (25, "0.1")]),
];

fn file(offer: Offer) -> Value {
    let text = match offer {
        Offer::Ecs => include_str!("price_list/ecs.json"),
        Offer::Elb => include_str!("price_list/elb.json"),
        Offer::Vpc => include_str!("price_list/vpc.json"),
        Offer::CloudWatch => include_str!("price_list/cloud_watch.json"),
        Offer::S3 => include_str!("price_list/s3.json"),
        Offer::DataTransfer => include_str!("price_list/data_transfer.json"),
        Offer::SecretsManager => include_str!("price_list/secrets_manager.json"),
        Offer::Route53 => include_str!("price_list/route53.json"),
    };
    serde_json::from_str(text).expect("a file of the tests is JSON")
}

fn try_read(offer: Offer, file: &Value) -> Result<Read, ListError> {
    read(offer, REGION, file.to_string().as_bytes(), SEEN)
}

/// The dimensions of the one term of a product.
fn dimensions<'a>(file: &'a mut Value, sku: &str) -> impl Iterator<Item = &'a mut Value> {
    let terms = file["terms"]["OnDemand"][sku]
        .as_object_mut()
        .expect("the SKU has terms");
    let dimensions = terms.values_mut().map(|term| term["priceDimensions"].as_object_mut());
    dimensions.flat_map(|some| some.expect("a term has dimensions").values_mut())
}

/// The same product and terms once more, under another SKU.
fn copy(file: &mut Value, sku: &str, new: &str) {
    file["products"][new] = file["products"][sku].clone();
    file["terms"]["OnDemand"][new] = file["terms"]["OnDemand"][sku].clone();
}

/// Why an item has no price in what was read.
fn reason(read: &Read, item: Item) -> &str {
    assert!(read.prices.iter().all(|(other, _)| *other != item), "{read:?}");
    let missing = read.missing.iter().find(|missing| missing.item == item);
    &missing.expect("the item is missing").reason
}

fn usd(text: &str) -> Usd {
    Usd::of(text.parse().expect("digits"))
}

#[test]
fn each_item_is_read_at_its_price() {
    let mut found = Vec::new();
    for offer in Offer::ALL {
        let read = try_read(offer, &file(offer)).unwrap();
        assert_eq!(read.missing, [], "{offer:?}");
        found.extend(read.prices);
    }
    assert_eq!(found.len(), EXPECTED.len());
    for ((item, price), (expected, amount, steps)) in found.iter().zip(EXPECTED) {
        assert_eq!(*item, expected);
        assert_eq!(price.usd, usd(amount), "{item}");
        let read: Vec<(u32, Usd)> = price.steps.iter().map(|step| (step.from, step.usd)).collect();
        let expected: Vec<(u32, Usd)> = steps.iter().map(|(from, text)| (*from, usd(text))).collect();
        assert_eq!(read, expected, "{item}");
        assert_eq!(price.source.grade, Grade::Published);
        assert_eq!(price.source.seen.as_deref(), Some(SEEN));
        assert!(
            price.source.note.starts_with("the price list, "),
            "{}",
            price.source.note
        );
    }
    let note = |item| {
        found
            .iter()
            .find(|(of, _)| *of == item)
            .map(|(_, p)| p.source.note.as_ref())
    };
    let usage = "the price list, USW2-LoadBalancerUsage";
    assert_eq!(note(Item::NetworkLoadBalancer), Some(usage));
    let after = "the price list, USW2-DataTransfer-Out-Bytes after 100 that are free";
    assert_eq!(note(Item::DataOut), Some(after));
}

#[test]
fn a_decoy_alone_is_no_price() {
    let mut tried = 0;
    for offer in Offer::ALL {
        let whole = file(offer);
        let skus: Vec<&String> = whole["products"].as_object().unwrap().keys().collect();
        for sku in skus.into_iter().filter(|sku| sku.starts_with("DECOY")) {
            let mut alone = whole.clone();
            alone["products"].as_object_mut().unwrap().retain(|name, _| name == sku);
            let read = try_read(offer, &alone).unwrap();
            let usage = &whole["products"][sku]["attributes"]["usagetype"];
            assert_eq!(read.prices, [], "{offer:?} {usage}");
            assert_eq!(read.missing.len(), offer.items().len());
            tried += 1;
        }
    }
    assert_eq!(tried, 34);
}

#[test]
fn what_is_free_at_first_is_no_price_of_all() {
    let mut data = file(Offer::DataTransfer);
    data["products"].as_object_mut().unwrap().remove("DATAOUT000000001");
    let read = try_read(Offer::DataTransfer, &data).unwrap();
    assert!(reason(&read, Item::DataOut).contains("no product"));

    // Without that product the steps are as they stand.
    let mut data = file(Offer::DataTransfer);
    data["products"].as_object_mut().unwrap().remove("DATAOUTFREE00001");
    let (_, price) = try_read(Offer::DataTransfer, &data).unwrap().prices.remove(0);
    let from: Vec<u32> = price.steps.iter().map(|step| step.from).collect();
    assert_eq!(from, [0, 10_240, 51_200, 153_600]);

    // Where the product has a free tier of its own, that one counts.
    let mut data = file(Offer::DataTransfer);
    for one in dimensions(&mut data, "DATAOUT000000001").filter(|one| one["beginRange"] == "0") {
        one["pricePerUnit"]["USD"] = "0.0000000000".into();
    }
    let (_, price) = try_read(Offer::DataTransfer, &data).unwrap().prices.remove(0);
    let steps: Vec<(u32, Usd)> = price.steps.iter().map(|step| (step.from, step.usd)).collect();
    let expected = [(10_240, usd("0.085")), (51_200, usd("0.07")), (153_600, usd("0.05"))];
    assert_eq!((price.usd, steps.as_slice()), (usd("0.085"), expected.as_slice()));

    let mut data = file(Offer::DataTransfer);
    for one in dimensions(&mut data, "DATAOUTFREE00001") {
        one["endRange"] = "Inf".into();
    }
    let read = try_read(Offer::DataTransfer, &data).unwrap();
    assert!(reason(&read, Item::DataOut).contains("`Global-DataTransfer-Out-Bytes`"));
}

#[test]
fn another_unit_is_no_price() {
    let mut elb = file(Offer::Elb);
    for one in dimensions(&mut elb, "NLBHOUR000000001") {
        one["unit"] = "Quantity".into();
    }
    let read = try_read(Offer::Elb, &elb).unwrap();
    assert_eq!(
        reason(&read, Item::NetworkLoadBalancer),
        "the price of `USW2-LoadBalancerUsage` is for `Quantity`, and must be for `Hrs` or `hours` or `Hours`"
    );
    assert_eq!(read.prices.len(), 2);

    // Of one of several tiers, too.
    let mut s3 = file(Offer::S3);
    for one in dimensions(&mut s3, "OBJECTSTORAGE001").take(1) {
        one["unit"] = "GB-Hrs".into();
    }
    let read = try_read(Offer::S3, &s3).unwrap();
    let said = "the price of `USW2-TimedStorage-ByteHrs` is for `GB-Hrs`, and must be for `GB-Mo`";
    assert_eq!(reason(&read, Item::ObjectStorage), said);
}

#[test]
fn of_two_prices_none_is_picked() {
    let mut vpc = file(Offer::Vpc);
    copy(&mut vpc, "PUBLICADDRESS001", "PUBLICADDRESS002");
    vpc["products"]["PUBLICADDRESS002"]["attributes"]["usagetype"] = "PublicIPv4:InUseAddress".into();
    let same = try_read(Offer::Vpc, &vpc).unwrap();
    assert_eq!(same.prices.len(), 1);

    for one in dimensions(&mut vpc, "PUBLICADDRESS002") {
        one["pricePerUnit"]["USD"] = "0.0060000000".into();
    }
    let read = try_read(Offer::Vpc, &vpc).unwrap();
    assert_eq!(
        reason(&read, Item::PublicAddress),
        "two products have different prices: `PublicIPv4:InUseAddress` (SKU PUBLICADDRESS002, $0.006) and \
         `USW2-PublicIPv4:InUseAddress` (SKU PUBLICADDRESS001, $0.005)"
    );

    // As little where only a later step differs.
    let mut s3 = file(Offer::S3);
    copy(&mut s3, "OBJECTSTORAGE001", "OBJECTSTORAGE002");
    for one in dimensions(&mut s3, "OBJECTSTORAGE002").filter(|one| one["endRange"] == "Inf") {
        one["pricePerUnit"]["USD"] = "0.0200000000".into();
    }
    let read = try_read(Offer::S3, &s3).unwrap();
    assert!(reason(&read, Item::ObjectStorage).contains("OBJECTSTORAGE002"));
}

#[test]
fn nothing_is_no_price() {
    let mut vpc = file(Offer::Vpc);
    for one in dimensions(&mut vpc, "PUBLICADDRESS001") {
        one["pricePerUnit"]["USD"] = "0.0000000000".into();
    }
    let read = try_read(Offer::Vpc, &vpc).unwrap();
    let said = "`USW2-PublicIPv4:InUseAddress` is at $0, which is no price of it";
    assert_eq!(reason(&read, Item::PublicAddress), said);

    let mut vpc = file(Offer::Vpc);
    vpc["terms"]["OnDemand"].as_object_mut().unwrap().clear();
    let read = try_read(Offer::Vpc, &vpc).unwrap();
    let said = "`AmazonVPC` has no product of it with a price in `us-west-2`";
    assert_eq!(reason(&read, Item::PublicAddress), said);
}

#[test]
fn a_file_that_is_none_says_why() {
    let why = |offer, text: &str| read(offer, REGION, text.as_bytes(), SEEN).unwrap_err().to_string();
    let text = file(Offer::Vpc).to_string();
    assert!(why(Offer::Vpc, &text[..text.len() / 2]).starts_with("the offer file is damaged: "));
    assert!(why(Offer::Vpc, "<html>").starts_with("the offer file is damaged: "));
    let other = "it is the offer file of `AmazonVPC`, and must be that of `AmazonECS`";
    assert_eq!(why(Offer::Ecs, &text), other);
    let index = std::str::from_utf8(REGION_INDEX).unwrap();
    assert!(why(Offer::Ecs, index).starts_with("it is no offer file of the price list: missing field `offerCode`"));
    let yuan = "the price of `USW2-PublicIPv4:InUseAddress` is not in USD; its currencies are `CNY`";
    assert_eq!(why(Offer::Vpc, &text.replace("\"USD\"", "\"CNY\"")), yuan);
}

#[test]
fn a_price_that_is_none_says_why() {
    let with = |field: &str, value: &str| {
        let mut s3 = file(Offer::S3);
        let mut tiers = dimensions(&mut s3, "OBJECTSTORAGE001");
        let tier = tiers.find(|one| one["beginRange"] == "51200").unwrap();
        match field {
            "USD" => tier["pricePerUnit"]["USD"] = value.into(),
            _ => tier[field] = value.into(),
        }
        drop(tiers);
        try_read(Offer::S3, &s3).unwrap_err().to_string()
    };
    for range in ["51200.5", "-1", "4294967296", "much"] {
        let said = with("beginRange", range);
        assert!(said.contains(&format!("has the range `{range}`")), "{said}");
    }
    assert!(with("endRange", "1e6").contains("has the range `1e6`"));
    for (field, value) in [("beginRange", "51201"), ("endRange", "Inf"), ("beginRange", "0")] {
        let said = with(field, value);
        assert!(
            said.ends_with("do not follow each other from 0 units to the end"),
            "{said}"
        );
    }
    for amount in ["-0.1", "", "free", "1e-3"] {
        let said = with("USD", amount);
        assert!(
            said.contains(&format!("`{amount}`, is not a number of dollars")),
            "{said}"
        );
    }
}

#[test]
fn an_index_leads_to_the_file_of_a_region() {
    let url = |region| region_url(REGION_INDEX, region).unwrap();
    let path = "/offers/v1.0/aws/AmazonECS/20261120120000/us-west-2/index.json";
    assert_eq!(url(REGION).as_deref(), Some(path));
    assert_eq!(url("eu-west-1"), None);
    assert_eq!(
        Offer::Ecs.region_index_path(),
        "/offers/v1.0/aws/AmazonECS/current/region_index.json"
    );
    let without: Vec<Offer> = Offer::ALL
        .into_iter()
        .filter(|offer| offer.path_without_region().is_some())
        .collect();
    assert_eq!(without, [Offer::Route53]);

    let elsewhere = br#"{"regions": {"us-west-2": {"currentVersionUrl": "https://example.com/"}}}"#;
    let said = region_url(elsewhere, REGION).unwrap_err().to_string();
    assert!(said.contains("no path that begins with `/`"), "{said}");
    let said = region_url(&REGION_INDEX[..100], REGION).unwrap_err().to_string();
    assert!(said.starts_with("the region index is damaged: "), "{said}");
    let said = region_url(b"{}", REGION).unwrap_err().to_string();
    assert!(said.starts_with("it is no region index of the price list: "), "{said}");
}

#[test]
fn regions_are_told_apart_by_what_the_product_says() {
    // A product of the region that has no prefix, as most of us-east-1's.
    let text = file(Offer::Elb)
        .to_string()
        .replace("us-west-2\"", "us-east-1\"")
        .replace("\"USW2-", "\"");
    let found = read(Offer::Elb, "us-east-1", text.as_bytes(), SEEN).unwrap();
    assert_eq!((found.prices.len(), found.missing.len()), (3, 0), "{:?}", found.missing);
    // The file of another region has none of this one.
    let found = read(Offer::Elb, REGION, text.as_bytes(), SEEN).unwrap();
    assert_eq!((found.prices.len(), found.missing.len()), (0, 3));
}

#[test]
fn what_was_read_survives_its_way_through_a_sheet() {
    let mut sheet = Sheet::new(SEEN);
    for offer in Offer::ALL {
        for (item, price) in try_read(offer, &file(offer)).unwrap().prices {
            sheet.set(REGION, item, price);
        }
    }
    assert_eq!(Sheet::from_json(sheet.to_json().as_bytes()).unwrap(), sheet);
}
