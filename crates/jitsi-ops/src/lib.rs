//! The engine: observe, plan, apply, wait.
//!
//! Every operation is one loop. [`observe`] reads from AWS what the goal still needs to know into one [`observation`];
//! [`plan`] says, as a pure function of it, which steps can be taken now; [`apply`] carries out one step; then the
//! [`session`] waits a little and looks again. There is no state file: a run that was killed is continued by running
//! it again.
//!
//! This crate prints nothing and parses no flags. It tells what happens as typed [`event`]s.

pub mod access;
pub mod actual;
pub mod aftermath;
pub mod apply;
pub mod billing;
pub mod clock;
pub mod custody;
mod date_headers;
pub mod diagnosis;
pub mod event;
pub mod failure;
mod from_aws;
pub mod guard;
pub mod hold;
pub mod identity;
pub mod journal;
pub mod keep;
mod leftovers;
pub mod lint;
pub mod lock;
pub mod memory;
mod nlb_zone;
mod objects;
pub mod observation;
pub mod observe;
pub mod ownership;
pub mod parameter;
pub mod plan;
pub mod price_list;
pub mod problem;
pub mod progress;
pub mod quiet;
pub mod reading;
pub mod record;
pub mod register_targets;
pub mod resolver;
pub mod scale_down;
pub mod scale_up;
pub mod session;
pub mod state;
pub mod step;
pub mod survey;
mod task_definition;
pub mod tenure;
pub mod wanted;
