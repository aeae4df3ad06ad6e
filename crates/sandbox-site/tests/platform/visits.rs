//! Who is met, and when.

use std::time::Duration;

use aws_sandbox::{PlatformSpec, Sandbox, World};
use jitsi_probe::{ConnectCause, Fault, Page, Part, Report, ResolveError, Roots, TlsFailure, Trust, Visit};

use crate::stage::{DOMAIN, Listener, Stage, TLS, stage, stage_of};

/// Why each address did not take the connection.
fn causes(report: &Report) -> Vec<ConnectCause> {
    let failure = report.connection.failed().unwrap();
    failure.attempts.iter().map(|it| it.cause.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_is_up_is_met_as_the_front_of_a_jitsi() {
    let stage = stage();
    stage.up(TLS).await;
    let report = stage.visit().await;
    assert_eq!(report.faults(), []);
    assert!(matches!(report.page, Part::Done(Page::JitsiMeet { .. })));
    assert_eq!(report.addresses.done().unwrap().found.len(), 2);
    let certificate = report.certificate.done().unwrap();
    assert_eq!((certificate.days_left, &certificate.trust), (60, &Trust::Trusted));
    assert_eq!(certificate.names[0].as_str(), DOMAIN);
    let mut room = Visit::of(DOMAIN, stage.roots(), stage.sandbox.now());
    room.path = "/SomeRoom".to_owned();
    assert_eq!(stage.visit_of(room.clone()).await.faults(), []);
    room.path = "/static/absent.html".to_owned();
    let absent = Fault::Status {
        status: 404,
        location: None,
    };
    assert_eq!(stage.visit_of(room).await.faults(), [absent]);
}

#[tokio::test(start_paused = true)]
async fn on_its_way_up_a_platform_is_met_part_by_part() {
    let stage = stage();
    let report = stage.visit().await;
    assert_eq!(report.addresses, Part::Failed(ResolveError::NoSuchName));
    let balancer = stage.balancer(TLS).await;
    let report = stage.visit().await;
    assert_eq!(
        report.addresses,
        Part::Failed(ResolveError::NoAddress),
        "it is provisioning"
    );
    stage.pass(180).await;
    assert_eq!(
        causes(&stage.visit().await),
        [ConnectCause::Refused, ConnectCause::Refused]
    );
    stage.task(&balancer).await;
    assert_eq!(stage.visit().await.faults(), []);
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.replace_task(&service)).unwrap();
    stage.pass(20).await;
    assert_eq!(
        causes(&stage.visit().await),
        [ConnectCause::Refused, ConnectCause::Refused]
    );
    stage
        .elb("DeleteLoadBalancer", &[("LoadBalancerArn", &balancer.arn)])
        .await;
    let report = stage.visit().await;
    assert_eq!(
        report.addresses,
        Part::Failed(ResolveError::NoAddress),
        "the alias is left"
    );
}

#[tokio::test(start_paused = true)]
async fn where_nobody_listens_there_is_no_answer_until_the_visitor_or_the_system_gives_up() {
    let elsewhere = |stage: &Stage| {
        let mut visit = Visit::of(DOMAIN, stage.roots(), stage.sandbox.now());
        visit.port = 8443;
        visit
    };
    let slow = stage();
    slow.up(TLS).await;
    let report = slow.visit_of(elsewhere(&slow)).await;
    assert_eq!(causes(&report), [ConnectCause::Timeout, ConnectCause::Timeout]);
    assert_eq!(report.took, Duration::from_secs(5));
    let fast = Sandbox::with_speed(World::with_platform(&PlatformSpec::default()), 127.0);
    let fast = stage_of(fast);
    fast.up(TLS).await;
    let report = fast.visit_of(elsewhere(&fast)).await;
    assert_eq!(causes(&report), [ConnectCause::Timeout, ConnectCause::Timeout]);
    assert_eq!(report.took, Duration::from_secs(2), "127 simulated seconds each");
}

#[tokio::test(start_paused = true)]
async fn behind_a_tcp_listener_the_task_speaks_tls_on_its_ports_for_it_only() {
    for (port, tls) in [(8000, false), (80, false), (443, true), (8443, true)] {
        let stage = stage();
        stage.up(Listener("TCP", port)).await;
        let report = stage.visit().await;
        let expected = if tls {
            vec![]
        } else {
            vec![Fault::Tls {
                cause: TlsFailure::NotTls,
            }]
        };
        assert_eq!(report.faults(), expected, "{port}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_authority_is_trusted_by_those_who_are_told_and_is_each_sites_own() {
    let stage = stage();
    stage.up(TLS).await;
    let with = async |roots: Roots| {
        let visit = Visit::of(DOMAIN, roots, stage.sandbox.now());
        stage.visit_of(visit).await.certificate.done().unwrap().trust.clone()
    };
    assert_eq!(with(Roots::none()).await, Trust::UnknownIssuer);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, stage.site.authority_pem()).unwrap();
    assert_eq!(with(Roots::none().with_file(&file).unwrap()).await, Trust::Trusted);
    let other = stage_of(stage.sandbox.clone());
    assert_ne!(with(other.roots()).await, Trust::Trusted);
}

#[tokio::test(start_paused = true)]
async fn a_load_balancers_own_name_has_no_certificate() {
    let stage = stage();
    let balancer = stage.up(TLS).await;
    let visit = Visit::of(balancer.name, stage.roots(), stage.sandbox.now());
    assert_eq!(stage.visit_of(visit).await.faults(), [Fault::WrongName]);
}
