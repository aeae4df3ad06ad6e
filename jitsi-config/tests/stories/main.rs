//! Whole configurations, from the files on a machine to the platform or to what is told about it.

#![expect(clippy::unwrap_used, reason = "a story whose scene cannot be set has failed")]

mod addresses;
mod discovery;
mod dns;
mod flat_json;
mod guard;
mod handing_on;
mod jwt;
mod layers;
mod mistakes;
mod money;
mod names_that_follow;
mod profiles;
mod safety;
mod scene;
mod starter;
