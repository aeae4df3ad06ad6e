//! What must hold before anything that bills is made.

use std::collections::BTreeSet;

use jitsi_config::Advertise;

use super::{Look, Plan, advertise, record};
use crate::failure::FailureKind;
use crate::lint::{self, Finding, Severity, lint};
use crate::observation::{Bucket, Service};
use crate::problem::{Problem, ProblemKind};
use crate::reading::Reading;

/// Judges account, cluster, service, secrets and bucket. What is wrong stops, what is forbidden to read is a warning.
///
/// Where tasks run already, a missing secret or bucket does not stop: a repair must not depend on it.
pub(super) fn check(look: Look<'_>, plan: &mut Plan) {
    account(look, plan);
    if plan.problem.is_some() {
        return;
    }
    cluster(look, plan);
    let Some(service) = active_service(look, plan) else {
        return;
    };
    let live = look.seen.tasks().iter().any(|t| t.is_running());
    let mut wrong = |plan: &mut Plan, problem: Problem| {
        if live {
            plan.warn(problem.to_string(), problem.hints.first().map(String::as_str));
        } else {
            plan.stop(problem);
        }
    };
    rollout(service, plan, &mut wrong);
    secrets(look, plan, &mut wrong);
    bucket(look, plan, &mut wrong);
    record::preflight(look, service, plan);
    advertise::preflight(look, plan);
    findings(look, service, plan);
}

/// Refuses another account than the configured one.
pub(super) fn account(look: Look<'_>, plan: &mut Plan) {
    let wanted = look.wanted;
    let Some(identity) = plan.known("account", Some(&look.seen.identity), wanted) else {
        return;
    };
    if let Some(expected) = &wanted.account_id
        && *expected != identity.account
    {
        plan.refuse(
            format!("these credentials are for account `{}`", identity.account),
            format!(
                "the configuration allows only account `{expected}` (caller `{}`)",
                identity.arn
            ),
            "choose the right AWS profile (`aws_profile`, --aws-profile), or correct `account_id`",
        );
    }
}

fn not_ready(what: String, why: impl Into<String>, hint: &str) -> Problem {
    Problem::new(ProblemKind::NotReady, what).because(why).hint(hint)
}

const WHERE_FROM: &str =
    "check names, region and AWS profile: `jitsi-config show --origin` says what each is and where it comes from";

fn cluster(look: Look<'_>, plan: &mut Plan) {
    let wanted = look.wanted;
    match &look.seen.cluster {
        Reading::Here(status) if status == "ACTIVE" => {}
        Reading::Here(status) => plan.stop(not_ready(
            format!("cluster `{}` cannot be used", wanted.cluster),
            format!("its status is {status}, not ACTIVE"),
            WHERE_FROM,
        )),
        Reading::Absent => plan.stop(not_ready(
            format!("there is no cluster `{}`", wanted.cluster),
            format!("ECS knows none of that name in region {}", wanted.region),
            WHERE_FROM,
        )),
        Reading::Unknown(failure) if failure.kind == FailureKind::Denied => {
            plan.warn(format!("{failure}: {}", failure.reason()), None);
        }
        other => {
            plan.known("cluster", Some(other), wanted);
        }
    }
}

/// The service, which can be scaled; or the plan says why not.
pub(super) fn active_service<'a>(look: Look<'a>, plan: &mut Plan) -> Option<&'a Service> {
    let wanted = look.wanted;
    if look.seen.service.is_absent() {
        // Without its cluster there cannot be a service; one message is enough.
        if !look.seen.cluster.is_absent() {
            service_missing(look, plan);
        }
        return None;
    }
    let service = plan.known("service", Some(&look.seen.service), wanted)?;
    if service.status != "ACTIVE" {
        plan.stop(not_ready(
            format!("service `{}` cannot be scaled", service.arn),
            format!("its status is {}, not ACTIVE", service.status),
            "a service that drains or is inactive was deleted: create it again with the platform's Terraform",
        ));
        return None;
    }
    Some(service)
}

/// ECS knows no such service.
pub(super) fn service_missing(look: Look<'_>, plan: &mut Plan) {
    let what = format!(
        "there is no service `{}` in cluster `{}`",
        look.wanted.service, look.wanted.cluster
    );
    plan.stop(not_ready(what, "ECS answered MISSING", WHERE_FROM));
}

fn rollout(service: &Service, plan: &mut Plan, wrong: &mut impl FnMut(&mut Plan, Problem)) {
    if service.rollout_state.as_deref() == Some("FAILED") {
        let reason = service
            .rollout_reason
            .clone()
            .unwrap_or_else(|| "ECS gives no reason".to_owned());
        wrong(
            plan,
            not_ready(
                format!("the last deployment of service `{}` has FAILED", service.arn),
                format!("ECS starts no more tasks of it ({reason})"),
                "mend the task definition and deploy it: `aws ecs update-service --force-new-deployment`",
            ),
        );
    }
}

