//! Plays a schedule: the start, the runs under all that goes wrong, and then, in peace, the runs that must reach the goal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sandbox::{Sandbox, When};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::judge_records::found;
use crate::line::Line;
use crate::run::{End, Ended, Machine, Order, run};
use crate::schedule::{Goal, Schedule, Start};
use crate::stage::Stage;
use crate::worlds::{Kind, stage_with};
use crate::zone::{self, Moment, Use};

/// How often it is run again in peace.
const AGAIN: usize = 3;

/// What has happened.
pub(crate) struct Story {
    pub(crate) sandbox: Sandbox,
    /// The ARN of the platform's service.
    pub(crate) service: String,
    /// What the configuration says of the record.
    pub(crate) dns: Use,
    /// What the platform's load balancer goes by, the configured name first.
    pub(crate) balancers: Vec<String>,
    /// What was at the platform's name when faults began.
    pub(crate) found: &'static str,
    /// Every run, by its end.
    pub(crate) runs: Vec<Ended>,
    /// The access keys of the runs that had to do with faults.
    pub(crate) troubled: Vec<String>,
    /// When the machine slept.
    pub(crate) nap: Option<(Timestamp, Timestamp)>,
    /// Whether the last run was to reach the goal, and has.
    pub(crate) reached: bool,
}

struct Player<'a> {
    schedule: &'a Schedule,
    stage: Stage,
    folder: TempDir,
    slept: Arc<AtomicU64>,
    nap: Arc<Mutex<Option<(Timestamp, Timestamp)>>>,
}

/// Plays it, on a paused clock.
pub(crate) async fn play(schedule: &Schedule) -> Story {
    let stage = stage_with(Kind {
        variant: schedule.variant,
        up: !matches!(
            schedule.start,
            Start::AtZero | Start::LoadBalancerJustMade | Start::KilledGoingUp(..)
        ),
        sentinel: schedule.start != Start::UpWithoutSentinel,
        neighbour: schedule.neighbour,
        dns: schedule.dns,
    })
    .await;
    let mut player = Player {
        schedule,
        stage,
        folder: TempDir::new().unwrap(),
        slept: Arc::default(),
        nap: Arc::default(),
    };
    let made_as = player.stage.wanted.load_balancer.clone();
    let mut runs = player.begin().await;
    let mut balancers = vec![player.stage.wanted.load_balancer.clone(), made_as];
    balancers.dedup();
    let found = found(&player.stage.sandbox, &balancers);
    player.let_trouble_in(&balancers[0]);
    let mut by_time = player.strangers_come(&balancers[0]);
    by_time.push(player.falls_asleep());
    by_time.push(player.a_task_is_replaced());
    let (troubled, watch) = player.first_and_watch().await;
    by_time.iter().for_each(tokio::task::JoinHandle::abort);
    player.make_peace(&balancers);
    let keys = troubled.iter().map(|run| run.key.clone()).collect();
    runs.extend(troubled);
    runs.extend(watch);
    let mut reached = false;
    for n in 1..=AGAIN {
        let last = player.again(n).await;
        reached = matches!(last.end, End::Reached { .. });
        runs.push(last);
        if reached {
            break;
        }
    }
    Story {
        sandbox: player.stage.sandbox.clone(),
        service: player.stage.spec.service_arn(),
        dns: schedule.dns,
        balancers,
        found,
        runs,
        troubled: keys,
        nap: *player.nap.lock().unwrap(),
        reached,
    }
}

