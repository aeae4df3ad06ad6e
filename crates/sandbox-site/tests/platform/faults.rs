//! What is wrong with a site, and lasts.

use aws_sandbox::{Sandbox, SiteFault};
use jitsi_probe::{Fault, Part, ResolveError, Trust};

use crate::stage::{TLS, stage, stage_of};

#[tokio::test(start_paused = true)]
async fn each_planted_fault_is_met_alone_until_the_site_is_well() {
    let stage = stage();
    stage.up(TLS).await;
    let service = stage.spec.service_arn();
    let plant = |fault| {
        stage
            .sandbox
            .world(|world| world.set_site_fault(&service, fault))
            .unwrap()
    };
    for (fault, met) in [
        (SiteFault::WrongName, "wrong-name"),
        (SiteFault::Expired, "expired"),
        (SiteFault::BadGateway, "status"),
        (SiteFault::OtherSite, "other-site"),
    ] {
        plant(Some(fault));
        let report = stage.visit().await;
        let faults = serde_json::to_value(report.faults()).unwrap();
        let kinds: Vec<&str> = faults
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|it| it["fault"].as_str())
            .collect();
        assert_eq!(kinds, [met]);
        let certificate = report.certificate.done().unwrap();
        assert_eq!(certificate.trust, Trust::Trusted, "{fault:?}");
        if fault == SiteFault::Expired {
            assert_eq!(certificate.days_left, -1);
        }
        if fault == SiteFault::BadGateway {
            assert_eq!(
                report.faults(),
                [Fault::Status {
                    status: 502,
                    location: None
                }]
            );
        }
    }
    plant(None);
    assert_eq!(stage.visit().await.faults(), []);
}

#[tokio::test(start_paused = true)]
async fn certificates_follow_the_clock_of_the_sandbox() {
    let stage = stage();
    stage.up(TLS).await;
    let mut days = Vec::new();
    for _ in 0..2 {
        let report = stage.visit().await;
        let certificate = report.certificate.done().unwrap();
        days.push((certificate.not_after, certificate.days_left));
        assert_eq!(report.faults(), []);
        stage.pass(400 * 86_400).await;
    }
    assert!(days[0].0 < days[1].0 && days[0].1 == days[1].1, "{days:?}");
}

#[tokio::test]
async fn with_a_state_file_a_fault_lasts_and_a_state_that_breaks_is_no_empty_world() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("sandbox.json");
    let stage = stage_of(Sandbox::open(&state, 1_000.0).unwrap());
    stage.up(TLS).await;
    let service = stage.spec.service_arn();
    let plant = |world: &mut aws_sandbox::World| world.set_site_fault(&service, Some(SiteFault::Expired));
    stage.sandbox.world(plant).unwrap();
    drop(stage);
    let stage = stage_of(Sandbox::open(&state, 1_000.0).unwrap());
    assert_eq!(stage.visit().await.faults(), [Fault::Expired]);
    std::fs::write(&state, "{").unwrap();
    let report = stage.visit().await;
    assert!(
        matches!(report.addresses, Part::Failed(ResolveError::Unreachable { .. })),
        "{:?}",
        report.addresses
    );
}
