//! The addresses that the bridge offers: with `nlb.advertise = "nlb"` those of the load balancer, in a revision of the
//! task definition that is made and taken up only while nothing runs.

mod by_name;
mod elastic;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use aws_sandbox::{Fault, When};
use bytes::Bytes;
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_up::Outcome;
use jitsi_ops::state::State;
use serde_json::{Value, json};

use elastic::with_elastic_addresses;

use crate::stage::{ACCOUNT, Stage, assert_outcome, told};

/// What somebody changes in the container of the bridge.
type Change = fn(&mut Value);

const REGISTER: &str = "RegisterTaskDefinition";

pub(crate) fn through_the_load_balancer() -> Stage {
    Stage::configured("nlb.advertise = \"nlb\"")
}

/// An answer of ECS as it stands on the wire.
async fn ecs(stage: &Stage, operation: &str, input: &Value) -> Value {
    let signature = format!("Credential={ACCOUNT}/20260115/us-west-2/ecs/aws4_request");
    let request = http::Request::post("http://aws.example/")
        .header("authorization", signature)
        .header(
            "x-amz-target",
            format!("AmazonEC2ContainerServiceV20141113.{operation}"),
        )
        .body(Bytes::from(input.to_string()));
    let answer = stage.sandbox.handle(request.unwrap()).await.unwrap();
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(answer.status(), 200, "{body}");
    body
}

async fn definition(stage: &Stage, name: &str) -> Value {
    let answer = ecs(
        stage,
        "DescribeTaskDefinition",
        &json!({ "taskDefinition": name, "include": ["TAGS"] }),
    )
    .await;
    let mut definition = answer["taskDefinition"].clone();
    definition["tags"] = answer["tags"].clone();
    definition
}

fn names(stage: &Stage) -> Value {
    json!({ "cluster": stage.wanted.cluster, "services": [stage.wanted.service], "service": stage.wanted.service })
}

/// The definition of the task that runs, not only that of the service.
async fn definition_of_the_running_task(stage: &Stage) -> Value {
    let mut input = json!({ "cluster": stage.wanted.cluster });
    let listed = ecs(stage, "ListTasks", &input).await;
    input["tasks"] = listed["taskArns"].clone();
    let tasks = ecs(stage, "DescribeTasks", &input).await;
    assert_eq!(tasks["tasks"].as_array().map(Vec::len), Some(1), "{tasks}");
    definition(stage, tasks["tasks"][0]["taskDefinitionArn"].as_str().unwrap()).await
}

