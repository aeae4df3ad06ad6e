//! The hosted zone of the platform's name: how the configuration uses it, what is found in it, and what strangers write.

use std::time::Duration;

use aws_sandbox::{Fault, RecordSet, When};

use crate::stage::Stage;

pub(crate) const ZONE: &str = "Z0MEET";
pub(crate) const NAME: &str = "meet.example.org";
pub(crate) const CHANGE: &str = "ChangeResourceRecordSets";
pub(crate) const LIST: &str = "ListResourceRecordSets";

/// The zone of load balancers' names in us-west-2, and what AWS has such names end with.
const BALANCERS: &str = "Z18D5FSROUN65G";
const OF_REGION: &str = ".elb.us-west-2.amazonaws.com.";

/// What the configuration says of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// Nothing.
    None,
    /// It goes on the way down.
    Remove,
    /// It stays.
    Keep,
}

impl Use {
    /// The lines of a profile.
    pub(crate) fn lines(self) -> String {
        let on_down = match self {
            Self::None => return String::new(),
            Self::Remove => "remove",
            Self::Keep => "keep",
        };
        format!(
            "dns.hosted_zone_id = \"{ZONE}\"\ndns.on_down = \"{on_down}\"\nnlb.listeners = [\"udp:10000\", \"tcp:443->8000\"]"
        )
    }
}

/// What the start finds at the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// What a scale-up has put there, if there was one.
    AsLeft,
    Nothing,
    /// A record of ours, whose load balancer is gone.
    OursOfOneGone,
    Strangers(Theirs),
}

/// What strangers write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theirs {
    /// The last number of an address.
    Address(u8),
    /// An address of the other kind, which can stand beside our record.
    LongAddress,
    /// An alias of a name that is no load balancer's.
    Distribution,
    /// An alias of a load balancer whose name begins like ours.
    Namesake,
    /// An alias of a load balancer of our name, in another region.
    OtherRegion,
}

impl Theirs {
    pub(crate) fn record(self, balancer: &str) -> RecordSet {
        let alias = |zone: &str, target: &str| RecordSet::alias(NAME, "A", zone, target);
        match self {
            Self::Address(last) => RecordSet::values(NAME, "A", 300, &[&format!("192.0.2.{last}")]),
            Self::LongAddress => RecordSet::values(NAME, "AAAA", 300, &["2001:db8::7"]),
            Self::Distribution => alias("Z2FDTNDATAQYW2", "d111111abcdef8.cloudfront.net"),
            Self::Namesake => alias(BALANCERS, &format!("{balancer}-two-0123456789abcdef{OF_REGION}")),
            Self::OtherRegion => alias(
                "Z26RNL4JYFTOTI",
                &format!("{balancer}-0123456789abcdef.elb.us-east-1.amazonaws.com"),
            ),
        }
    }
}

/// Somebody else changes the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stranger {
    pub(crate) moment: Moment,
    /// `None`: takes the address record away, whosever it is.
    pub(crate) writes: Option<Theirs>,
}

/// When a stranger comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    After(Duration),
    /// Right after the n-th look at the record.
    Look(u64),
    /// At the n-th change of the record: between look and change, or right after it.
    Change(u64, When),
}

impl Stranger {
    /// The fault in whose guise it comes, where it comes at a call.
    pub(crate) fn fault(self, balancer: &str) -> Option<Fault> {
        let (fault, when) = match self.moment {
            Moment::After(_) => return None,
            Moment::Look(n) => (Fault::on(LIST).nth(n), When::After),
            Moment::Change(n, when) => (Fault::on(CHANGE).nth(n), when),
        };
        Some(match self.writes {
            Some(theirs) => fault.stranger_puts(when, ZONE, theirs.record(balancer)),
            None => fault.stranger_removes(when, ZONE, NAME, "A"),
        })
    }

    /// Comes now.
    pub(crate) fn come(self, sandbox: &aws_sandbox::Sandbox, balancer: &str) {
        sandbox.world(|world| match self.writes {
            Some(theirs) => world.put_record(ZONE, theirs.record(balancer)).unwrap(),
            None => {
                world.remove_record(ZONE, NAME, "A").unwrap();
            }
        });
    }
}

/// Prepares what is found. Where the configuration says nothing of the name, somebody has led it to the load balancer by hand.
pub(crate) fn prepare(stage: &Stage, dns: Use, found: Found) {
    let balancer = &stage.wanted.load_balancer;
    let alias = |id: &str| RecordSet::alias(NAME, "A", BALANCERS, &format!("{balancer}-{id}{OF_REGION}"));
    let record = match found {
        Found::AsLeft if dns == Use::None => id_of_balancer(stage).map(|id| alias(&id)),
        Found::AsLeft => return,
        Found::Nothing => None,
        Found::OursOfOneGone => Some(alias("0123456789abcdef")),
        Found::Strangers(theirs) => Some(theirs.record(balancer)),
    };
    stage.sandbox.world(|world| {
        world.remove_record(ZONE, NAME, "A").unwrap();
        if let Some(record) = record {
            world.put_record(ZONE, record).unwrap();
        }
    });
}

/// The id of the platform's load balancer, where there is one.
fn id_of_balancer(stage: &Stage) -> Option<String> {
    let (bill, named) = (stage.sandbox.bill(), format!("/{}/", stage.wanted.load_balancer));
    let balancer = bill
        .still_billing()
        .into_iter()
        .find(|item| item.arn.contains(&named))?;
    Some(balancer.arn.rsplit_once('/')?.1.to_owned())
}

/// Those who are in the way of a scale-up take their records away again.
pub(crate) fn clear_the_way(stage: &Stage, balancers: &[String]) {
    stage.sandbox.world(|world| {
        for record in world.records(ZONE).unwrap() {
            if is_at_name(&record) && id_of_ours(&record, balancers).is_none() {
                world.remove_record(ZONE, NAME, &record.kind).unwrap();
            }
        }
    });
}

/// Whether a record is one of the platform's name.
pub(crate) fn is_at_name(record: &RecordSet) -> bool {
    record.name.trim_end_matches('.') == NAME
}

/// The id of the load balancer, there or gone, to which a record of ours leads; `None`: it is not one of ours.
pub(crate) fn id_of_ours(record: &RecordSet, balancers: &[String]) -> Option<(String, String)> {
    let alias = record
        .alias
        .as_ref()
        .filter(|alias| alias.hosted_zone == BALANCERS && record.kind == "A" && is_at_name(record))?;
    let (name, id) = alias.dns_name.strip_suffix(OF_REGION)?.rsplit_once('-')?;
    let hex = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex && record.set_identifier.is_none() && balancers.iter().any(|it| it == name))
        .then(|| (name.to_owned(), id.to_owned()))
}
