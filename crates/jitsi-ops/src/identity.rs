//! Under which names lock and journal keep books: which platform, and who works on it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A platform, as AWS tells it from every other one. Two profiles with the same four values are the same platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformKey {
    /// The AWS account, twelve digits.
    pub account: String,
    /// Such as `us-west-2`.
    pub region: String,
    /// The ECS cluster's name.
    pub cluster: String,
    /// The ECS service's name.
    pub service: String,
}

impl PlatformKey {
    /// `account/region/cluster/service`: none of the four can contain a slash, so no two platforms share a path.
    pub fn path(&self) -> String {
        format!("{}/{}/{}/{}", self.account, self.region, self.cluster, self.service)
    }
}

/// Who runs an operation, for people: nothing is decided by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The user's name on that machine.
    pub user: String,
    /// The machine's name.
    pub host: String,
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.user, self.host)
    }
}
