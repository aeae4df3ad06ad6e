//! Records of the platform's name in Route 53, and which of them is the platform's own.
//!
//! A record has no tags. Ours is told by what it is: an alias, without a routing policy, of a name that AWS gives only to
//! load balancers of ours, in the zone of load balancers of our region. So one can be told whose load balancer is gone.

use crate::nlb_zone;
use crate::observation::{Observation, Service};
use crate::ownership;
use crate::plan::orphans;
use crate::wanted::Wanted;

/// A resource record set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name as Route 53 lists it, with a dot at the end.
    pub name: String,
    /// `A`, `AAAA`, `CNAME`, ...
    pub kind: String,
    /// What it is an alias of.
    pub alias: Option<Alias>,
    /// Its values; an alias has none.
    pub values: Vec<String>,
    /// Whether it is one of several among which a policy or a health check chooses.
    pub routed: bool,
}

/// What an alias leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The name, as Route 53 lists it.
    pub dns_name: String,
    /// The hosted zone of that name: AWS's own zone of load balancers, not the zone of the record.
    pub zone_id: String,
    /// Whether the record counts only while its target is healthy.
    pub evaluate_target_health: bool,
}

/// A change of records, on its way to all name servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its id, for GetChange.
    pub id: String,
    /// `PENDING` or `INSYNC`.
    pub status: String,
}

impl Record {
    /// What it leads to, for people.
    pub fn leads_to(&self) -> String {
        match &self.alias {
            Some(alias) => plain(&alias.dns_name).to_owned(),
            None => self.values.join(", "),
        }
    }

    /// Whether it decides where a visitor of the name arrives.
    pub fn leads_visitors(&self) -> bool {
        matches!(self.kind.as_str(), "A" | "AAAA" | "CNAME")
    }

    /// The alias, if it is one without conditions.
    fn as_we_make_them(&self) -> Option<&Alias> {
        self.alias.as_ref().filter(|_| self.kind == "A" && !self.routed)
    }

    /// Whether it is an alias as we make them, of a load balancer of one of `names` in `region`, there or gone.
    fn leads_to_one_of<'n>(&self, mut names: impl Iterator<Item = &'n str>, region: &str, zone_id: &str) -> bool {
        let Some(alias) = self.as_we_make_them() else {
            return false;
        };
        let target = plain(&alias.dns_name).to_ascii_lowercase();
        alias.zone_id == zone_id && names.any(|name| is_name_of(&target, name, region))
    }
}

/// Those of the platform's: aliases of its load balancer, or of one of ours under another name.
pub fn ours<'s>(wanted: &Wanted, seen: &'s Observation, service: &Service) -> Vec<&'s Record> {
    let balancer = seen.load_balancer.here().and_then(|b| b.zone_id.as_deref());
    let Some(zone_id) = balancer.or_else(|| nlb_zone::of_region(&wanted.region)) else {
        return Vec::new();
    };
    let fleet = seen.fleet.here();
    let others = fleet.map(|fleet| orphans::of_ours(fleet, wanted, service).0);
    let names = || {
        let others = others.iter().flatten().map(|found| found.name.as_str());
        std::iter::once(wanted.load_balancer.as_str()).chain(others)
    };
    let all = seen.records.here().into_iter().flatten();
    all.filter(|record| {
        // A load balancer of that name that is somebody else's has its alias from somebody else.
        match seen
            .load_balancer
            .here()
            .filter(|b| leads_to(record, &b.dns_name, zone_id))
        {
            Some(b) => wanted.adopt || ownership::is_ours_of(seen, &b.arn, service) == Some(true),
            None => record.leads_to_one_of(names(), &wanted.region, zone_id),
        }
    })
    .collect()
}

/// Whether `record` is an alias as we make them, of the load balancer of this DNS name and zone.
pub fn leads_to(record: &Record, dns_name: &str, zone_id: &str) -> bool {
    record
        .as_we_make_them()
        .is_some_and(|alias| alias.zone_id == zone_id && plain(&alias.dns_name).eq_ignore_ascii_case(dns_name))
}

/// The name without its last dot, and without the prefix that the console puts before names of load balancers.
fn plain(name: &str) -> &str {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.strip_prefix("dualstack.").unwrap_or(name)
}

/// Whether AWS gives `target`, in lower case, to a load balancer `name`: `<name>-<16 hex digits>.elb.<region>.amazonaws.com`.
fn is_name_of(target: &str, name: &str, region: &str) -> bool {
    let rest = target.strip_prefix(&name.to_ascii_lowercase());
    let Some((id, domain)) = rest
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|r| r.split_once('.'))
    else {
        return false;
    };
    let hex = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let of_region = domain.strip_prefix(&format!("elb.{region}."));
    hex && matches!(of_region, Some("amazonaws.com" | "amazonaws.com.cn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_aws_gives_to_our_load_balancer_is_one_of_ours() {
        let given = |target: &str| is_name_of(target, "Jitsi-NLB", "us-west-2");
        assert!(given("jitsi-nlb-0123456789abcdef.elb.us-west-2.amazonaws.com"));
        for other in [
            "jitsi-nlb-0123456789abcdef.elb.us-east-1.amazonaws.com",
            "jitsi-nlb-0123456789abcde.elb.us-west-2.amazonaws.com",
            "jitsi-nlb-other-0123456789abcdef.elb.us-west-2.amazonaws.com",
            "jitsi-nlb-0123456789abcdef.elb.us-west-2.amazonaws.com.example.org",
            "my-jitsi-nlb-0123456789abcdef.elb.us-west-2.amazonaws.com",
            "jitsi-nlb-1234567890.us-west-2.elb.amazonaws.com",
            "jitsi-nlb",
        ] {
            assert!(!given(other), "{other}");
        }
        assert!(is_name_of(
            "a-0123456789abcdef.elb.cn-north-1.amazonaws.com.cn",
            "a",
            "cn-north-1"
        ));
    }
}
