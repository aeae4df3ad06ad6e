//! Route 53: hosted zones, as the SDK sees them.

use aws_sandbox::PlatformSpec;
use aws_sdk_route53::Client;
use aws_sdk_route53::types::ChangeAction::{Create, Delete, Upsert};
use aws_sdk_route53::types::{HostedZoneConfig, ResourceRecordSet, RrType};

use crate::dns::{ZONE, batch, change, dns, dns_as, listed, record};
use crate::stage::{code, config, refusal, seconds, stage};

#[tokio::test(start_paused = true)]
async fn a_fresh_zone_has_name_servers_and_a_start_of_authority() {
    let stage = stage();
    let client = dns(&stage);
    let create = client.create_hosted_zone().name("Example.ORG").caller_reference("one");
    let config = HostedZoneConfig::builder().comment("ours").build();
    let made = create.hosted_zone_config(config).send().await.unwrap();
    let (zone, servers) = (made.hosted_zone.unwrap(), made.delegation_set.unwrap().name_servers);
    assert!(zone.id.starts_with("/hostedzone/Z") && made.location.ends_with(zone.id()));
    assert_eq!((zone.name.as_str(), servers.len()), ("example.org.", 4));
    assert_eq!(zone.config.unwrap().comment.as_deref(), Some("ours"));
    let found = client.get_hosted_zone().id(&zone.id).send().await.unwrap();
    assert_eq!(found.hosted_zone.unwrap().resource_record_set_count, Some(2));
    let list = client.list_resource_record_sets().hosted_zone_id(&zone.id).send();
    let sets = list.await.unwrap().resource_record_sets;
    let [name_servers, authority] = &sets[..] else {
        panic!("{sets:?}")
    };
    assert_eq!(name_servers.resource_records().len(), 4);
    assert!(
        authority.resource_records()[0]
            .value()
            .contains(" awsdns-hostmaster.amazon.com. 1 7200 900 ")
    );
    seconds(1).await;
    let again = client
        .create_hosted_zone()
        .name("other.org")
        .caller_reference("one")
        .send();
    assert_eq!(refusal(again.await).0, 409);
    let nameless = client.create_hosted_zone().name("a..b").caller_reference("two").send();
    assert_eq!(code(nameless.await), "InvalidDomainName");
}

