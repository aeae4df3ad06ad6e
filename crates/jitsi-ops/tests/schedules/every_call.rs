//! Something happens at call n of a scale-down, for every n: nothing is left to chance.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use crate::farm::{for_each, on_a_paused_clock};
use crate::judge::{Verdict, judge};
use crate::line::Line;
use crate::play::Story;
use crate::run::{End, Ended, Machine, Order, run};
use crate::schedule::Goal;
use crate::stage::Stage;
use crate::worlds::{Kind, stage_with};
use crate::zone::Use;

/// People sit for so long: their protection is renewed again and again.
const SITTING: Duration = Duration::from_secs(3 * 3600);

/// The machine sleeps for so long: a reading is old then, a protection that nobody renews is over, so is the lock.
const NAP: Duration = Duration::from_secs(6 * 60);

pub(crate) const UP: Kind = Kind {
    variant: 0,
    up: true,
    sentinel: true,
    neighbour: false,
    dns: Use::None,
};

/// A scale-down of a platform that is up and quiet.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    slept: Arc<AtomicU64>,
    folder: TempDir,
}

impl Scene {
    pub(crate) async fn new(kind: Kind, honoured: bool) -> Self {
        let stage = stage_with(kind).await;
        stage.sandbox.world(|world| world.protection_honoured_at_zero(honoured));
        Self {
            stage,
            slept: Arc::default(),
            folder: TempDir::new().unwrap(),
        }
    }

    pub(crate) async fn down(&self, line: &Line) -> Ended {
        let machine = Machine {
            state_folder: self.folder.path().to_owned(),
            slept: self.slept.clone(),
            wrong_by: 0,
        };
        let order = Order {
            key: "down".to_owned(),
            goal: Goal::Down,
            wait_idle: Duration::ZERO,
            lock_wait: Duration::from_secs(120),
            ctrl_c: None,
            watched_until: None,
            seed: 7,
        };
        Box::pin(run(line, &self.stage.sandbox, &self.stage.wanted, &machine, &order)).await
    }

    fn people_come(&self) {
        let service = self.stage.spec.service_arn();
        self.stage.sandbox.world(|world| world.begin_meeting(&service)).unwrap();
    }

