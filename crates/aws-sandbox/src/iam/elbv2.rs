//! What calls of ELBv2 demand. Descriptions know no resources; creations are on the name of what they make, and with tags
//! they demand AddTags too.

use super::demand::{Demand, Resource};
use crate::tags::Tags;
use crate::wire::Route;
use crate::wire::query::Parameters;
use crate::world::{Place, World};

pub(super) fn demands(world: &mut World, place: &Place, action: &str, route: &Route) -> Vec<Demand> {
    let input = Parameters::new(route.form.clone());
    let operation = route.operation.as_str();
    if operation.starts_with("Describe") {
        return vec![Demand::on_all(action)];
    }
    let tags: Vec<(String, String)> = input
        .structures("Tags")
        .iter()
        .map(|tag| {
            let part = |name: &str| tag.text(name).unwrap_or_default().to_owned();
            (part("Key"), part("Value"))
        })
        .collect();
    let arn = |rest: String| format!("arn:aws:elasticloadbalancing:{}:{}:{rest}", place.region, place.account);
    let name = input.text("Name").unwrap_or_default();
    let given = |name: &str| input.text(name).unwrap_or("*").to_owned();
    let (on, made) = match operation {
        "CreateLoadBalancer" => {
            let kind = if input.text("Type") == Some("network") {
                "net"
            } else {
                "app"
            };
            let made = arn(format!("loadbalancer/{kind}/{name}/*"));
            (vec![made.clone()], Some(made))
        }
        "CreateTargetGroup" => {
            let made = arn(format!("targetgroup/{name}/*"));
            (vec![made.clone()], Some(made))
        }
        "CreateListener" => {
            let balancer = given("LoadBalancerArn");
            let made = format!("{}/*", balancer.replacen(":loadbalancer/", ":listener/", 1));
            (vec![balancer], Some(made))
        }
        "AddTags" | "RemoveTags" => (input.list("ResourceArns"), None),
        _ => {
            let telling = ["ListenerArn", "TargetGroupArn", "LoadBalancerArn"];
            let named = telling.iter().find(|name| input.text(name).is_some());
            (vec![named.map_or_else(|| "*".to_owned(), |name| given(name))], None)
        }
    };
    let resources = on.into_iter().map(|arn| {
        let tags = tags_of(world, place, &arn).cloned();
        Resource::new(arn, tags.as_ref())
    });
    let demand = Demand::new(action, resources.collect());
    if operation == "RemoveTags" {
        return vec![demand.with_tag_keys(input.list("TagKeys"))];
    }
    let mut demands = vec![demand.with_tags(&tags)];
    if let Some(made) = made.filter(|_| !tags.is_empty()) {
        let tagging = Demand::new("elasticloadbalancing:AddTags", vec![Resource::new(made, None)]);
        demands.push(
            tagging
                .with_tags(&tags)
                .with("elasticloadbalancing:CreateAction", operation),
        );
    }
    demands
}

/// The tags of what exists; what does not has none, so that a condition on them denies and does not tell.
fn tags_of<'a>(world: &'a mut World, place: &Place, arn: &str) -> Option<&'a Tags> {
    let elbv2 = &world.region(place).elbv2;
    let balancers = elbv2.load_balancers.iter().map(|it| (&it.arn, &it.tags));
    let groups = elbv2.target_groups.iter().map(|it| (&it.arn, &it.tags));
    let listeners = elbv2.listeners.iter().map(|it| (&it.arn, &it.tags));
    let mut all = balancers.chain(groups).chain(listeners);
    all.find(|(its, _)| *its == arn).map(|(_, tags)| tags)
}
