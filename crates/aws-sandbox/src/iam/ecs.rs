//! What calls of ECS demand.

use serde_json::Value;

use super::demand::{Demand, Resource, given_tags};
use crate::tags::Tags;
use crate::world::{Place, World};

/// A call as its demands see it.
struct Call<'a> {
    place: &'a Place,
    input: &'a Value,
}

impl Call<'_> {
    fn arn(&self, kind: &str, rest: &str) -> String {
        format!("arn:aws:ecs:{}:{}:{kind}/{rest}", self.place.region, self.place.account)
    }

    /// The name of a cluster, by name or ARN.
    fn cluster(&self) -> &str {
        let given = self.input["cluster"].as_str().filter(|given| !given.is_empty());
        last_part(given.unwrap_or("default"))
    }

    /// The ARNs of members of the cluster, such as `service`, that a member of the input names, one or several.
    fn members(&self, kind: &str, name: &str) -> Vec<String> {
        let given = match &self.input[name] {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            Value::String(one) => vec![one.as_str()],
            _ => Vec::new(),
        };
        let arn = |given: &str| self.arn(kind, &format!("{}/{}", self.cluster(), last_part(given)));
        given.into_iter().map(arn).collect()
    }
}

fn last_part(given: &str) -> &str {
    given.rsplit('/').next().unwrap_or(given)
}

pub(super) fn demands(world: &mut World, place: &Place, action: &str, input: &Value) -> Vec<Demand> {
    let call = Call { place, input };
    let operation = action.strip_prefix("ecs:").unwrap_or(action);
    let cluster = call.arn("cluster", call.cluster());
    let on = |world: &mut World, arns: Vec<String>| {
        let tagged = |arn: String| {
            let tags = tags_of(world, place, &arn).cloned();
            Resource::new(arn, tags.as_ref())
        };
        Demand::new(action, arns.into_iter().map(tagged).collect()).with("ecs:cluster", &cluster)
    };
    let tags = given_tags(&input["tags"], "key", "value");
    match operation {
        "CreateCluster" => vec![Demand::on_all(action).with_tags(&tags)],
        "DescribeClusters" => {
            let named = input["clusters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let mut arns: Vec<String> = named.map(|name| call.arn("cluster", last_part(name))).collect();
            if arns.is_empty() {
                arns.push(call.arn("cluster", "default"));
            }
            vec![on(world, arns)]
        }
        "CreateService" | "UpdateService" | "DeleteService" | "DescribeServices" => {
            let name = match operation {
                "CreateService" => "serviceName",
                "DescribeServices" => "services",
                _ => "service",
            };
            let mut demands = vec![on(world, call.members("service", name)).with_tags(&tags)];
            // A new definition brings new roles along.
            if let Some(given) = input["taskDefinition"]
                .as_str()
                .filter(|_| operation != "DescribeServices")
            {
                let definition = world.region(place).ecs.task_definition(given);
                let roles = definition.map(|definition| definition.roles()).unwrap_or_default();
                demands.extend(pass_roles(roles));
            }
            demands
        }
        "DescribeTasks" | "StopTask" | "GetTaskProtection" | "UpdateTaskProtection" => {
            let name = if operation == "StopTask" { "task" } else { "tasks" };
            let mut arns = call.members("task", name);
            if arns.is_empty() {
                arns.push(call.arn("task", &format!("{}/*", call.cluster())));
            }
            vec![on(world, arns)]
        }
        "RegisterTaskDefinition" => {
            let family = input["family"].as_str().unwrap_or_default();
            let arn = call.arn("task-definition", &format!("{family}:*"));
            let roles = ["executionRoleArn", "taskRoleArn"]
                .iter()
                .filter_map(|role| input[*role].as_str());
            let mut demands = vec![Demand::new(action, vec![Resource::new(arn.clone(), None)]).with_tags(&tags)];
            if !tags.is_empty() {
                let tagging = Demand::new("ecs:TagResource", vec![Resource::new(arn, None)]);
                demands.push(tagging.with_tags(&tags).with("ecs:CreateAction", operation));
            }
            demands.extend(pass_roles(roles.map(str::to_owned).collect()));
            demands
        }
        "TagResource" | "UntagResource" | "ListTagsForResource" => {
            let arn = input["resourceArn"].as_str().unwrap_or("*").to_owned();
            let resource = {
                let tags = tags_of(world, place, &arn).cloned();
                Resource::new(arn, tags.as_ref())
            };
            let keys = input["tagKeys"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let keys: Vec<String> = keys.map(str::to_owned).collect();
            let demand = Demand::new(action, vec![resource]);
            vec![if keys.is_empty() {
                demand.with_tags(&tags)
            } else {
                demand.with_tag_keys(keys)
            }]
        }
        // ListTasks is on container instances, of which Fargate has none: then it is on everything.
        "ListTasks" => {
            let demand = Demand::on_all(action).with("ecs:cluster", &cluster);
            let service = call.members("service", "serviceName").pop();
            vec![match service {
                Some(service) => demand.with("ecs:service", service),
                None => demand,
            }]
        }
        "ListServices" => vec![Demand::on_all(action).with("ecs:cluster", &cluster)],
        _ => vec![Demand::on_all(action)],
    }
}

fn pass_roles(roles: Vec<String>) -> Option<Demand> {
    let resources: Vec<Resource> = roles.into_iter().map(|role| Resource::new(role, None)).collect();
    let demand = Demand::new("iam:PassRole", resources).with("iam:PassedToService", "ecs-tasks.amazonaws.com");
    (!demand.resources.is_empty()).then_some(demand)
}

/// The tags of a cluster, service or task.
fn tags_of<'a>(world: &'a mut World, place: &Place, arn: &str) -> Option<&'a Tags> {
    let path = arn.splitn(6, ':').nth(5)?;
    let clusters = &world.region(place).ecs.clusters;
    match path.split('/').collect::<Vec<_>>()[..] {
        ["cluster", cluster] => Some(&clusters.get(cluster)?.tags),
        ["service", cluster, service] => Some(&clusters.get(cluster)?.services.get(service)?.tags),
        ["task", cluster, task] => Some(&clusters.get(cluster)?.tasks.get(task)?.tags),
        _ => None,
    }
}
