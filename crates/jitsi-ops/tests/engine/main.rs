//! Stories of the engine: the plan as a pure function, and whole runs against the sandbox on a paused clock.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod actual;
mod adoption;
mod advertise;
mod by_hand;
mod crashes;
mod crowd;
mod desk;

mod dns;
mod down;
mod history;
mod interrupts;
mod journal;
mod journal_limits;
mod journal_runs;
mod keep;
mod lint;
mod lock;
mod lock_races;
mod lock_weather;
mod plan;
mod policies;
mod preflight;
mod register;
mod register_watch;
mod ring;
mod rollback;
mod sources;
mod stage;
mod survey;
mod tenure;
mod two_runs;
mod weather;
mod whole;