#[tokio::test(start_paused = true)]
async fn zones_are_listed_by_id_and_by_name_in_pages() {
    let stage = stage();
    let client = dns(&stage);
    for name in ["b.example", "a.example", "z.a.example"] {
        seconds(1).await;
        client
            .create_hosted_zone()
            .name(name)
            .caller_reference(name)
            .send()
            .await
            .unwrap();
    }
    seconds(1).await;
    let (mut marker, mut ids) = (None, Vec::new());
    loop {
        let page = client
            .list_hosted_zones()
            .max_items(3)
            .set_marker(marker)
            .send()
            .await
            .unwrap();
        ids.extend(page.hosted_zones.into_iter().map(|zone| zone.id));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(ids.len(), 4);
    assert!(ids.is_sorted() && ids.contains(&format!("/hostedzone/{ZONE}")));
    let page = client
        .list_hosted_zones_by_name()
        .dns_name("A.example.")
        .max_items(2)
        .send()
        .await
        .unwrap();
    let names: Vec<&str> = page.hosted_zones.iter().map(|zone| zone.name()).collect();
    assert_eq!(names, ["a.example.", "z.a.example."]);
    assert_eq!(
        (page.is_truncated, page.next_dns_name.as_deref()),
        (true, Some("b.example."))
    );
    let strange = client.list_hosted_zones().marker("nowhere").send().await;
    assert_eq!(code(strange), "InvalidInput");
}

#[tokio::test(start_paused = true)]
async fn records_are_listed_from_right_to_left_and_in_pages() {
    let stage = stage();
    let client = dns(&stage);
    let names = [
        "*.sandbox.example",
        "B.sandbox.example",
        "x.b.sandbox.example",
        "-.sandbox.example",
    ];
    let sets = names.map(|name| record(name, RrType::A, &["192.0.2.1"]));
    let mut weighted = record("b.sandbox.example", RrType::Txt, &["\"<a> & 'b'\""]);
    weighted.set_identifier = Some("two".to_owned());
    weighted.weight = Some(7);
    let mut other = weighted.clone();
    other.set_identifier = Some("one".to_owned());
    let mut changes: Vec<_> = sets.iter().map(|set| (Create, set)).collect();
    changes.extend([(Create, &weighted), (Create, &other)]);
    change(&client, &changes).await.unwrap();
    let (mut start, mut seen) = ((None, None, None), Vec::new());
    loop {
        seconds(1).await;
        let list = client.list_resource_record_sets().hosted_zone_id(ZONE).max_items(3);
        let list = list.set_start_record_name(start.0).set_start_record_type(start.1);
        let page = list.set_start_record_identifier(start.2).send().await.unwrap();
        assert!(page.resource_record_sets.len() <= 3 && page.max_items == 3);
        seen.extend(page.resource_record_sets);
        if !page.is_truncated {
            break;
        }
        start = (
            page.next_record_name,
            page.next_record_type,
            page.next_record_identifier,
        );
    }
    let told = |set: &ResourceRecordSet| {
        let identifier = set.set_identifier().unwrap_or_default();
        format!("{} {} {identifier}", set.name(), set.r#type().as_str())
    };
    assert_eq!(
        seen.iter().map(told).collect::<Vec<_>>(),
        [
            "sandbox.example. NS ",
            "sandbox.example. SOA ",
            "-.sandbox.example. A ",
            "\\052.sandbox.example. A ",
            "b.sandbox.example. A ",
            "b.sandbox.example. TXT one",
            "b.sandbox.example. TXT two",
            "x.b.sandbox.example. A ",
        ]
    );
    assert_eq!(seen[6].resource_records()[0].value(), "\"<a> & 'b'\"");
    assert_eq!(seen[6].weight(), Some(7));
    let typed = client
        .list_resource_record_sets()
        .hosted_zone_id(ZONE)
        .start_record_type(RrType::A);
    assert_eq!(code(typed.send().await), "InvalidInput");
}

#[tokio::test(start_paused = true)]
async fn another_accounts_zone_is_forbidden_and_one_that_does_not_exist_not_found() {
    let stage = stage();
    let stranger = dns_as(&stage, "210987654321");
    let list = stranger.list_resource_record_sets().hosted_zone_id(ZONE).send().await;
    let (status, code, told) = refusal(list);
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(told.ends_with("is not authorized to access this resource"), "{told}");
    let nowhere = stranger.get_hosted_zone().id("Z404").send().await;
    let message = "No hosted zone found with ID: Z404".to_owned();
    assert_eq!(refusal(nowhere), (404, "NoSuchHostedZone".to_owned(), message));
    assert!(
        stranger
            .list_hosted_zones()
            .send()
            .await
            .unwrap()
            .hosted_zones
            .is_empty()
    );
    stage
        .sandbox
        .world(|world| world.add_hosted_zone("210987654321", "Z1", "else.example"));
    let theirs = stranger.get_hosted_zone().id("Z1").send().await.unwrap();
    assert_eq!(theirs.hosted_zone.unwrap().name, "else.example.");
}

#[tokio::test(start_paused = true)]
async fn five_calls_a_second_are_let_through_and_one_batch_at_a_time() {
    let stage = stage();
    stage.sandbox.world(|world| {
        for operation in ["GetHostedZone", "ChangeResourceRecordSets"] {
            world.set_latency(operation, 0);
        }
    });
    let client = dns(&stage);
    for _ in 0..5 {
        client.get_hosted_zone().id(ZONE).send().await.unwrap();
    }
    let sixth = client.get_hosted_zone().id(ZONE).send().await;
    assert_eq!(
        refusal(sixth),
        (400, "Throttling".to_owned(), "Rate exceeded".to_owned())
    );
    let elsewhere = Client::new(&config(&stage.sandbox, &stage.spec.account, "eu-west-1"));
    let same_bucket = elsewhere.get_hosted_zone().id(ZONE).send().await;
    assert_eq!(code(same_bucket), "Throttling", "there is one Route 53 for all regions");
    let set = record("a.sandbox.example", RrType::A, &["192.0.2.1"]);
    change(&client, &[(Create, &set)]).await.unwrap();
    let at_once = client.change_resource_record_sets().hosted_zone_id(ZONE);
    let (status, code, told) = refusal(at_once.change_batch(batch(&[(Delete, &set)])).send().await);
    assert_eq!((status, code.as_str()), (400, "PriorRequestNotComplete"));
    assert!(told.contains("still processing a prior request"), "{told}");
    change(&client, &[(Delete, &set)]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_policy_can_be_narrowed_to_one_name_and_type() {
    let stage = stage();
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"route53:ListResourceRecordSets","Resource":"arn:aws:route53:::hostedzone/Z0SANDBOX"},
        {"Effect":"Allow","Action":"route53:GetChange","Resource":"arn:aws:route53:::change/*"},
        {"Effect":"Allow","Action":"route53:ChangeResourceRecordSets","Resource":"arn:aws:route53:::hostedzone/Z0SANDBOX",
         "Condition":{"ForAllValues:StringEquals":{
            "route53:ChangeResourceRecordSetsNormalizedRecordNames":["meet.sandbox.example"],
            "route53:ChangeResourceRecordSetsRecordTypes":["A"],
            "route53:ChangeResourceRecordSetsActions":["CREATE","DELETE"]}}}]}"#;
    stage
        .sandbox
        .world(|world| world.attach_policy("AKIADNS", policy))
        .unwrap();
    let client = dns_as(&stage, "AKIADNS");
    let meet = record("Meet.Sandbox.example.", RrType::A, &["192.0.2.1"]);
    let info = change(&client, &[(Create, &meet)]).await.unwrap().change_info.unwrap();
    client.get_change().id(info.id).send().await.unwrap();
    assert_eq!(listed(&client).await.len(), 3);
    let other = record("other.sandbox.example", RrType::A, &["192.0.2.1"]);
    let text = record("meet.sandbox.example", RrType::Txt, &["\"x\""]);
    for refused in [[(Create, &other)], [(Create, &text)], [(Upsert, &meet)]] {
        let (status, code, told) = refusal(change(&client, &refused).await);
        assert_eq!((status, code.as_str()), (403, "AccessDenied"));
        assert!(told.contains("route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone/Z0SANDBOX"));
    }
    assert_eq!(code(client.list_hosted_zones().send().await), "AccessDenied");
    change(&client, &[(Delete, &meet)]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_platforms_zone_is_there_before_and_after_and_costs_nothing_more() {
    let stage = stage();
    let spec = PlatformSpec::default().hosted_zone.unwrap();
    assert_eq!((spec.id.as_str(), spec.name.as_str()), (ZONE, "sandbox.example"));
    let kinds: Vec<String> = listed(&dns(&stage)).await.into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, ["NS", "SOA"]);
    assert!(stage.sandbox.bill().still_billing().is_empty());
}
