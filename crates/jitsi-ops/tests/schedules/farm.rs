//! The same work for many numbers, on all processors. Each thread has a paused clock of its own for each piece.

use std::num::NonZero;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many threads work.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, NonZero::get)
}

/// So many failures are enough: no more work is begun then.
const ENOUGH: usize = 5;

/// After so many pieces a line says how far it is.
const A_LINE_EVERY: usize = 1_000;

/// What came of much work.
pub(crate) struct Harvest<T> {
    /// What was given, in the order of the numbers.
    pub(crate) good: Vec<T>,
    /// What failed, by its number.
    pub(crate) bad: Vec<(u64, String)>,
}

/// Does `work` for each number from 1 to `most`. A panic is a failure.
pub(crate) fn for_each<T: Send>(most: u64, work: impl AsyncFn(u64) -> Result<T, String> + Sync) -> Harvest<T> {
    let (next, all) = (AtomicU64::new(1), Mutex::new((Vec::new(), Vec::new())));
    let one_after_the_other = || {
        while all.lock().unwrap().1.len() < ENOUGH {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number > most {
                return;
            }
            let result = std::panic::catch_unwind(AssertUnwindSafe(|| on_a_paused_clock(work(number))));
            let mut all = all.lock().unwrap();
            match result.unwrap_or_else(|_| Err("it panicked (see above)".to_owned())) {
                Ok(good) => {
                    all.0.push((number, good));
                    tell(all.0.len(), most);
                }
                Err(why) => all.1.push((number, why)),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(one_after_the_other);
        }
    });
    let (mut good, mut bad) = all.into_inner().unwrap();
    good.sort_by_key(|(number, _)| *number);
    bad.sort();
    Harvest {
        good: good.into_iter().map(|(_, good)| good).collect(),
        bad,
    }
}

#[expect(clippy::print_stdout, reason = "100,000 schedules take an hour")]
fn tell(done: usize, most: u64) {
    if done.is_multiple_of(A_LINE_EVERY) {
        println!("{done} of {most}");
    }
}

/// Runs `story` to its end, in no time.
pub(crate) fn on_a_paused_clock<T>(story: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(story)
}
