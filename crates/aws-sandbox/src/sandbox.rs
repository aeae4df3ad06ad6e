//! The handle: a world with a clock, a call log, and the faults of a test. Cheap to clone; all clones are the same sandbox.
//!
//! A call arrives, waits for the latency of its kind, takes effect at the moment when its answer is given, and is logged.
//! Faults and token buckets are decided at its arrival.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::call_log::{Call, CallLog};
use crate::clock::{Ms, timestamp};
use crate::exchange::Crash;
use crate::fault::Fault;
use crate::history::History;
use crate::platform::PlatformSpec;
use crate::state_file::{StateError, StateFile, log_path};
use crate::world::{Bill, World};

/// A local AWS.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    core: Mutex<Core>,
    crashed: watch::Sender<u64>,
    speed: f64,
}

/// All that is behind the lock.
#[derive(Debug)]
struct Core {
    store: Store,
    desk: Desk,
}

/// What a sandbox keeps beside the world: none of it is saved.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) log: CallLog,
    pub(crate) faults: Vec<Fault>,
    pub(crate) crash: Option<Crash>,
    pub(crate) history: History,
}

/// Where the world is.
#[derive(Debug)]
enum Store {
    Memory {
        world: Box<World>,
        start: Instant,
        base: Ms,
        speed: f64,
    },
    File(StateFile),
}

impl Sandbox {
    /// In memory, with the clock of tokio: with a paused clock, simulated time is virtual time.
    pub fn new(world: World) -> Self {
        Self::with_speed(world, 1.0)
    }

    /// In memory, with a clock that runs faster (or slower) than tokio's.
    pub fn with_speed(world: World, speed: f64) -> Self {
        let base = world.now_ms();
        let store = Store::Memory {
            world: Box::new(world),
            start: Instant::now(),
            base,
            speed,
        };
        Self::over(store, CallLog::Memory(Vec::new()), speed)
    }

    /// Over a state file, which is made (with the default platform) where there is none. The clock runs `speed` times as
    /// fast as real time while any process has the file open; who joins others takes their speed.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub fn open(state: &Path, speed: f64) -> Result<Self, StateError> {
        let file = StateFile::open(state, speed, fresh_world)?;
        let speed = file.speed();
        Ok(Self::over(Store::File(file), CallLog::File(log_path(state)), speed))
    }

    fn over(store: Store, log: CallLog, speed: f64) -> Self {
        let desk = Desk {
            log,
            faults: Vec::new(),
            crash: None,
            history: History::default(),
        };
        let core = Core { store, desk };
        let (crashed, _) = watch::channel(0);
        Self {
            inner: Arc::new(Inner {
                core: Mutex::new(core),
                crashed,
                speed,
            }),
        }
    }

    /// How many simulated seconds pass in one second of tokio's clock.
    pub fn speed(&self) -> f64 {
        self.inner.speed
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.with(|world, _| timestamp(world.now_ms())).0
    }

    /// Looks at the world, advanced to now, or changes it. `f` must not use the sandbox itself: it is locked meanwhile.
    ///
    /// With a state file that has become unusable, `f` sees a fresh world and nothing is kept; calls are then answered
    /// with HTTP 500 and the reason.
    pub fn world<R>(&self, f: impl FnOnce(&mut World) -> R) -> R {
        self.remembered(f).0
    }

    /// The same for those to whom a fresh world would be a wrong answer.
    ///
    /// # Errors
    /// When the state file cannot be used.
    pub fn try_world<R>(&self, f: impl FnOnce(&mut World) -> R) -> Result<R, StateError> {
        let (result, kept) = self.remembered(f);
        kept.map(|()| result)
    }

    fn remembered<R>(&self, f: impl FnOnce(&mut World) -> R) -> (R, Result<(), StateError>) {
        self.with(|world, desk| {
            let result = f(world);
            desk.history.remember(world);
            result
        })
    }

    /// Moves the clock, with all that happens meanwhile, and says what time it is then. In memory this is for tests that do
    /// not want to wait.
    ///
    /// # Errors
    /// When the state file cannot be used.
    pub fn advance(&self, by: Ms) -> Result<Timestamp, StateError> {
        let (now, kept) = self.with(|world, _| {
            world.advance_to(world.now_ms().saturating_add(by));
            timestamp(world.now_ms())
        });
        if let Store::Memory { base, .. } = &mut self.lock().store {
            *base += by;
        }
        kept.map(|()| now)
    }

    /// All calls so far, in the order of their arrival; with a state file, those of all processes.
    ///
    /// # Panics
    /// When the log beside a state file cannot be read: no calls would be a wrong answer.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().desk.log.calls()
    }

    /// What existed and is charged, from when to when.
    pub fn bill(&self) -> Bill {
        self.with(|world, _| world.bill()).0
    }

    /// Makes something go wrong. Of several faults that match a call, the one that was injected first strikes it; all of
    /// them count it.
    pub fn inject(&self, fault: Fault) {
        self.lock().desk.faults.push(fault);
    }

    /// Takes all faults back, and a crash that has not happened.
    pub fn clear_faults(&self) {
        let desk = &mut self.lock().desk;
        desk.faults.clear();
        desk.crash = None;
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.inner.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses the world, advanced to now, together with what is kept beside it.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut World, &mut Desk) -> R) -> (R, Result<(), StateError>) {
        let Core { store, desk } = &mut *self.lock();
        match store {
            Store::Memory {
                world,
                start,
                base,
                speed,
            } => {
                let passed = start.elapsed().as_secs_f64() * *speed * 1000.0;
                world.advance_to(*base + passed.round() as Ms);
                (act(world, desk), Ok(()))
            }
            Store::File(file) => file.with(fresh_world, |world| act(world, desk)),
        }
    }

    pub(crate) fn push_call(&self, call: Call) {
        self.lock().desk.log.push(call);
    }

    /// Arms a crash.
    pub(crate) fn set_crash(&self, crash: Crash) {
        self.lock().desk.crash = Some(crash);
    }

    /// Tells who waits that a crash has happened.
    pub(crate) fn tell_crash(&self) {
        self.inner.crashed.send_modify(|crashes| *crashes += 1);
    }

    pub(crate) fn crashes(&self) -> watch::Receiver<u64> {
        self.inner.crashed.subscribe()
    }

    /// Waits for a span of simulated time.
    pub(crate) async fn pass(&self, span: Ms) {
        if span > 0 {
            let real = Duration::from_millis(span as u64).div_f64(self.inner.speed);
            tokio::time::sleep(real).await;
        }
    }
}

/// What a state file begins with: the default platform, at zero.
fn fresh_world() -> World {
    World::with_platform(&PlatformSpec::default())
}
