//! Task definitions: revisions of a family. Every field is kept as it was given.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Ecs;
use super::names::{client, legal, resource};
use super::task_definition_checks::complete;
use super::wire::{WireTag, tag_list};
use crate::clock::{Ms, SECOND, epoch_seconds};
use crate::tags::Tags;
use crate::wire::{ApiError, Caller, json};
use crate::world::World;

/// One revision.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TaskDefinition {
    pub(crate) arn: String,
    pub(crate) family: String,
    revision: usize,
    registered_at: Ms,
    registered_by: String,
    /// What was given, with AWS's defaults filled in.
    fields: Map<String, Value>,
    pub(crate) tags: Tags,
}

/// What the scheduler needs to know of a container.
pub(super) struct DefinedContainer {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) cpu: i64,
    pub(super) essential: bool,
    pub(super) checked: bool,
}

/// An SSM parameter that a container's secret refers to.
pub(super) struct SecretSource {
    /// Where it is given by ARN.
    pub(super) region: Option<String>,
    pub(super) name: String,
}

impl TaskDefinition {
    pub(super) fn cpu(&self) -> String {
        self.fields
            .get("cpu")
            .and_then(Value::as_str)
            .unwrap_or("256")
            .to_owned()
    }

    pub(super) fn memory(&self) -> String {
        self.fields
            .get("memory")
            .and_then(Value::as_str)
            .unwrap_or("512")
            .to_owned()
    }

    pub(super) fn needs_network(&self) -> bool {
        self.fields.get("networkMode").and_then(Value::as_str) == Some("awsvpc")
    }

    fn container_fields(&self) -> impl Iterator<Item = &Value> {
        self.fields
            .get("containerDefinitions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    }

    pub(super) fn containers(&self) -> Vec<DefinedContainer> {
        let text = |container: &Value, name: &str| container[name].as_str().unwrap_or_default().to_owned();
        let defined = self.container_fields().map(|container| DefinedContainer {
            name: text(container, "name"),
            image: text(container, "image"),
            cpu: container["cpu"].as_i64().unwrap_or_default(),
            essential: container["essential"].as_bool().unwrap_or(true),
            checked: container["healthCheck"].is_object(),
        });
        defined.collect()
    }

    /// The roles that its tasks are given.
    pub(crate) fn roles(&self) -> Vec<String> {
        let role = |name: &str| self.fields.get(name).and_then(Value::as_str).map(str::to_owned);
        ["executionRoleArn", "taskRoleArn"]
            .into_iter()
            .filter_map(role)
            .collect()
    }

    /// The longest stopTimeout of its containers; thirty seconds where none is given.
    pub(super) fn stop_timeout(&self) -> Ms {
        let given = self
            .container_fields()
            .filter_map(|container| container["stopTimeout"].as_i64())
            .max();
        given.unwrap_or(30) * SECOND
    }

    /// The SSM parameters that it refers to. Secrets of Secrets Manager are taken to exist.
    pub(super) fn secrets(&self) -> Vec<SecretSource> {
        let secrets = self
            .container_fields()
            .filter_map(|container| container["secrets"].as_array())
            .flatten();
        let source = |secret: &Value| {
            let given = secret["valueFrom"].as_str()?;
            if !given.starts_with("arn:") {
                return Some(SecretSource {
                    region: None,
                    name: given.to_owned(),
                });
            }
            let parts: Vec<&str> = given.splitn(6, ':').collect();
            let name = parts.get(5)?.strip_prefix("parameter/")?;
            let name = if name.contains('/') {
                format!("/{name}")
            } else {
                name.to_owned()
            };
            (parts[2] == "ssm").then(|| SecretSource {
                region: Some(parts[3].to_owned()),
                name,
            })
        };
        secrets.filter_map(source).collect()
    }

    fn view(&self) -> Value {
        let mut view = self.fields.clone();
        view.insert("taskDefinitionArn".to_owned(), self.arn.as_str().into());
        view.insert("revision".to_owned(), self.revision.into());
        view.insert("status".to_owned(), "ACTIVE".into());
        view.insert("registeredAt".to_owned(), epoch_seconds(self.registered_at).into());
        view.insert("registeredBy".to_owned(), self.registered_by.as_str().into());
        Value::Object(view)
    }
}

impl Ecs {
    /// A definition by ARN, `family:revision` or family (its latest revision).
    pub(crate) fn task_definition(&self, given: &str) -> Option<&TaskDefinition> {
        let (family, index) = revision_of(given, |family| self.task_definitions.get(family).map(Vec::len))?;
        self.task_definitions.get(&family)?.get(index)
    }

    pub(super) fn task_definition_mut(&mut self, given: &str) -> Option<&mut TaskDefinition> {
        let (family, index) = revision_of(given, |family| self.task_definitions.get(family).map(Vec::len))?;
        self.task_definitions.get_mut(&family)?.get_mut(index)
    }
}

fn revision_of(given: &str, revisions: impl Fn(&str) -> Option<usize>) -> Option<(String, usize)> {
    let name = given.rsplit_once("task-definition/").map_or(given, |(_, name)| name);
    let (family, revision) = match name.split_once(':') {
        Some((family, revision)) => (family, revision.parse().ok()?),
        None => (name, revisions(name)?),
    };
    Some((family.to_owned(), usize::checked_sub(revision, 1)?))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct DescribeTaskDefinition {
    task_definition: String,
    include: Vec<String>,
}

/// DescribeTaskDefinition.
pub(super) fn describe(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: DescribeTaskDefinition = json::input(body)?;
    resource(&input.task_definition, "task-definition", caller)?;
    let found = world.region(&caller.place).ecs.task_definition(&input.task_definition);
    let found = found.ok_or_else(|| client("Unable to describe task definition."))?;
    let tags = if input.include.iter().any(|what| what == "TAGS") {
        tag_list(&found.tags)
    } else {
        json!([])
    };
    Ok(json!({ "taskDefinition": found.view(), "tags": tags }))
}

/// RegisterTaskDefinition: a new revision each time.
pub(super) fn register(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let mut fields: Map<String, Value> = json::input(body)?;
    let tags = fields.remove("tags").unwrap_or_else(|| json!([]));
    let tags: Vec<WireTag> =
        serde_json::from_value(tags).map_err(|error| ApiError::client("SerializationException", error.to_string()))?;
    let tags = Tags::new(super::wire::tags(tags)?).map_err(super::wire::tag_fault)?;
    let family = fields
        .get("family")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if family.is_empty() {
        return Err(client("Family should not be null or empty."));
    }
    if !legal(&family) {
        return Err(client("Family contains invalid characters."));
    }
    complete(&mut fields)?;
    let revisions = world
        .region(&caller.place)
        .ecs
        .task_definitions
        .entry(family.clone())
        .or_default();
    let revision = revisions.len() + 1;
    let definition = TaskDefinition {
        arn: super::names::arn(&caller.place, "task-definition", &format!("{family}:{revision}")),
        family,
        revision,
        registered_at: caller.now,
        registered_by: format!("arn:aws:iam::{}:user/{}", caller.place.account, caller.access_key),
        fields,
        tags,
    };
    let answer = json!({ "taskDefinition": definition.view(), "tags": tag_list(&definition.tags) });
    revisions.push(definition);
    Ok(answer)
}
