//! What calls of Route 53 demand. A change of records is told by its actions, types and names, each in Route 53's form.

use super::demand::{Demand, Resource};
use crate::route53::changed;
use crate::wire::{Request, Route};

pub(super) fn demands(action: &str, route: &Route, request: &Request) -> Vec<Demand> {
    let on = |kind: &str| vec![Resource::new(format!("arn:aws:route53:::{kind}/{}", route.id), None)];
    match route.operation.as_str() {
        "GetChange" => vec![Demand::new(action, on("change"))],
        "GetHostedZone" | "ListResourceRecordSets" => vec![Demand::new(action, on("hostedzone"))],
        "ChangeResourceRecordSets" => {
            let (mut actions, mut names, mut types) = (Vec::new(), Vec::new(), Vec::new());
            for (action, name, kind) in changed(&request.body) {
                actions.push(action.to_owned());
                names.push(name);
                types.push(kind);
            }
            let demand = Demand::new(action, on("hostedzone"))
                .with_all("route53:ChangeResourceRecordSetsActions", actions)
                .with_all("route53:ChangeResourceRecordSetsNormalizedRecordNames", names)
                .with_all("route53:ChangeResourceRecordSetsRecordTypes", types);
            vec![demand]
        }
        "Unknown" => Vec::new(),
        _ => vec![Demand::on_all(action)],
    }
}
