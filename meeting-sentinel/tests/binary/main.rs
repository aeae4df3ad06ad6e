//! The real `meeting-sentinel` between a fake jicofo and a fake ECS agent, over real sockets: both lie, hang, drop,
//! restart, flood. Tests wait for events, with a deadline that only a failing test meets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod agent_fails;
mod command;
mod fake;
mod health;
mod jicofo_lies;
mod life;
mod process;