impl Player<'_> {
    fn pass(&self, span: Duration) {
        self.stage.sandbox.advance(span.as_millis() as i64).unwrap();
    }

    /// Makes the start, and gives the runs that were killed for it.
    async fn begin(&mut self) -> Vec<Ended> {
        let sandbox = self.stage.sandbox.clone();
        let mut runs = Vec::new();
        zone::prepare(&self.stage, self.schedule.dns, self.schedule.found);
        match self.schedule.start {
            Start::AtZero | Start::Up | Start::UpWithoutSentinel => {}
            Start::UpWithMeeting => self.stage.begin_meeting(),
            Start::UpWithoutLoadBalancer => self.stage.delete_load_balancer().await,
            Start::LoadBalancerJustMade => self.stage.load_balancer_of_ours().await,
            Start::LoadBalancerLeft => {
                self.stage.scale_by_hand(0).await;
                self.pass(Duration::from_secs(300));
            }
            Start::TargetGroupsLeft => {
                self.stage.scale_by_hand(0).await;
                self.pass(Duration::from_secs(300));
                self.stage.delete_load_balancer().await;
                self.pass(Duration::from_secs(30));
            }
            Start::KilledGoingUp(call, when) => runs.push(self.killed(Goal::Up, call, when).await),
            Start::KilledGoingDown(call, when) => runs.push(self.killed(Goal::Down, call, when).await),
        }
        sandbox.clear_faults();
        if self.schedule.renamed {
            self.stage.rename("renamed");
        }
        self.pass(self.schedule.lead);
        runs
    }

    async fn killed(&self, goal: Goal, call: u64, when: When) -> Ended {
        self.stage.sandbox.crash_at(call, when);
        self.run("begun", goal, Duration::ZERO, false).await
    }

    fn let_trouble_in(&self, balancer: &str) {
        let (schedule, sandbox) = (self.schedule, &self.stage.sandbox);
        let service = self.stage.spec.service_arn();
        sandbox.world(|world| {
            world.protection_honoured_at_zero(schedule.honoured);
            for gathering in &schedule.gatherings {
                world
                    .schedule_meeting(&service, gathering.from, gathering.lasting)
                    .unwrap();
            }
        });
        // Of several faults that match a call the first one strikes it.
        let strangers = schedule.strangers.iter().filter_map(|it| it.fault(balancer));
        strangers.for_each(|fault| sandbox.inject(fault));
        for mishap in &schedule.mishaps {
            sandbox.inject(mishap.fault());
        }
        if let Some((call, when)) = schedule.crash {
            sandbox.crash_at(call, when);
        }
    }

    /// The machine falls asleep: AWS goes on, its own clock stands still.
    fn falls_asleep(&self) -> tokio::task::JoinHandle<()> {
        let (nap, slept, sandbox) = (self.schedule.nap, self.slept.clone(), self.stage.sandbox.clone());
        let noted = self.nap.clone();
        tokio::spawn(async move {
            if let Some((after, lasting)) = nap {
                tokio::time::sleep(after).await;
                let milliseconds = lasting.as_millis() as u64;
                let from = sandbox.now();
                let until = sandbox.advance(milliseconds as i64).unwrap();
                *noted.lock().unwrap() = Some((from, until));
                slept.fetch_add(milliseconds, Ordering::Relaxed);
            }
        })
    }

    fn strangers_come(&self, balancer: &str) -> Vec<tokio::task::JoinHandle<()>> {
        let timed = self.schedule.strangers.iter().filter_map(|stranger| {
            let Moment::After(after) = stranger.moment else {
                return None;
            };
            let (stranger, sandbox, balancer) = (*stranger, self.stage.sandbox.clone(), balancer.to_owned());
            Some(tokio::spawn(async move {
                tokio::time::sleep(after).await;
                stranger.come(&sandbox, &balancer);
            }))
        });
        timed.collect()
    }

    /// The machine beneath a task fails.
    fn a_task_is_replaced(&self) -> tokio::task::JoinHandle<()> {
        let after = self.schedule.watch.and_then(|watch| watch.replaced);
        let (sandbox, service) = (self.stage.sandbox.clone(), self.stage.spec.service_arn());
        tokio::spawn(async move {
            if let Some(after) = after {
                tokio::time::sleep(after).await;
                sandbox.world(|world| world.replace_task(&service)).unwrap();
            }
        })
    }

    /// The same, and the watch beside them, which outlasts them.
    async fn first_and_watch(&self) -> (Vec<Ended>, Option<Ended>) {
        let Some(watch) = self.schedule.watch else {
            return (self.first().await, None);
        };
        let enough = CancellationToken::new();
        let others = async {
            let runs = self.first().await;
            tokio::time::sleep(watch.stays).await;
            enough.cancel();
            runs
        };
        let watching = async {
            tokio::time::sleep(watch.after).await;
            self.run_until("watch", Goal::Watch, Duration::ZERO, false, Some(enough.clone()))
                .await
        };
        let (runs, watched) = tokio::join!(others, watching);
        (runs, Some(watched))
    }

    /// The runs that have to do with all of it.
    async fn first(&self) -> Vec<Ended> {
        let one = async {
            let mut runs = Vec::new();
            for (n, goal) in self.schedule.goals.iter().enumerate() {
                let key = format!("first-{n}");
                let ended = self.run(&key, *goal, self.schedule.wait_idle, true).await;
                let killed = ended.end == End::Killed;
                runs.push(ended);
                if killed {
                    runs.push(
                        self.run(&format!("{key}-again"), *goal, self.schedule.wait_idle, true)
                            .await,
                    );
                }
            }
            runs
        };
        let two = async {
            let second = self.schedule.second?;
            tokio::time::sleep(second.after).await;
            Some(self.run("second", second.goal, self.schedule.wait_idle, false).await)
        };
        let (mut runs, second) = tokio::join!(one, two);
        runs.extend(second);
        runs
    }

    /// Faults stop, the last meeting ends, and what was still under way settles. Nobody can lead a name to a load balancer that
    /// a stranger uses, so whoever is in the way of a scale-up goes.
    fn make_peace(&self, balancers: &[String]) {
        let sandbox = &self.stage.sandbox;
        sandbox.clear_faults();
        if self.last_goal().is_up() {
            zone::clear_the_way(&self.stage, balancers);
        }
        let last = self.schedule.gatherings.iter().map(|gathering| gathering.from).max();
        self.pass(last.unwrap_or_default());
        let service = self.stage.spec.service_arn();
        sandbox.world(|world| world.end_meeting(&service)).unwrap();
        self.pass(Duration::from_secs(30));
    }

    /// Whoever has no sentinel must say that nobody is in a meeting.
    fn last_goal(&self) -> Goal {
        match self.schedule.goals.last() {
            Some(Goal::Down) if self.schedule.start == Start::UpWithoutSentinel => Goal::ForcedDown,
            Some(goal) => *goal,
            None => Goal::Down,
        }
    }

    async fn again(&self, n: usize) -> Ended {
        self.run(
            &format!("again-{n}"),
            self.last_goal(),
            Duration::from_secs(1800),
            false,
        )
        .await
    }

    async fn run(&self, key: &str, goal: Goal, wait_idle: Duration, with_ctrl_c: bool) -> Ended {
        self.run_until(key, goal, wait_idle, with_ctrl_c, None).await
    }

    async fn run_until(
        &self,
        key: &str,
        goal: Goal,
        wait_idle: Duration,
        with_ctrl_c: bool,
        watched_until: Option<CancellationToken>,
    ) -> Ended {
        let machine = Machine {
            state_folder: self.folder.path().join(key),
            slept: self.slept.clone(),
            wrong_by: self.schedule.clock_wrong_by,
        };
        let in_trouble = with_ctrl_c || key == "second" || goal == Goal::Watch;
        let order = Order {
            key: key.to_owned(),
            goal,
            wait_idle,
            lock_wait: if in_trouble {
                self.schedule.lock_wait
            } else {
                Duration::from_secs(120)
            },
            ctrl_c: self.schedule.ctrl_c.filter(|_| with_ctrl_c),
            watched_until,
            seed: key.bytes().fold(self.schedule.seed, |seed, byte| {
                seed.rotate_left(7).wrapping_add(u64::from(byte))
            }),
        };
        let line = Line::to(&self.stage);
        Box::pin(run(&line, &self.stage.sandbox, &self.stage.wanted, &machine, &order)).await
    }
}

/// What a neighbour calls its own.
pub(crate) fn is_neighbours(resource: &str) -> bool {
    resource.contains(crate::worlds::NEIGHBOUR)
}
