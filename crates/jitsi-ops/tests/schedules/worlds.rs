//! Worlds to begin with. A platform that is up takes a whole scale-up to make, so it is made once and copied.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use aws_sandbox::{HostedZoneSpec, PlatformSpec, Sandbox, World};
use jitsi_ops::scale_up::Outcome;

use crate::stage::Stage;
use crate::zone::{Use, ZONE};

/// How many worlds of each kind there are; their ids differ, and so the moments of the sentinels' readings.
pub(crate) const VARIANTS: u64 = 4;

/// The other platform's project, as its names have it.
pub(crate) const NEIGHBOUR: &str = "other-community";

/// What is in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    pub(crate) variant: u64,
    pub(crate) up: bool,
    pub(crate) sentinel: bool,
    pub(crate) neighbour: bool,
    pub(crate) dns: Use,
}

/// A stage with a world of this kind. Quiet, where it is up.
pub(crate) async fn stage_with(kind: Kind) -> Stage {
    let mut stage = configured(kind);
    // What becomes of the record on the way down makes no difference before.
    let dns = if kind.dns == Use::Keep { Use::Remove } else { kind.dns };
    stage.sandbox = Sandbox::new(world(Kind { dns, ..kind }).await);
    stage
}

fn configured(kind: Kind) -> Stage {
    let mut stage = Stage::configured(&kind.dns.lines());
    stage.spec.sentinel = kind.sentinel;
    stage.spec.hosted_zone = Some(HostedZoneSpec {
        id: ZONE.to_owned(),
        name: "example.org".to_owned(),
        account: None,
    });
    stage
}

async fn world(kind: Kind) -> World {
    static MADE: OnceLock<Mutex<BTreeMap<Kind, World>>> = OnceLock::new();
    let made = MADE.get_or_init(Mutex::default);
    if let Some(world) = made.lock().unwrap().get(&kind) {
        return world.clone();
    }
    let world = make(kind).await;
    made.lock().unwrap().entry(kind).or_insert(world).clone()
}

async fn make(kind: Kind) -> World {
    let mut stage = configured(kind);
    let mut world = World::with_seed(kind.variant + 1);
    world.add_platform(&stage.spec);
    stage.sandbox = Sandbox::new(world);
    if kind.neighbour {
        let other = neighbour(&stage);
        other.sandbox.world(|world| world.add_platform(&other.spec));
        let report = other.up().await;
        assert_eq!(report.outcome, Outcome::Up, "{:?}", report.problem);
        other.begin_meeting();
    }
    if kind.up {
        let report = stage.up().await;
        assert_eq!(report.outcome, Outcome::Up, "{:?}", report.problem);
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    stage.sandbox.world(|world| world.clone())
}

/// Another platform in the same account. Its resources have the same `Project` tag; only the platform tag tells them apart.
pub(crate) fn neighbour(of: &Stage) -> Stage {
    let mut stage = Stage::configured(&format!("project_name = \"{NEIGHBOUR}\""));
    stage.spec = PlatformSpec::named(NEIGHBOUR);
    stage.wanted.project = of.wanted.project.clone();
    stage.sandbox = of.sandbox.clone();
    stage
}
