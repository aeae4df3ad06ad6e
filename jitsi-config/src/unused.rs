//! What is set, but nobody reads: it works, but is hardly meant.

use crate::guard::GuardSource;
use crate::listener::Protocol;
use crate::origin::Origin;
use crate::platform::Platform;
use crate::problem::Warning;

/// All of it, of one platform.
pub(crate) fn warnings(platform: &Platform) -> Vec<Warning> {
    unused_certificate(platform)
        .into_iter()
        .chain(unused_dns_keys(platform))
        .chain(unused_guard_keys(platform))
        .chain(unused_audience(platform))
        .collect()
}

fn unused_certificate(platform: &Platform) -> Option<Warning> {
    let tls = platform
        .nlb
        .listeners
        .iter()
        .any(|listener| listener.protocol == Protocol::Tls);
    let unused = platform.nlb.certificate_arn.is_some() && !tls;
    unused.then(|| Warning {
        message: "`nlb.certificate_arn` is set, but no listener uses it".to_owned(),
        hint: Some("add `\"tls:443->80\"` to `nlb.listeners`, or remove the certificate".to_owned()),
    })
}

/// What is said about a record without the zone that would hold it.
fn unused_dns_keys(platform: &Platform) -> impl Iterator<Item = Warning> {
    ["dns.record", "dns.aws_profile", "dns.on_down"]
        .into_iter()
        .filter(|path| platform.dns.is_none() && is_set(platform, path))
        .map(|path| Warning {
            message: format!("`{path}` is set, but there is no `dns.hosted_zone_id`"),
            hint: Some(format!("set `dns.hosted_zone_id`, or remove `{path}`")),
        })
}

/// What was set for another source of the guard than the one that counts: perhaps that one was meant.
fn unused_guard_keys(platform: &Platform) -> impl Iterator<Item = Warning> {
    const READ_FOR: [(&str, GuardSource); 4] = [
        ("guard.stats_url", GuardSource::StatsUrl),
        ("guard.cloudwatch_namespace", GuardSource::Cloudwatch),
        ("guard.cloudwatch_metric", GuardSource::Cloudwatch),
        ("guard.cloudwatch_dimensions", GuardSource::Cloudwatch),
    ];
    let source = platform.guard.source;
    READ_FOR
        .into_iter()
        .filter(move |(path, reader)| *reader != source && is_set(platform, path))
        .map(move |(path, reader)| Warning {
            message: format!("`{path}` is set, but `guard.source` is `{source}`"),
            hint: Some(format!("set `guard.source = \"{reader}\"`, or remove `{path}`")),
        })
}

/// For whom tokens are that nobody can make.
fn unused_audience(platform: &Platform) -> Option<Warning> {
    let unused = platform.jwt.is_none() && is_set(platform, "jwt.audience");
    unused.then(|| Warning {
        message: "`jwt.audience` is set, but there is no `jwt.app_id`".to_owned(),
        hint: Some("set `jwt.app_id` and `jwt.secret_parameter`, or remove `jwt.audience`".to_owned()),
    })
}

/// Whether somebody has said so.
fn is_set(platform: &Platform, path: &str) -> bool {
    let shown = platform.origins.get(path);
    shown.is_some_and(|shown| !matches!(shown.origin, Origin::BuiltIn | Origin::Derived { .. }))
}
