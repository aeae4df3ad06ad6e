//! What to operate on: discovery, layers, profiles and validation of the configuration.
//!
//! [`load()`] finds the configuration file, checks that nobody else could have written it, reads it, lays flags and
//! environment over it and gives one [`Platform`]: validated values, each with its [`Origin`]. Every mistake of a file is
//! reported at once, in a [`ConfigError`].
//!
//! This crate calls no AWS, parses no command line, prints nothing and reads no process-global state: flags and
//! [`Surroundings`] are plain values.

mod assignments;
mod aws_values;
mod certificate;
mod checks;
mod collisions;
mod cost;
mod discovery;
mod document;
mod domain;
mod file_value;
mod guard;
mod health_check;
mod json_tree;
mod jwt;
mod key;
mod keys;
mod layers;
mod listener;
mod load;
mod metric;
mod names;
mod origin;
mod platform;
mod problem;
mod resolve;
mod safety;
mod selection;
mod settings;
mod shorten;
mod starter;
mod stats_url;
mod suggest;
mod surroundings;
mod text_type;
mod toml_tree;
mod tree;
mod unused;

pub use assignments::{environment_assignments, shell_quote, terraform_assignments};
pub use aws_values::{AccountId, AwsProfile, BucketName, EipAllocationId, HostedZoneId, Region, SubnetId};
pub use certificate::CertificateArn;
pub use cost::{Money, Quantity, StatedPrice, StatedPrices};
pub use domain::Domain;
pub use guard::{Guard, GuardSource};
pub use health_check::{
    HEALTH_CHECK_INTERVAL_SECONDS, HEALTH_CHECK_TIMEOUT_SECONDS, HEALTHY_THRESHOLD, HealthCheck, HealthCheckProtocol,
    UNHEALTHY_THRESHOLD,
};
pub use jwt::{Jwt, JwtName, ParameterName};
pub use key::Key;
pub use keys::KEYS;
pub use listener::{Listener, MAX_LISTENERS, Protocol};
pub use load::{Configuration, Configurations, load, load_all, load_text};
pub use metric::{Dimension, GuardMetric, MAX_DIMENSIONS, MetricName, MetricNamespace};
pub use names::{ClusterName, ContainerName, EnvironmentName, LoadBalancerName, ProjectName, ServiceName};
pub use origin::{Origin, Origins, Shown};
pub use platform::{Advertise, Dns, Nlb, OnDown, Platform};
pub use problem::{ConfigError, Malformed, Problem, Warning};
pub use starter::{STARTER, StarterError, write_starter};
pub use stats_url::StatsUrl;
pub use surroundings::{Flags, Surroundings};
