//! The sandbox as the AWS SDK for Rust sees it, on a paused clock.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod addresses;
mod buckets;
mod callers;
mod conferences;
mod costs;
mod deployments;
mod dns;
mod every_field;
mod faults;
mod hosted_zones;
mod ideal;
mod listeners;
mod load_balancers;
mod meetings;
mod metric_protocols;
mod metrics;
mod parameters;
mod policies;
mod protection;
mod record_changes;
mod scale_up;
mod sentinel;
mod services;
mod shipped_policies;
mod sites;
mod stage;
mod target_groups;
mod targets;
mod task_definitions;
mod task_failures;
mod tasks;
mod thousand;
mod worlds;