    /// AWS goes on, and the machine's clock stands still.
    fn sleep(&self) {
        let milliseconds = NAP.as_millis() as u64;
        self.stage.sandbox.advance(milliseconds as i64).unwrap();
        self.slept.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// Lets people sit, and asks the judge.
    pub(crate) fn judge(&self, dns: Use, run: Ended) -> Verdict {
        self.stage.sandbox.advance(SITTING.as_millis() as i64).unwrap();
        judge(&Story {
            sandbox: self.stage.sandbox.clone(),
            service: self.stage.spec.service_arn(),
            dns,
            balancers: vec![self.stage.wanted.load_balancer.clone()],
            found: "",
            runs: vec![run],
            troubled: Vec::new(),
            nap: None,
            reached: true,
        })
    }

    /// How many targets are registered, in all target groups.
    async fn registered(&self) -> usize {
        let elb =
            aws_sdk_elasticloadbalancingv2::Client::new(&self.stage.sdk("123456789012", &self.stage.wanted.region));
        let groups = elb.describe_target_groups().send().await.unwrap();
        let mut registered = 0;
        for group in groups.target_groups() {
            let arn = group.target_group_arn().unwrap();
            let health = elb.describe_target_health().target_group_arn(arn).send().await.unwrap();
            let states = health.target_health_descriptions().iter();
            let state = |it: &aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription| {
                it.target_health().and_then(|health| health.state().cloned())
            };
            registered += states
                .filter_map(state)
                .filter(|state| state.as_str() != "draining")
                .count();
        }
        registered
    }
}

/// How many calls an undisturbed scale-down makes, and which of them lowers the desired count.
async fn undisturbed() -> (u64, u64) {
    let scene = Scene::new(UP, true).await;
    let line = Line::to(&scene.stage);
    let ended = scene.down(&line).await;
    assert_eq!(ended.end, End::Reached { already: false }, "{:?}", ended.told);
    let lowering = ended.asked.iter().find(|asked| asked.desired == 0).unwrap();
    (line.calls(), lowering.number)
}

/// What happens at a call.
#[derive(Clone, Copy, Debug)]
enum When {
    /// Before it arrives.
    PeopleCome,
    /// When AWS has answered, and before that is read.
    PeopleComeWhileItSleeps,
}

/// How many meetings survived, and how many were cut off within the reporter's lag.
#[derive(Debug, Default, PartialEq, Eq)]
struct Fates {
    survived: usize,
    within_lag: usize,
    nobody_came: usize,
}

/// Plays the scale-down once for each of its calls, with what `when` lets happen at it.
fn at_every_call(honoured: bool, calls: u64, when: When) -> Fates {
    let one = async |n: u64| {
        let scene = Arc::new(Scene::new(UP, honoured).await);
        let (moment, line) = (scene.clone(), Line::to(&scene.stage));
        let line = match when {
            When::PeopleCome => line.before_each_call(move |call| {
                if call == n {
                    moment.people_come();
                }
            }),
            When::PeopleComeWhileItSleeps => line.at_each_answer(move |call| {
                if call == n {
                    moment.people_come();
                    moment.sleep();
                }
            }),
        };
        let ended = scene.down(&line).await;
        let (end, told) = (ended.end, ended.told.clone());
        let (meetings, registered) = (
            scene.stage.sandbox.world(|world| world.meetings()),
            scene.registered().await,
        );
        let verdict = scene.judge(UP.dns, ended);
        let context = || {
            format!(
                "call {n}, protection at zero honoured: {honoured}, {end:?}\n{}",
                told.join("\n")
            )
        };
        assert!(verdict.wrong.is_empty(), "{}\n{}", verdict.wrong.join("\n"), context());
        if end == End::Refused {
            assert_eq!(registered, 2, "{}", context());
        }
        let cut_off = scene
            .stage
            .sandbox
            .world(|world| world.meetings())
            .iter()
            .any(|it| it.cut_off.is_some());
        match (meetings.is_empty(), cut_off) {
            (true, _) => Fates {
                nobody_came: 1,
                ..Fates::default()
            },
            (false, true) => Fates {
                within_lag: 1,
                ..Fates::default()
            },
            (false, false) => {
                assert_eq!(end, End::Refused, "somebody is there: {}", context());
                Fates {
                    survived: 1,
                    ..Fates::default()
                }
            }
        }
    };
    let harvest = for_each(calls, async |n| Ok(one(n).await));
    assert!(
        harvest.bad.is_empty(),
        "at calls {:?}, honoured: {honoured}",
        harvest.bad
    );
    let mut fates = Fates::default();
    for fate in harvest.good {
        fates.survived += fate.survived;
        fates.within_lag += fate.within_lag;
        fates.nobody_came += fate.nobody_came;
    }
    fates
}

#[test]
#[expect(clippy::print_stdout, reason = "the numbers are part of the result")]
fn a_meeting_that_begins_at_any_call_survives_but_for_the_reporters_lag() {
    let (calls, lowering) = on_a_paused_clock(undisturbed());
    for honoured in [true, false] {
        let fates = at_every_call(honoured, calls, When::PeopleCome);
        println!(
            "{calls} calls, the {lowering}th lowers the count; protection at zero honoured: {honoured}: {fates:?}"
        );
        assert!(fates.survived > 0 && fates.nobody_came > 0, "{fates:?}");
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the numbers are part of the result")]
fn a_meeting_that_begins_while_the_machine_sleeps_at_any_call_survives() {
    let (_, lowering) = on_a_paused_clock(undisturbed());
    for honoured in [true, false] {
        // What has left for AWS cannot be taken back, so the last call is the one before.
        let fates = at_every_call(honoured, lowering - 1, When::PeopleComeWhileItSleeps);
        println!(
            "{} calls, protection at zero honoured: {honoured}: {fates:?}",
            lowering - 1
        );
        assert_eq!(fates.survived as u64, lowering - 1, "{fates:?}");
    }
}
