//! The probe meets the site of a simulated platform.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conversations;
mod faults;
mod ladders;
mod refusals;
mod stage;
mod visitor;
mod visits;
