//! Carries out one step: one call, or one batch. What AWS answers goes back into the observation.

mod elbv2;
mod record;
mod task_definition;

use std::error::Error;

use aws_sdk_elasticloadbalancingv2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancerAttribute, TargetGroupAttribute};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::retry::RetryConfig;

use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::from_aws;
use crate::observation::{Listener, LoadBalancer, Observation, Revision, Service, TargetGroup};
use crate::plan;
use crate::reading::Reading;
use crate::step::Step;
use crate::wanted::Wanted;

/// What a step brought, as AWS described it in its answer.
#[derive(Clone, Debug)]
pub enum Effect {
    /// The load balancer as created.
    LoadBalancer(LoadBalancer),
    /// The target group as created.
    Group(TargetGroup),
    /// The listener as created.
    Listener(Listener),
    /// The service as updated.
    Service(Box<Service>),
    /// The revision of the task definition as registered.
    Revision(Revision),
    /// Route 53 has accepted the change of this id.
    Change(String),
    /// The answer says no more than that it was accepted.
    Accepted,
}

/// Makes the call of `step`.
///
/// # Errors
/// What AWS said, after the SDK's own retries. A failure that [may pass](AwsFailure::may_pass) may have taken effect.
pub async fn apply(aws: &Aws, wanted: &Wanted, step: &Step) -> Result<Effect, AwsFailure> {
    let elb = &aws.elb;
    match step {
        Step::CreateLoadBalancer {
            name,
            subnets,
            eip_allocations,
            tags,
        } => elbv2::create_load_balancer(aws, name, subnets, eip_allocations, tags).await,
        Step::CreateTargetGroup { group, vpc_id, tags } => elbv2::create_target_group(aws, group, vpc_id, tags).await,
        Step::CreateListener {
            listener,
            load_balancer_arn,
            group_arn,
            tags,
            ..
        } => elbv2::create_listener(aws, listener, load_balancer_arn, group_arn, tags).await,
        Step::RegisterTaskDefinition {
            from,
            container,
            variables,
        } => task_definition::register(aws, from, container, variables).await,
        Step::RaiseDesiredCount {
            desired,
            task_definition,
            ..
        } => update_service(aws, wanted, *desired, task_definition.as_deref(), Attempts::AsUsual).await,
        Step::RestoreDesiredCount { desired, .. } => {
            update_service(aws, wanted, *desired, None, Attempts::AsUsual).await
        }
        Step::ScaleToZero { .. } => update_service(aws, wanted, 0, None, Attempts::One).await,
        Step::PutRecord {
            zone,
            name,
            alias,
            replaces,
        } => record::put(aws, call(step), zone, name, alias, replaces.as_ref()).await,
        Step::RemoveRecord { zone, record, .. } => record::remove(aws, call(step), zone, record).await,
        Step::LiftProtection { tasks, .. } => lift_protection(aws, wanted, tasks).await,
        Step::TagService { arn, key, value } => {
            let call = Call::new("ECS", "TagResource", arn);
            let tag = aws_sdk_ecs::types::Tag::builder().key(*key).value(value).build();
            accepted(call, aws.ecs.tag_resource().resource_arn(arn).tags(tag).send().await)
        }
        Step::UntagService { arn, key } => {
            let call = Call::new("ECS", "UntagResource", arn);
            accepted(
                call,
                aws.ecs.untag_resource().resource_arn(arn).tag_keys(*key).send().await,
            )
        }
        Step::ModifyTargetGroup { arn, health_check, .. } => {
            elbv2::modify_health_check(aws, call(step), arn, health_check).await
        }
        Step::Adopt { arn, tags, .. } => accepted(
            call(step),
            elb.add_tags()
                .resource_arns(arn)
                .set_tags(Some(elbv2::tags(tags)))
                .send()
                .await,
        ),
        Step::ModifyLoadBalancerAttributes { arn, attributes, .. } => {
            let attributes = attributes
                .iter()
                .map(|(k, v)| LoadBalancerAttribute::builder().key(k).value(v).build())
                .collect();
            let request = elb
                .modify_load_balancer_attributes()
                .load_balancer_arn(arn)
                .set_attributes(Some(attributes));
            accepted(call(step), request.send().await)
        }
        Step::ModifyTargetGroupAttributes { arn, attributes, .. } => {
            let attributes = attributes
                .iter()
                .map(|(k, v)| TargetGroupAttribute::builder().key(k).value(v).build())
                .collect();
            let request = elb
                .modify_target_group_attributes()
                .target_group_arn(arn)
                .set_attributes(Some(attributes));
            accepted(call(step), request.send().await)
        }
        Step::ModifyListener { listener, arn } => {
            let request = elb
                .modify_listener()
                .listener_arn(arn)
                .set_certificates(elbv2::certificates(listener));
            accepted(call(step), request.send().await)
        }
        Step::RegisterTargets {
            group_arn, ids, port, ..
        } => {
            let targets = ids.iter().map(|id| elbv2::target(id, *port)).collect();
            let request = elb
                .register_targets()
                .target_group_arn(group_arn)
                .set_targets(Some(targets));
            accepted(call(step), request.send().await)
        }
        Step::DeregisterStrays { group_arn, targets, .. } | Step::DeregisterTargets { group_arn, targets, .. } => {
            let targets = targets.iter().map(|(id, port)| elbv2::target(id, *port)).collect();
            let request = elb
                .deregister_targets()
                .target_group_arn(group_arn)
                .set_targets(Some(targets));
            accepted(call(step), request.send().await)
        }
        // Deleting what is gone already succeeds at AWS; should it say NotFound after all, that is as good.
        Step::DeleteLoadBalancer { arn, .. } => gone_is_good(accepted(
            call(step),
            elb.delete_load_balancer().load_balancer_arn(arn).send().await,
        )),
        Step::DeleteTargetGroup { arn, .. } => gone_is_good(accepted(
            call(step),
            elb.delete_target_group().target_group_arn(arn).send().await,
        )),
    }
}