fn secrets(look: Look<'_>, plan: &mut Plan, wrong: &mut impl FnMut(&mut Plan, Problem)) {
    let Some(definition) = readable("the task definition", &look.seen.task_definition, look, plan) else {
        return;
    };
    let others = &definition.other_secrets;
    if !others.is_empty() {
        plan.warn(
            format!("secrets that are not in SSM were not checked: {}", others.join(", ")),
            None,
        );
    }
    if definition.parameters.is_empty() {
        return;
    }
    let Some(missing) = readable("the SSM parameters", &look.seen.missing_parameters, look, plan) else {
        return;
    };
    if !missing.is_empty() {
        let names = missing
            .iter()
            .map(|n| format!("`{}`", parameter_name(n)))
            .collect::<Vec<_>>()
            .join(", ");
        wrong(
            plan,
            not_ready(
                format!("the task could not start: SSM has no parameter {names}"),
                format!("`{}` takes secrets from there", definition.name),
                "create them: `aws ssm put-parameter --type SecureString --name NAME --value VALUE`",
            ),
        );
    }
}

/// What the lint finds: a warning each, and one line with the codes of what has merely no use. It never stops.
fn findings(look: Look<'_>, service: &Service, plan: &mut Plan) {
    let Some(definition) = look.seen.task_definition.here() else {
        return;
    };
    let told = |finding: &Finding| format!("{} [{}]", finding.sentence, finding.code);
    let mut found = lint(definition, service, look.wanted);
    // What this run puts right by itself is nothing to tell.
    if look.wanted.advertise == Advertise::Nlb && advertise::nothing_is_left(look) {
        found.retain(|finding| !lint::ABOUT_ADVERTISING.contains(&finding.code));
    }
    let (notes, rest): (Vec<Finding>, Vec<Finding>) = found.into_iter().partition(|f| f.severity == Severity::Note);
    for finding in &rest {
        plan.warn(told(finding), Some(&finding.fix));
    }
    if !notes.is_empty() {
        let codes: BTreeSet<&str> = notes.iter().map(|finding| finding.code).collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        plan.warn(
            format!("works, but merely has no use: [{}]", codes.join("], [")),
            Some("what each means, and what to do about it: docs/platform-lint.md"),
        );
    }
}

/// The name in a reference, which may be an ARN: `arn:aws:ssm:us-west-2:123456789012:parameter/p/q` is `/p/q`.
fn parameter_name(reference: &str) -> &str {
    reference.split_once(":parameter").map_or(reference, |(_, name)| name)
}

fn bucket(look: Look<'_>, plan: &mut Plan, wrong: &mut impl FnMut(&mut Plan, Problem)) {
    let Some(bucket) = readable("the bucket", &look.seen.bucket, look, plan) else {
        return;
    };
    let region = &look.wanted.region;
    match bucket {
        Bucket::Reachable(_) => {}
        Bucket::Missing(name) => wrong(
            plan,
            not_ready(
                format!("there is no bucket `{name}`"),
                "S3 answered 404",
                "correct `bucket` in the configuration, or create it: `aws s3 mb s3://NAME`",
            ),
        ),
        Bucket::Elsewhere(name, actual) => wrong(
            plan,
            not_ready(
                format!("bucket `{name}` is in another region"),
                format!("it is in {actual}, the platform in {region}"),
                "correct `bucket` or `aws_region` in the configuration",
            ),
        ),
        Bucket::Forbidden(name, reason) => plan.warn(
            format!("bucket `{name}` could not be checked: {reason}"),
            Some("either it belongs to another account, or this identity lacks s3:ListBucket on it"),
        ),
        Bucket::NoneNamed => plan.warn(
            format!(
                "no bucket is configured, and none is named `{}...`",
                look.wanted.bucket_prefix
            ),
            Some("set `bucket` in the configuration"),
        ),
        Bucket::Several(names) => plan.warn(
            format!(
                "no bucket is configured, and several could be meant: {}",
                names.join(", ")
            ),
            Some("set `bucket` in the configuration"),
        ),
    }
}

/// Like [`Plan::known`], but what this identity may not read is only a warning.
fn readable<'r, T>(what: &str, reading: &'r Reading<T>, look: Look<'_>, plan: &mut Plan) -> Option<&'r T> {
    match reading {
        Reading::Unknown(failure) if failure.kind == FailureKind::Denied => {
            plan.warn(format!("{what} could not be checked: {}", failure.reason()), None);
            None
        }
        // The definition was just named by the service; its absence is a fault that a later look may not show.
        other => plan.known(what, Some(other), look.wanted),
    }
}