/// The plain variables of the bridge.
fn environment(definition: &Value) -> BTreeMap<String, String> {
    let containers = definition["containerDefinitions"].as_array().unwrap();
    let bridge = containers.iter().find(|container| container["name"] == "jvb").unwrap();
    let pairs = bridge["environment"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    pairs.map(|pair| (text(&pair["name"]), text(&pair["value"]))).collect()
}

/// What a bridge is told that advertises just these.
fn advertises(addresses: &str) -> BTreeMap<String, String> {
    [
        ("JVB_ADVERTISE_IPS", addresses),
        ("JVB_ADVERTISE_PRIVATE_CANDIDATES", "false"),
        ("JVB_DISABLE_STUN", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// The addresses of the only load balancer, by its name.
async fn addresses_of_the_load_balancer(stage: &Stage) -> String {
    let elb = aws_sdk_elasticloadbalancingv2::Client::new(&stage.sdk(ACCOUNT, &stage.wanted.region));
    let all = elb.describe_load_balancers().send().await.unwrap();
    let name = all.load_balancers()[0].dns_name().unwrap().to_owned();
    let mut found: Vec<IpAddr> = stage.sandbox.world(|world| world.resolve(&name));
    found.sort();
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 2, "one in each zone");
    found.join(",")
}

fn count(stage: &Stage, operation: &str) -> usize {
    stage.mutations().iter().filter(|done| *done == operation).count()
}

#[tokio::test(start_paused = true)]
async fn the_running_task_advertises_exactly_the_load_balancers_addresses_and_a_second_run_makes_no_revision() {
    let stage = through_the_load_balancer();
    let family = format!("{}-task", stage.spec.project);
    let before = definition(&stage, &family).await;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let addresses = addresses_of_the_load_balancer(&stage).await;
    let running = definition_of_the_running_task(&stage).await;
    assert_eq!(environment(&running), advertises(&addresses));
    assert_eq!((count(&stage, REGISTER), running["revision"].clone()), (1, json!(2)));
    // Nothing else is another than before.
    let mut rest = running.clone();
    for changed in ["revision", "taskDefinitionArn", "registeredAt"] {
        rest[changed] = before[changed].clone();
    }
    rest["containerDefinitions"][3]["environment"] = before["containerDefinitions"][3]["environment"].clone();
    assert_eq!(rest, before);

    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::AlreadyUp);
    assert_eq!(count(&stage, REGISTER), 1);

    // Other addresses, another revision.
    stage.down().await;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let others = addresses_of_the_load_balancer(&stage).await;
    assert_ne!(others, addresses);
    assert_eq!(
        environment(&definition_of_the_running_task(&stage).await),
        advertises(&others)
    );
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_uses_every_field_loses_none_of_them() {
    let stage = through_the_load_balancer();
    let every_field = include_str!("../../../../aws-sandbox/tests/stories/every_field.json");
    let given: Value = serde_json::from_str(every_field).unwrap();
    ecs(&stage, REGISTER, &given).await;
    let ssm = aws_sdk_ssm::Client::new(&stage.sdk(ACCOUNT, &stage.wanted.region));
    for name in ["/p/secret", "/p/token"] {
        let parameter = ssm.put_parameter().name(name).value("hush");
        let secure = aws_sdk_ssm::types::ParameterType::SecureString;
        parameter.r#type(secure).send().await.unwrap();
    }
    let mut update = names(&stage);
    update["taskDefinition"] = json!("everything");
    ecs(&stage, "UpdateService", &update).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let before = definition(&stage, "everything").await;
    stage.mark();

    let report = stage.up().await;
    assert_eq!(count(&stage, REGISTER), 1, "{:?}", report.problem);
    let mut after = definition(&stage, "everything").await;
    assert_eq!((&before["revision"], &after["revision"]), (&json!(1), &json!(2)));
    let addresses = addresses_of_the_load_balancer(&stage).await;
    assert_eq!(environment(&after), advertises(&addresses));
    for changed in ["revision", "taskDefinitionArn", "registeredAt"] {
        after[changed] = before[changed].clone();
    }
    after["containerDefinitions"][0]["environment"] = before["containerDefinitions"][0]["environment"].clone();
    assert_eq!(after, before);
    let service = ecs(&stage, "DescribeServices", &names(&stage)).await;
    let used = service["services"][0]["taskDefinition"].as_str().unwrap();
    assert!(used.ends_with("everything:2"), "{used}");
}

#[tokio::test(start_paused = true)]
async fn killed_around_the_new_revision_it_is_finished_by_running_it_again() {
    for (operation, when) in [
        (REGISTER, When::Before),
        (REGISTER, When::After),
        ("UpdateService", When::Before),
        ("UpdateService", When::After),
    ] {
        let whole = through_the_load_balancer();
        whole.up().await;
        let calls = whole.sandbox.calls();
        let number = calls.iter().position(|call| call.operation == operation).unwrap() + 1;

        let stage = through_the_load_balancer();
        stage.sandbox.crash_at(number as u64, when);
        tokio::select! {
            report = stage.up() => panic!("{operation} was never made: {:?}", report.problem),
            () = stage.sandbox.crashed() => {}
        }
        let report = stage.up().await;
        assert_eq!(
            report.state,
            State::Active,
            "{operation} {when:?}: {:?}",
            report.problem
        );
        let addresses = addresses_of_the_load_balancer(&stage).await;
        let running = definition_of_the_running_task(&stage).await;
        assert_eq!(environment(&running), advertises(&addresses), "{operation} {when:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_makes_no_task_with_other_addresses() {
    for fault in [
        Fault::on(REGISTER).dropped_after(),
        Fault::on("UpdateService").dropped_after(),
    ] {
        let stage = through_the_load_balancer();
        stage.sandbox.inject(fault.times(8));
        let report = stage.up().await;
        assert_outcome(&stage, &report, Outcome::Up);
        let addresses = addresses_of_the_load_balancer(&stage).await;
        assert_eq!(
            environment(&definition_of_the_running_task(&stage).await),
            advertises(&addresses)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_runs_with_other_addresses_stays_all_else_is_repaired_and_it_is_told() {
    let stage = through_the_load_balancer();
    stage.up().await;
    stage.begin_meeting();
    let task = definition_of_the_running_task(&stage).await;
    // A new one has other addresses. People who were in a room are in it still, by the sentinel.
    stage.delete_load_balancer().await;
    let cut_off_by_hand = stage.cut_off().len();
    let report = stage.up().await;
    let (kind, text) = told(&report);
    assert_eq!(
        (kind, report.outcome),
        (ProblemKind::Refused, Outcome::Failed),
        "{text}"
    );
    assert!(
        text.contains("does not advertise the addresses of load balancer"),
        "{text}"
    );
    assert!(
        text.contains("`scale-down --profile ops`, then `scale-up --profile ops`"),
        "{text}"
    );
    assert_eq!(stage.network_parts().await, (1, 2, 2));
    assert_eq!(count(&stage, REGISTER), 0, "nothing was made while a task runs");
    assert_eq!(definition_of_the_running_task(&stage).await, task);
    assert_eq!(stage.cut_off().len(), cut_off_by_hand);
}

#[tokio::test(start_paused = true)]
async fn tasks_that_are_stopping_are_waited_for() {
    let stage = through_the_load_balancer();
    stage.up().await;
    stage.delete_load_balancer().await;
    stage.scale_by_hand(0).await;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Repaired);
    let addresses = addresses_of_the_load_balancer(&stage).await;
    assert_eq!(
        environment(&definition_of_the_running_task(&stage).await),
        advertises(&addresses)
    );
}

#[tokio::test(start_paused = true)]
async fn a_port_that_people_reach_elsewhere_is_advertised_with_the_address() {
    let stage = Stage::configured("nlb.advertise = \"nlb\"\nnlb.listeners = [\"udp:3478->10000\", \"tcp:443->8000\"]");
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let addresses = addresses_of_the_load_balancer(&stage).await.replace(',', "#3478,") + "#3478";
    assert_eq!(
        environment(&definition_of_the_running_task(&stage).await),
        advertises(&addresses)
    );
}

#[tokio::test(start_paused = true)]
async fn a_bridge_that_cannot_be_told_stops_before_anything_is_made() {
    let family = format!("{}-task", Stage::new().spec.project);
    let secret = |bridge: &mut Value| {
        let reference = bridge["secrets"][0]["valueFrom"].clone();
        bridge["secrets"] = json!([{ "name": "JVB_DISABLE_STUN", "valueFrom": reference }]);
    };
    let another = |bridge: &mut Value| {
        bridge["name"] = json!("media");
        bridge["image"] = json!("example.org/media:7");
    };
    let cases: [(Change, &str); 2] = [
        (secret, "JVB_DISABLE_STUN of container `jvb` comes from a secret store"),
        (another, "is a Jitsi Videobridge"),
    ];
    for (change, words) in cases {
        let stage = through_the_load_balancer();
        let mut next = definition(&stage, &family).await;
        change(&mut next["containerDefinitions"][3]);
        let known = [
            "family",
            "networkMode",
            "requiresCompatibilities",
            "cpu",
            "memory",
            "containerDefinitions",
        ];
        next.as_object_mut()
            .unwrap()
            .retain(|name, _| known.contains(&name.as_str()));
        ecs(&stage, REGISTER, &next).await;
        let mut update = names(&stage);
        update["taskDefinition"] = json!(family);
        ecs(&stage, "UpdateService", &update).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        stage.mark();
        let (kind, text) = told(&stage.up().await);
        assert_eq!(kind, ProblemKind::NotReady, "{text}");
        assert!(
            text.contains(words) && text.contains("nlb.advertise = \"off\""),
            "{text}"
        );
        assert_eq!(stage.changes(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_lists_the_revision_and_its_use() {
    for (stage, addresses) in [
        (through_the_load_balancer(), "JVB_ADVERTISE_IPS=(its addresses)"),
        (
            with_elastic_addresses(),
            "JVB_ADVERTISE_IPS=(address of eipalloc-0a0a0a0a),(address of eipalloc-0b0b0b0b)",
        ),
    ] {
        let report = stage.dry_run().await;
        assert_outcome(&stage, &report, Outcome::Planned);
        let planned: Vec<String> = report.planned.iter().map(ToString::to_string).collect();
        let position = |part: &str| planned.iter().position(|step| step.contains(part));
        let (made, used) = (position(addresses), position("desired count 1 of (new revision)"));
        assert!(made.is_some() && made < used, "{}", planned.join("\n"));
        assert_eq!(stage.mutations(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_run_puts_right_itself_is_no_finding() {
    let stage = through_the_load_balancer();
    stage.up().await;
    assert!(!stage.has_said("media-not-through-nlb"), "{}", stage.said().join("\n"));
    let stage = Stage::new();
    stage.up().await;
    assert!(stage.has_said("media-not-through-nlb"), "{}", stage.said().join("\n"));
}
