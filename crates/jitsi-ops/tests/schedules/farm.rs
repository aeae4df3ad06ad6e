//! The same work for many numbers, on all processors. Each thread has a paused clock of its own for each piece.

use std::num::NonZero;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many threads work.
pub(crate) fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, NonZero::get)
}

/// What `work` gives for each number from 1 to `most`, in their order; `None` where it panicked.
pub(crate) fn for_each<T: Send>(most: u64, work: impl AsyncFn(u64) -> T + Sync) -> Vec<(u64, Option<T>)> {
    let (next, all) = (AtomicU64::new(1), Mutex::new(Vec::new()));
    let one_after_the_other = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number > most {
                return;
            }
            let result = std::panic::catch_unwind(AssertUnwindSafe(|| on_a_paused_clock(work(number)))).ok();
            all.lock().unwrap().push((number, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(one_after_the_other);
        }
    });
    let mut all = all.into_inner().unwrap();
    all.sort_by_key(|(number, _)| *number);
    all
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
