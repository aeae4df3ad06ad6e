//! A small local AWS that moves by time: ECS, ELBv2, Route 53, SSM, S3, STS, CloudWatch and Cost Explorer over their real wire protocols.
//!
//! Emulators answer by request: a load balancer is active at the second look. Here a load balancer is active after 150
//! seconds, a Fargate task runs after 80, a target takes minutes to be registered, and deletions lag: all by one clock
//! that a test can stop, and with the faults in between.
//!
//! * In process: [`Sandbox::new`] and [`Sandbox::http_client`], with tokio's paused clock.
//! * Over a state file that processes share: [`Sandbox::open`].
//! * Over HTTP: [`serve`], or `aws-sandbox serve`.
//!
//! What it does not do is in `docs/aws-sandbox.md`.

mod call_log;
mod ce;
pub mod cli;
pub mod clock;
mod cloudwatch;
mod connector;
mod dispatch;
mod ecs;
mod elbv2;
mod exchange;
mod fault;
mod history;
mod iam;
pub mod ideal;
mod platform;
mod route53;
mod s3;
mod sandbox;
mod server;
mod ssm;
mod state_file;
mod sts;
mod tags;
mod wire;
mod world;

pub use call_log::Call;
pub use exchange::{Dropped, When};
pub use fault::Fault;
pub use iam::PolicyError;
pub use platform::{HostedZoneSpec, PlatformSpec};
pub use route53::{AliasTarget, RecordChange, RecordSet};
pub use sandbox::Sandbox;
pub use server::{Server, serve};
pub use state_file::{DEFAULT_SPEED, StateError, default_state_path, parse_speed, reset, speed_from_env};
pub use wire::{Answer, Request};
pub use world::{
    Bill, BillItem, CredentialState, CutOff, CutOffBy, DEFAULT_ACCOUNT, DEFAULT_REGION, Meeting, Place, Serving,
    SiteFault, TaskFate, TimeProfile, Unknown, World,
};
