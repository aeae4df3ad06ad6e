//! Visits over a network in memory, on a paused clock: what a visitor meets, and what is told of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod authority;
mod certificates;
mod configs;
mod connections;
mod handshakes;
mod jitsi;
mod ladders;
mod logins;
mod names;
mod receptions;
mod reports;
mod scene;
