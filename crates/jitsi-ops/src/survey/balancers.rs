//! Load balancers, target groups, targets, and whose they are.

use std::collections::BTreeMap;

use crate::access::Aws;
use crate::observation::{Fleet, Found, LoadBalancer, Observation, Tags, TargetGroup};
use crate::observe::elbv2;
use crate::reading::Reading;
use crate::wanted::Wanted;

/// What was seen, and every load balancer that was listed.
pub(super) struct Balancers {
    pub(super) seen: Observation,
    pub(super) all: Vec<LoadBalancer>,
}

/// An observation of all that Elastic Load Balancing has. All load balancers and target groups are listed, in two calls
/// that find ours and those of ours that go by another name.
///
/// What a listing tells is not asked for: a target group that says which load balancer forwards to it has a listener, so
/// the listeners are read only where one of ours does not; and what our load balancer forwards to needs no tags to be
/// found.
pub(super) async fn balancers(aws: &Aws, wanted: &Wanted) -> Balancers {
    let (balancers, groups) = futures_util::join!(elbv2::all_load_balancers(aws), elbv2::all_target_groups(aws));
    let mut seen = Observation::default();
    let names: Vec<&str> = wanted.group_names().collect();
    seen.load_balancer = match &balancers {
        Ok(all) => all
            .iter()
            .find(|balancer| balancer.name == wanted.load_balancer)
            .map_or(Reading::Absent, |balancer| Reading::Here(balancer.clone())),
        Err(failure) => Reading::Unknown(failure.clone()),
    };
    for name in &names {
        let reading = match &groups {
            Ok(all) => all
                .iter()
                .find(|group| group.name == *name)
                .map_or(Reading::Absent, |group| Reading::Here(group.clone())),
            Err(failure) => Reading::Unknown(failure.clone()),
        };
        seen.target_groups.insert((*name).to_owned(), reading);
    }
    let is_attached = |group: &TargetGroup| {
        let ours = seen.load_balancer.here().map(|balancer| &balancer.arn);
        ours.is_some_and(|ours| group.load_balancers.contains(ours))
    };
    let all_attached = names.iter().all(|name| seen.group(name).is_some_and(is_attached));
    let balancers_listed: &[LoadBalancer] = balancers.as_deref().unwrap_or_default();
    let groups_listed: &[TargetGroup] = groups.as_deref().unwrap_or_default();
    let loose = groups_listed.iter().filter(|group| !is_attached(group));
    let asked: Vec<String> = balancers_listed
        .iter()
        .map(|balancer| balancer.arn.clone())
        .chain(loose.clone().map(|group| group.arn.clone()))
        .collect();
    let listeners = async {
        if all_attached {
            Reading::NotRead
        } else {
            elbv2::listeners(aws, &seen).await
        }
    };
    let (tags, listeners, targets) =
        futures_util::join!(elbv2::tags(aws, asked), listeners, elbv2::targets(aws, wanted, &seen));
    let tags: BTreeMap<String, Reading<Tags>> = tags.into_iter().collect();
    let fleet = match (&balancers, &groups) {
        (Err(failure), _) | (_, Err(failure)) => Reading::Unknown(failure.clone()),
        (Ok(balancers), Ok(_)) => {
            let loose: Vec<Found> = loose.cloned().map(Found::from).collect();
            let balancers = balancers.iter().cloned().map(Found::from).collect();
            with_tags(balancers, loose, &tags)
        }
    };
    seen.fleet = fleet;
    seen.tags = tags;
    seen.listeners = listeners;
    seen.targets.extend(targets);
    Balancers {
        seen,
        all: balancers.unwrap_or_default(),
    }
}

/// The fleet, where the tags of all could be read. What vanished since it was listed is left out.
fn with_tags(balancers: Vec<Found>, groups: Vec<Found>, tags: &BTreeMap<String, Reading<Tags>>) -> Reading<Fleet> {
    if let Some(failure) = tags.values().find_map(Reading::failure) {
        return Reading::Unknown(failure.clone());
    }
    let tagged = |found: Vec<Found>| -> Vec<Found> {
        let with = |mut found: Found| {
            found.tags = tags.get(&found.arn)?.here()?.clone();
            Some(found)
        };
        found.into_iter().filter_map(with).collect()
    };
    Reading::Here(Fleet {
        balancers: tagged(balancers),
        groups: tagged(groups),
    })
}
