//! Route 53: changes of records, what is refused, and strangers who come in between.

use aws_sandbox::{Fault, RecordSet, When};
use aws_sdk_route53::types::ChangeAction::{Create, Delete, Upsert};
use aws_sdk_route53::types::{ChangeStatus, ResourceRecordSet, RrType};

use crate::dns::{BALANCERS, Changed, ZONE, alias, change, dns, dns_as, listed, problem, record};
use crate::stage::{code, refusal, seconds, stage};

#[tokio::test(start_paused = true)]
async fn an_alias_leads_to_a_load_balancer_that_exists_by_the_zone_of_its_region() {
    let stage = stage();
    let client = dns(&stage);
    let balancer = stage.load_balancer("jvb").await;
    let name = balancer.dns_name.unwrap();
    assert_eq!(balancer.canonical_hosted_zone_id.as_deref(), Some(BALANCERS));
    let ours = alias("Meet.sandbox.example", BALANCERS, &name);
    let accepted = change(&client, &[(Create, &ours)]).await.unwrap().change_info.unwrap();
    assert!(accepted.id.starts_with("/change/C") && accepted.status == ChangeStatus::Pending);
    let list = client
        .list_resource_record_sets()
        .hosted_zone_id(ZONE)
        .start_record_name("meet.sandbox.example");
    let found = list.start_record_type(RrType::A).max_items(1).send().await.unwrap();
    let found = &found.resource_record_sets()[0];
    let target = found.alias_target().unwrap();
    assert_eq!((found.name(), found.ttl()), ("meet.sandbox.example.", None));
    assert_eq!(
        (target.hosted_zone_id(), target.dns_name()),
        (BALANCERS, format!("{name}.").as_str())
    );

    let wrong_zone = alias("a.sandbox.example", "Z26RNL4JYFTOTI", &name);
    let tried = |target: &str, zone: &str, what: &str| {
        format!("Tried to create an alias that targets {target}., type A in zone {zone}, but {what}")
    };
    let outside = "the alias target name does not lie within the target zone";
    let both = [
        tried(&name, "Z26RNL4JYFTOTI", outside),
        tried(&name, "Z26RNL4JYFTOTI", "that target was not found"),
    ];
    assert_eq!(
        refusal(change(&client, &[(Create, &wrong_zone)]).await),
        problem(&both.join(", "))
    );
    let gone = "gone-0123.elb.us-west-2.amazonaws.com";
    let absent = change(&client, &[(Upsert, &alias("a.sandbox.example", BALANCERS, gone))]).await;
    assert_eq!(
        refusal(absent),
        problem(&tried(gone, BALANCERS, "that target was not found"))
    );

    let arn = balancer.load_balancer_arn.unwrap();
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(arn)
        .send()
        .await
        .unwrap();
    let meet = ("meet.sandbox.example.".to_owned(), "A".to_owned());
    assert!(listed(&client).await.contains(&meet), "Route 53 does not clean up");
    let exact = alias("meet.sandbox.example.", BALANCERS, &format!("{name}."));
    change(&client, &[(Delete, &exact)]).await.unwrap();
    assert!(!listed(&client).await.contains(&meet));
}

