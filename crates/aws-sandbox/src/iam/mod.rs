//! Identity policies: what an access key with a policy may do. Without a policy everything is allowed.
//!
//! A call makes demands: an action on resources, with a context. Each demand has to be allowed on each resource by some
//! statement and denied by none; an explicit Deny wins. What a policy says in ways that are not implemented here is an
//! error when it is attached, so that no condition is ever silently true.

mod condition;
mod demand;
mod denial;
mod ecs;
mod elbv2;
mod pattern;
mod policy;
mod route53;
mod s3;

use crate::wire::{ApiError, Request, Route};
use crate::world::{Place, World};

use demand::Demand;
pub(crate) use denial::denied;
pub(crate) use policy::Policy;
pub use policy::PolicyError;
use policy::{Effect, Verdict};

impl World {
    /// Attaches an identity policy (JSON) to an access key. From now on every call of this key is held against all
    /// policies that it has.
    ///
    /// # Errors
    /// When AWS would not take the policy, or it says something that is not implemented here.
    pub fn attach_policy(&mut self, access_key: &str, policy_json: &str) -> Result<(), PolicyError> {
        let policy = Policy::parse(policy_json)?;
        self.policies.entry(access_key.to_owned()).or_default().push(policy);
        Ok(())
    }

    /// Whether the caller's policies allow a call.
    ///
    /// # Errors
    /// The denial that the caller gets instead, in the service's own form.
    pub(crate) fn authorize(&mut self, route: &Route, place: &Place, request: &Request) -> Result<(), ApiError> {
        let access_key = route.access_key.as_deref().unwrap_or_default();
        let Some(policies) = self.policies.get(access_key).cloned() else {
            return Ok(());
        };
        for demand in demand::of_call(self, route, place, request) {
            for resource in &demand.resources {
                let explicit = match verdict(&policies, &demand, resource) {
                    Verdict::Allowed => continue,
                    Verdict::Denied => true,
                    Verdict::Silent => false,
                };
                let denial = denied(route, &place.account, &demand.action, Some(&resource.arn), explicit);
                return Err(self.with_bucket_region(route, denial));
            }
        }
        Ok(())
    }
}

impl World {
    /// S3 tells where a bucket is, also to those who may not use it.
    fn with_bucket_region(&self, route: &Route, denial: ApiError) -> ApiError {
        let mut accounts = self.accounts.values();
        let bucket = accounts.find_map(|account| account.buckets.get(&route.bucket));
        match bucket.filter(|_| !route.bucket.is_empty()) {
            Some(bucket) => denial.with_header("x-amz-bucket-region", &bucket.region),
            None => denial,
        }
    }
}

/// What all policies together say of an action on a resource.
fn verdict(policies: &[Policy], demand: &Demand, resource: &demand::Resource) -> Verdict {
    let mut verdict = Verdict::Silent;
    for statement in policies.iter().flat_map(Policy::statements) {
        if !statement.covers(&demand.action, resource, &demand.context) {
            continue;
        }
        match statement.effect {
            Effect::Deny => return Verdict::Denied,
            Effect::Allow => verdict = Verdict::Allowed,
        }
    }
    verdict
}
