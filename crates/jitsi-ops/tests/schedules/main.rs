//! Random schedules of the engine: everything that can come together is drawn from one seed, played on a paused clock, and
//! judged by the sandbox's own records alone.

// The futures of the SDK are deep, and a story holds several runs.
#![recursion_limit = "256"]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod coverage;
mod draw;
mod draw_zone;
mod every_call;
mod every_call_zone;
mod farm;
mod judge;
mod judge_records;
mod judge_watch;
mod line;
mod play;
mod random;
mod run;
mod schedule;
#[path = "../engine/stage.rs"]
#[expect(dead_code, reason = "the stage serves the engine's stories too")]
mod stage;
mod tally;
mod worlds;
mod zone;