#[tokio::test(start_paused = true)]
async fn a_change_is_pending_until_all_name_servers_have_it() {
    let stage = stage();
    let client = dns(&stage);
    let set = record("a.sandbox.example", RrType::A, &["192.0.2.1"]);
    let info = change(&client, &[(Create, &set)]).await.unwrap().change_info.unwrap();
    let status = async || {
        let asked = client.get_change().id(&info.id).send().await.unwrap();
        asked.change_info.unwrap().status
    };
    assert_eq!(status().await, ChangeStatus::Pending);
    seconds(28).await;
    assert_eq!(status().await, ChangeStatus::Pending);
    seconds(3).await;
    assert_eq!(status().await, ChangeStatus::Insync);
    let unknown = client.get_change().id("C0").send().await;
    assert_eq!(refusal(unknown).0, 404);
    let another = dns_as(&stage, "210987654321").get_change().id(&info.id).send().await;
    assert_eq!(code(another), "NoSuchChange");
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_carried_out_as_a_whole_or_not_at_all() {
    let stage = stage();
    let client = dns(&stage);
    let first = record("a.sandbox.example", RrType::A, &["192.0.2.1", "192.0.2.2"]);
    let second = record("a.sandbox.example", RrType::A, &["192.0.2.3"]);
    change(&client, &[(Create, &first)]).await.unwrap();
    let before = stage.sandbox.world(|world| world.records(ZONE)).unwrap();
    let exists = "Tried to create resource record set [name='a.sandbox.example.', type='A'] but it already exists";
    let absent = "Tried to delete resource record set [name='b.sandbox.example.', type='A'] but it was not found";
    let other = record("b.sandbox.example", RrType::A, &["192.0.2.9"]);
    let fresh = record("c.sandbox.example", RrType::A, &["192.0.2.9"]);
    let refused = change(&client, &[(Create, &fresh), (Create, &second), (Delete, &other)]).await;
    assert_eq!(refusal(refused), problem(&format!("{exists}, {absent}")));
    assert_eq!(stage.sandbox.world(|world| world.records(ZONE)).unwrap(), before);
    let turned = record("A.sandbox.example.", RrType::A, &["192.0.2.2", "192.0.2.1"]);
    change(&client, &[(Delete, &turned), (Create, &second)]).await.unwrap();
    let after = stage.sandbox.world(|world| world.records(ZONE)).unwrap();
    assert_eq!(after.iter().find(|it| it.kind == "A").unwrap().values, ["192.0.2.3"]);
    let twice = change(&client, &[(Delete, &second), (Delete, &second)]).await;
    assert_eq!(code(twice), "InvalidChangeBatch");
    change(&client, &[(Upsert, &first), (Upsert, &second)]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn only_exactly_what_is_there_is_deleted() {
    let stage = stage();
    let client = dns(&stage);
    let set = record("a.sandbox.example", RrType::A, &["192.0.2.1"]);
    change(&client, &[(Create, &set)]).await.unwrap();
    let differs = "Tried to delete resource record set [name='a.sandbox.example.', type='A'] but the values provided do \
                   not match the current values";
    let mut longer = set.clone();
    longer.ttl = Some(61);
    let others = [
        longer,
        record("a.sandbox.example", RrType::A, &["192.0.2.1", "192.0.2.2"]),
        record("a.sandbox.example", RrType::A, &["192.0.2.2"]),
        alias("a.sandbox.example", BALANCERS, "x-1.elb.us-west-2.amazonaws.com"),
    ];
    for other in &others {
        assert_eq!(refusal(change(&client, &[(Delete, other)]).await), problem(differs));
    }
    let list = client
        .list_resource_record_sets()
        .hosted_zone_id(ZONE)
        .send()
        .await
        .unwrap();
    let told = |change: Changed| refusal(change).2;
    let servers = list.resource_record_sets()[..2].to_vec();
    for (set, what) in servers.iter().zip(["at least one NS record", "exactly one SOA record"]) {
        let refused = told(change(&client, &[(Delete, set)]).await);
        assert!(refused.contains(what), "{refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_stand_in_a_zone_is_refused_in_awss_words() {
    let stage = stage();
    let client = dns(&stage);
    let a = record("a.sandbox.example", RrType::A, &["192.0.2.1"]);
    let cname = record("c.sandbox.example", RrType::Cname, &["a.sandbox.example"]);
    change(&client, &[(Create, &a), (Create, &cname)]).await.unwrap();
    for (set, told) in [
        (
            record("a.sandbox.example", RrType::Cname, &["b.example"]),
            "RRSet of type CNAME with DNS name a.sandbox.example. is not permitted as it conflicts with other records with the same DNS name in zone sandbox.example.",
        ),
        (
            record("c.sandbox.example", RrType::Txt, &["\"x\""]),
            "RRSet of type TXT with DNS name c.sandbox.example. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone sandbox.example.",
        ),
        (
            record("sandbox.example", RrType::Cname, &["b.example"]),
            "RRSet of type CNAME with DNS name sandbox.example. is not permitted at apex in zone sandbox.example.",
        ),
        (
            record("meet.example.org", RrType::A, &["192.0.2.1"]),
            "RRSet with DNS name meet.example.org. is not permitted in zone sandbox.example.",
        ),
        (
            record("notsandbox.example", RrType::A, &["192.0.2.1"]),
            "RRSet with DNS name notsandbox.example. is not permitted in zone sandbox.example.",
        ),
        (
            record("x..sandbox.example", RrType::A, &["192.0.2.1"]),
            "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'x..sandbox.example'",
        ),
        (
            record("x.sandbox.example", RrType::A, &["here"]),
            "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'here''",
        ),
    ] {
        assert_eq!(refusal(change(&client, &[(Upsert, &set)]).await), problem(told));
    }
    let mut policy = record("a.sandbox.example", RrType::A, &["192.0.2.1"]);
    policy.set_identifier = Some("one".to_owned());
    assert_eq!(code(change(&client, &[(Create, &policy)]).await), "InvalidInput");
    policy.weight = Some(1);
    let beside = refusal(change(&client, &[(Create, &policy)]).await).2;
    assert!(
        beside.contains("cannot be created as other RRSets exist with the same name and type."),
        "{beside}"
    );
    let mut both = alias("b.sandbox.example", BALANCERS, "x-1.elb.us-west-2.amazonaws.com");
    both.ttl = Some(60);
    let (_, code, told) = refusal(change(&client, &[(Create, &both)]).await);
    assert_eq!(code, "InvalidInput");
    assert!(
        told.contains("but found more than one in Change with [Action=CREATE, Name=b.sandbox.example, Type=A,"),
        "{told}"
    );
    let many: Vec<ResourceRecordSet> = (0..501)
        .map(|index| record(&format!("n{index}.sandbox.example"), RrType::A, &["192.0.2.1"]))
        .collect();
    let upserts: Vec<_> = many.iter().map(|set| (Upsert, set)).collect();
    assert_eq!(
        refusal(change(&client, &upserts).await).2,
        "Number of records limit of 1000 exceeded."
    );
    let creates: Vec<_> = many.iter().map(|set| (Create, set)).collect();
    change(&client, &creates).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_stranger_writes_between_a_read_and_a_change() {
    let stage = stage();
    let client = dns(&stage);
    let theirs = RecordSet::values("meet.sandbox.example", "A", 300, &["192.0.2.77"]);
    stage.sandbox.inject(
        Fault::on("ListResourceRecordSets")
            .nth(1)
            .stranger_puts(When::After, ZONE, theirs.clone()),
    );
    assert_eq!(
        listed(&client).await.len(),
        2,
        "the read still shows the zone as it was"
    );
    let ours = record("meet.sandbox.example", RrType::A, &["192.0.2.1"]);
    assert_eq!(code(change(&client, &[(Create, &ours)]).await), "InvalidChangeBatch");
    assert!(
        stage
            .sandbox
            .world(|world| world.records(ZONE))
            .unwrap()
            .contains(&theirs)
    );
    let removes = Fault::on("ChangeResourceRecordSets").nth(1);
    stage
        .sandbox
        .inject(removes.stranger_removes(When::Before, ZONE, "meet.sandbox.example", "A"));
    change(&client, &[(Create, &ours)]).await.unwrap();
    let told: Vec<Option<String>> = stage.sandbox.calls().into_iter().map(|call| call.fault).collect();
    assert_eq!(
        told.iter().flatten().collect::<Vec<_>>(),
        ["a stranger came after", "a stranger came before"]
    );
    assert_eq!(stage.sandbox.calls()[0].resource, ZONE);
    stage.sandbox.world(|world| {
        assert!(world.put_record("Z404", theirs.clone()).is_err() && world.records("Z404").is_err());
        assert_eq!(world.remove_record(ZONE, "meet.sandbox.example", "AAAA"), Ok(false));
    });
}

#[tokio::test(start_paused = true)]
async fn a_listing_is_never_behind_unless_a_fault_makes_it() {
    let stage = stage();
    stage.sandbox.world(|world| world.stale_reads(1.0));
    let client = dns(&stage);
    let set = record("a.sandbox.example", RrType::A, &["192.0.2.1"]);
    change(&client, &[(Create, &set)]).await.unwrap();
    assert_eq!(listed(&client).await.len(), 3);
    let stale = Fault::on("ListResourceRecordSets").nth(1);
    stage.sandbox.inject(stale.stale(std::time::Duration::from_secs(10)));
    assert_eq!(listed(&client).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_has_changed_which_record_is_on_record() {
    let stage = stage();
    let client = dns(&stage);
    let ours = record("meet.sandbox.example", RrType::A, &["192.0.2.1"]);
    change(&client, &[(Create, &ours)]).await.unwrap();
    let theirs = RecordSet::values("meet.sandbox.example", "A", 60, &["192.0.2.77"]);
    let put = || {
        stage
            .sandbox
            .world(|world| world.put_record(ZONE, theirs.clone()).unwrap())
    };
    put();
    // What is as it was before is no change, and what is refused is none either.
    put();
    assert_eq!(code(change(&client, &[(Delete, &ours)]).await), "InvalidChangeBatch");
    seconds(10).await;
    change(
        &client,
        &[(Delete, &record("meet.sandbox.example", RrType::A, &["192.0.2.77"]))],
    )
    .await
    .unwrap();
    let changes = stage.sandbox.world(|world| world.record_changes(ZONE)).unwrap();
    let calls = stage.sandbox.calls();
    let values = |record: &Option<RecordSet>| record.as_ref().map(|it| it.values.join(" "));
    let told: Vec<_> = changes
        .iter()
        .map(|it| (values(&it.before), values(&it.after)))
        .collect();
    let (first, second) = (Some("192.0.2.1".to_owned()), Some("192.0.2.77".to_owned()));
    assert_eq!(told, [(None, first.clone()), (first, second.clone()), (second, None)]);
    let key = Some(calls[0].access_key.clone());
    let by: Vec<_> = changes.iter().map(|it| (it.by.clone(), it.call)).collect();
    assert_eq!(by, [(key.clone(), Some(1)), (None, None), (key, Some(3))]);
    assert!(changes[2].at > calls[2].at && changes[1].at < changes[2].at);
    assert!(stage.sandbox.world(|world| world.record_changes("Z404").is_err()));
}
