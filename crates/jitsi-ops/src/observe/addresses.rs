//! The load balancer's addresses, where AWS tells none: those to which its name leads.

use crate::access::Aws;
use crate::observation::{Addresses, Observation};
use crate::reading::Reading;
use crate::resolver;

pub(super) async fn of_the_load_balancer(aws: &Aws, seen: &Observation) -> Reading<Addresses> {
    let Some(balancer) = seen.load_balancer.here() else {
        return Reading::NotRead;
    };
    let name = &balancer.dns_name;
    let found = resolver::addresses(aws.resolver.as_ref(), name).await;
    let found = found.map(|addresses| Addresses {
        name: name.clone(),
        addresses,
    });
    found.into()
}