/// The call, of those services whose steps have the same words for what they change.
fn call(step: &Step) -> Call {
    let service = match step {
        Step::PutRecord { .. } | Step::RemoveRecord { .. } => "Route 53",
        _ => "ELBv2",
    };
    Call::new(service, step.operation(), step.resource())
}

/// For calls whose answer carries nothing.
fn accepted<T, E>(call: Call, answer: Result<T, SdkError<E, HttpResponse>>) -> Result<Effect, AwsFailure>
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match answer {
        Ok(_) => Ok(Effect::Accepted),
        Err(error) => Err(AwsFailure::of(call, &error)),
    }
}

fn gone_is_good(result: Result<Effect, AwsFailure>) -> Result<Effect, AwsFailure> {
    match result {
        Err(failure) if failure.is("LoadBalancerNotFound") || failure.is("TargetGroupNotFound") => Ok(Effect::Accepted),
        other => other,
    }
}

/// How often the SDK may try.
#[derive(Clone, Copy, PartialEq)]
enum Attempts {
    AsUsual,
    /// Once: before a second attempt it must be seen again that nobody is in a meeting.
    One,
}

/// `task_definition`: the ARN of another revision than before.
async fn update_service(
    aws: &Aws,
    wanted: &Wanted,
    desired: u32,
    task_definition: Option<&str>,
    attempts: Attempts,
) -> Result<Effect, AwsFailure> {
    let call = Call::new("ECS", "UpdateService", &wanted.service);
    let request = aws
        .ecs
        .update_service()
        .cluster(&wanted.cluster)
        .service(&wanted.service)
        .set_task_definition(task_definition.map(str::to_owned))
        .desired_count(i32::try_from(desired).unwrap_or(i32::MAX));
    let answer = match attempts {
        Attempts::AsUsual => request.send().await,
        Attempts::One => {
            let once = aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled());
            request.customize().config_override(once).send().await
        }
    };
    let answer = answer.map_err(|error| AwsFailure::of(call.clone(), &error))?;
    let service = answer.service().and_then(from_aws::service);
    service
        .map(|s| Effect::Service(Box::new(s)))
        .ok_or_else(|| AwsFailure::malformed(call, "service with ARN and status"))
}

async fn lift_protection(aws: &Aws, wanted: &Wanted, tasks: &[String]) -> Result<Effect, AwsFailure> {
    let call = Call::new("ECS", "UpdateTaskProtection", tasks.join(", "));
    let request = aws
        .ecs
        .update_task_protection()
        .cluster(&wanted.cluster)
        .set_tasks(Some(tasks.to_vec()))
        .protection_enabled(false);
    let answer = request
        .send()
        .await
        .map_err(|error| AwsFailure::of(call.clone(), &error))?;
    // What could not be done comes as HTTP 200 with `failures`; a task that is gone needs nothing lifted.
    let failure = answer
        .failures()
        .iter()
        .find(|f| f.reason() != Some("MISSING") && f.reason() != Some("TASK_NOT_VALID"));
    match failure {
        None => Ok(Effect::Accepted),
        Some(failure) => Err(AwsFailure::malformed(
            call,
            failure.reason().unwrap_or("protected task"),
        )),
    }
}

/// Puts into `seen` what `step` has changed, without waiting for the next look.
pub fn absorb(step: &Step, effect: Effect, seen: &mut Observation) {
    match effect {
        Effect::LoadBalancer(balancer) => seen.load_balancer = Reading::Here(balancer),
        Effect::Group(group) => {
            seen.target_groups.insert(group.name.clone(), Reading::Here(group));
        }
        Effect::Listener(listener) => match &mut seen.listeners {
            Reading::Here(listeners) => {
                listeners.retain(|l| l.port != listener.port);
                listeners.push(listener);
            }
            other => *other = Reading::NotRead,
        },
        Effect::Service(mut service) => {
            // UpdateService answers without the tags.
            if let Some(known) = seen.service.here() {
                service.tags.clone_from(&known.tags);
            }
            seen.service = Reading::Here(*service);
        }
        Effect::Revision(revision) => seen.new_revision = Some(revision),
        Effect::Change(id) => {
            seen.change_id = Some(id);
            seen.change = Reading::NotRead;
            plan::foresee(step, seen);
        }
        Effect::Accepted => plan::foresee(step, seen),
    }
}
