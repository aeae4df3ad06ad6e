//! What calls of S3 demand. Whoever may not list a bucket is not told that an object is missing either.

use super::demand::{Demand, Resource};
use crate::wire::{Request, Route};
use crate::world::{Place, World};

pub(super) fn demands(world: &mut World, place: &Place, route: &Route, request: &Request) -> Vec<Demand> {
    let bucket = || vec![Resource::new(format!("arn:aws:s3:::{}", route.bucket), None)];
    let object = || {
        vec![Resource::new(
            format!("arn:aws:s3:::{}/{}", route.bucket, route.key),
            None,
        )]
    };
    match route.operation.as_str() {
        "ListBuckets" => vec![Demand::on_all("s3:ListAllMyBuckets")],
        "HeadBucket" => vec![Demand::new("s3:ListBucket", bucket())],
        "ListObjectsV2" => {
            let prefix = request.query_parameters().remove("prefix").unwrap_or_default();
            vec![Demand::new("s3:ListBucket", bucket()).with("s3:prefix", prefix)]
        }
        "CreateBucket" | "DeleteBucket" => vec![Demand::new(format!("s3:{}", route.operation), bucket())],
        "GetObject" | "HeadObject" => {
            let mut demands = vec![Demand::new("s3:GetObject", object())];
            let owned = world.accounts.get(&place.account);
            let found = owned.and_then(|account| account.buckets.get(&route.bucket));
            if found.is_some_and(|bucket| !bucket.contains(&route.key)) {
                // AWS takes the object's name for the prefix here.
                demands.push(Demand::new("s3:ListBucket", bucket()).with("s3:prefix", &route.key));
            }
            demands
        }
        "PutObject" | "DeleteObject" => {
            let mut demands = vec![Demand::new(format!("s3:{}", route.operation), object())];
            if request.headers.contains_key("if-match") {
                // To learn whether a condition holds is to read.
                demands.push(Demand::new("s3:GetObject", object()));
            }
            demands
        }
        // No operation of this sandbox: its answer says so.
        _ => Vec::new(),
    }
}
