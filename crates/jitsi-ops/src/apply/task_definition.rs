//! A new revision of the task definition, in which nothing but the bridge's variables is another.

use std::collections::BTreeMap;

use aws_sdk_ecs::operation::register_task_definition::builders::RegisterTaskDefinitionFluentBuilder;
use aws_sdk_ecs::types::{KeyValuePair, Tag, TaskDefinition, TaskDefinitionField};

use super::Effect;
use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::observation::Revision;

/// Registers the revision `from` once more, with these `variables` in `container`.
///
/// The revision is read here and now: what the observation keeps of it is not all of it.
pub(super) async fn register(
    aws: &Aws,
    from: &str,
    container: &str,
    variables: &BTreeMap<String, String>,
) -> Result<Effect, AwsFailure> {
    let describe = Call::new("ECS", "DescribeTaskDefinition", from);
    let request = aws.ecs.describe_task_definition().task_definition(from);
    let answer = request.include(TaskDefinitionField::Tags).send().await;
    let answer = answer.map_err(|error| AwsFailure::of(describe.clone(), &error))?;
    let tags = answer.tags.unwrap_or_default();
    let Some(mut definition) = answer.task_definition else {
        return Err(AwsFailure::malformed(describe, "task definition"));
    };
    let containers = definition.container_definitions.iter_mut().flatten();
    let Some(bridge) = containers.into_iter().find(|it| it.name() == Some(container)) else {
        return Err(AwsFailure::malformed(describe, "container of the bridge"));
    };
    set(bridge.environment.get_or_insert_default(), variables);
    let call = Call::new("ECS", "RegisterTaskDefinition", definition.family().unwrap_or(from));
    let answer = copied(aws, definition, tags).send().await;
    let answer = answer.map_err(|error| AwsFailure::of(call.clone(), &error))?;
    let arn = answer.task_definition().and_then(TaskDefinition::task_definition_arn);
    let arn = arn.ok_or_else(|| AwsFailure::malformed(call, "task definition with ARN"))?;
    Ok(Effect::Revision(Revision {
        arn: arn.to_owned(),
        from: from.to_owned(),
        container: container.to_owned(),
        variables: variables.clone(),
    }))
}

/// Sets each variable in its place, or at the end where it is new.
fn set(environment: &mut Vec<KeyValuePair>, variables: &BTreeMap<String, String>) {
    for (name, value) in variables {
        let pair = KeyValuePair::builder().name(name).value(value).build();
        let place = environment.iter().position(|it| it.name() == Some(name));
        match place {
            Some(place) => environment[place] = pair,
            None => environment.push(pair),
        }
        // Of several of one name the last would count.
        let mut first = true;
        environment.retain(|it| it.name() != Some(name) || std::mem::take(&mut first));
    }
}

/// Everything that RegisterTaskDefinition takes, as it was described.
#[expect(
    deprecated,
    reason = "AWS still takes inference accelerators, and a definition that has them must not lose them"
)]
fn copied(aws: &Aws, definition: TaskDefinition, tags: Vec<Tag>) -> RegisterTaskDefinitionFluentBuilder {
    // Those are AWS's own, and nobody else may give them.
    let tags: Vec<Tag> = tags
        .into_iter()
        .filter(|tag| !tag.key().is_some_and(|key| key.starts_with("aws:")))
        .collect();
    aws.ecs
        .register_task_definition()
        .set_family(definition.family)
        .set_task_role_arn(definition.task_role_arn)
        .set_execution_role_arn(definition.execution_role_arn)
        .set_network_mode(definition.network_mode)
        .set_container_definitions(definition.container_definitions)
        .set_volumes(definition.volumes)
        .set_placement_constraints(definition.placement_constraints)
        .set_requires_compatibilities(definition.requires_compatibilities)
        .set_cpu(definition.cpu)
        .set_memory(definition.memory)
        .set_pid_mode(definition.pid_mode)
        .set_ipc_mode(definition.ipc_mode)
        .set_proxy_configuration(definition.proxy_configuration)
        .set_inference_accelerators(definition.inference_accelerators)
        .set_ephemeral_storage(definition.ephemeral_storage)
        .set_runtime_platform(definition.runtime_platform)
        .set_enable_fault_injection(definition.enable_fault_injection)
        .set_tags((!tags.is_empty()).then_some(tags))
}
