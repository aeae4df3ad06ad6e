//! What a call demands: actions on resources. By the Service Authorization Reference.

use std::collections::BTreeMap;

use super::{ecs, elbv2, route53, s3};
use crate::tags::Tags;
use crate::wire::{Request, Route, Service, json};
use crate::world::{Place, World};

/// Condition keys, in lower case, with their values.
pub(super) type Context = BTreeMap<String, Vec<String>>;

/// An action that is needed on each of the resources.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Demand {
    /// Such as `ecs:UpdateService`.
    pub(super) action: String,
    pub(super) resources: Vec<Resource>,
    pub(super) context: Context,
}

/// What an action is on. Where an action knows no resources it is on `*`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Resource {
    pub(super) arn: String,
    tags: Option<Tags>,
}

impl Resource {
    pub(super) fn new(arn: impl Into<String>, tags: Option<&Tags>) -> Self {
        Self {
            arn: arn.into(),
            tags: tags.cloned(),
        }
    }

    /// The value of a tag; upper and lower case of its key are the same, as in all condition keys.
    pub(super) fn tag(&self, key: &str) -> Option<&str> {
        let mut tags = self.tags.iter().flat_map(Tags::iter);
        tags.find(|(its, _)| its.eq_ignore_ascii_case(key))
            .map(|(_, value)| value)
    }
}

impl Demand {
    pub(super) fn new(action: impl Into<String>, resources: Vec<Resource>) -> Self {
        Self {
            action: action.into(),
            resources,
            context: Context::new(),
        }
    }

    /// An action that knows no resources.
    pub(super) fn on_all(action: impl Into<String>) -> Self {
        Self::new(action, vec![Resource::new("*", None)])
    }

    pub(super) fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.context.insert(key.to_ascii_lowercase(), vec![value.into()]);
        self
    }

    /// A key that has several values.
    pub(super) fn with_all(mut self, key: &str, values: Vec<String>) -> Self {
        self.context.insert(key.to_ascii_lowercase(), values);
        self
    }

    /// The tags that a request carries.
    pub(super) fn with_tags(mut self, tags: &[(String, String)]) -> Self {
        for (key, value) in tags {
            self.context.insert(
                format!("aws:requesttag/{}", key.to_ascii_lowercase()),
                vec![value.clone()],
            );
        }
        let keys = tags.iter().map(|(key, _)| key.clone()).collect();
        self.with_tag_keys(keys)
    }

    pub(super) fn with_tag_keys(mut self, keys: Vec<String>) -> Self {
        if !keys.is_empty() {
            self.context.insert("aws:tagkeys".to_owned(), keys);
        }
        self
    }
}

/// All that a call demands. GetCallerIdentity demands nothing.
pub(super) fn of_call(world: &mut World, route: &Route, place: &Place, request: &Request) -> Vec<Demand> {
    let action = format!("{}:{}", route.service.action_prefix(), route.operation);
    let mut demands = match route.service {
        Service::Ecs => ecs::demands(world, place, &action, &json::input(&request.body).unwrap_or_default()),
        Service::Elbv2 => elbv2::demands(world, place, &action, route),
        Service::S3 => s3::demands(world, place, route, request),
        Service::Ssm => parameters(place, &action, &json::input(&request.body).unwrap_or_default()),
        Service::Route53 => route53::demands(&action, route, request),
        Service::CloudWatch | Service::CostExplorer => vec![Demand::on_all(action)],
        Service::Sts if route.operation == "GetCallerIdentity" => Vec::new(),
        Service::Sts => {
            let role = route.form.get("RoleArn").map_or("*", String::as_str);
            vec![Demand::new(action, vec![Resource::new(role, None)])]
        }
    };
    for demand in &mut demands {
        demand
            .context
            .insert("aws:requestedregion".to_owned(), vec![place.region.clone()]);
    }
    demands
}

/// The parameter store: DescribeParameters knows no resources, everything else is on parameters.
fn parameters(place: &Place, action: &str, input: &serde_json::Value) -> Vec<Demand> {
    let listed = input["Names"].as_array().into_iter().flatten();
    let given = listed.chain([&input["Name"]]).filter_map(serde_json::Value::as_str);
    let arn = |name: &str| {
        if name.starts_with("arn:") {
            return name.to_owned();
        }
        let name = name.split(':').next().unwrap_or_default().trim_start_matches('/');
        format!("arn:aws:ssm:{}:{}:parameter/{name}", place.region, place.account)
    };
    let resources: Vec<Resource> = given.map(|name| Resource::new(arn(name), None)).collect();
    if resources.is_empty() {
        return vec![Demand::on_all(action)];
    }
    let mut demands = vec![Demand::new(action, resources.clone())];
    let tags = given_tags(&input["Tags"], "Key", "Value");
    if !tags.is_empty() {
        demands[0] = demands[0].clone().with_tags(&tags);
        demands.push(Demand::new("ssm:AddTagsToResource", resources).with_tags(&tags));
    }
    demands
}

/// The tags in a list of JSON.
pub(super) fn given_tags(list: &serde_json::Value, key: &str, value: &str) -> Vec<(String, String)> {
    let text = |tag: &serde_json::Value, name: &str| tag[name].as_str().unwrap_or_default().to_owned();
    let tags = list.as_array().into_iter().flatten();
    tags.map(|tag| (text(tag, key), text(tag, value))).collect()
}
