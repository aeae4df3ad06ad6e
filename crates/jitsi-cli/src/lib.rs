//! The face of every command: shared flags, printer, progress, errors, exit codes, and the wiring of `--sandbox`.
//!
//! Calls no AWS by itself: it prepares what `jitsi-ops` needs and shows what `jitsi-ops` tells.

pub mod args;
pub mod config_command;
pub mod consent;
pub mod context;
pub mod desk;
pub mod doubts;
pub mod exit;
pub mod fault;
pub mod interrupt;
pub mod junit;
pub mod prices;
pub mod printer;
pub mod progress;
pub mod rehearsal;
pub mod result;
pub mod rows;
pub mod run_log;
pub mod setup;
pub mod start;
pub mod visitor;
