//! What it would cost otherwise: always on, so many hours, an event of so many people.

use jitsi_cost::{Amounts, Cost, Item, PriceBook, Running, Total, Unknown, Usd};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::month::Month;
use crate::report::Given;

/// The month beside others.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comparison {
    /// What the month before has cost, idle included; null where hours were stated.
    pub(crate) month_before: Option<Total>,
    /// If the platform had been up all month.
    pub(crate) always_on: Total,
    /// If only an application load balancer had been kept all month, without tasks, and without its traffic.
    pub(crate) always_on_alb: Total,
    /// If only the network load balancer had been kept all month, without tasks.
    pub(crate) always_on_nlb: Total,
    /// An hour of the platform up.
    pub(crate) per_hour: Total,
    /// Hours a month from which on the platform up for them costs more than a network load balancer that is always on alone; null where
    /// a price is not known.
    pub(crate) break_even_hours: Option<u32>,
}

/// A month with so many hours.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Scenario {
    #[serde(serialize_with = "number")]
    pub(crate) hours: Decimal,
    /// With what is paid all the time. Hours of load balancers are not rounded up: that depends on how they are cut.
    pub(crate) per_month: Total,
}

/// An event of so many people.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Event {
    pub(crate) participants: u32,
    pub(crate) minutes: u32,
    /// GB that go to them.
    #[serde(serialize_with = "number")]
    pub(crate) data_out_gb: Decimal,
    /// Of the load balancer's, in an hour of the event.
    #[serde(serialize_with = "number")]
    pub(crate) capacity_units: Decimal,
    pub(crate) cost: Cost,
}

/// What an event is like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meeting {
    pub(crate) participants: u32,
    pub(crate) minutes: u32,
    /// To each of them, and from each of them.
    pub(crate) down_kbit: u32,
    pub(crate) up_kbit: u32,
    /// Whether media passes the load balancer.
    pub(crate) through_the_load_balancer: bool,
}

/// GB of so many kbit/s in an hour, of 10^9 bytes: 2 Mbit/s are 0.9. Whoever counts 2^30 to a GB finds 7 % less.
fn gb_per_hour(kbit: Decimal) -> Decimal {
    kbit * Decimal::from(1000 * 3600 / 8) / Decimal::from(1_000_000_000)
}

/// New flows in a second that one capacity unit takes, and active ones. Of TCP it takes more.
const ACTIVE_UDP_FLOWS: u32 = 50_000;

impl Meeting {
    fn down_gb(&self) -> Decimal {
        let an_hour = gb_per_hour(Decimal::from(self.participants) * Decimal::from(self.down_kbit));
        an_hour * Decimal::from(self.minutes) / Decimal::from(60)
    }

    /// Capacity units for an hour of it: of traffic and of active flows, one for each participant, the larger. New flows,
    /// 400 a second to a unit, never decide.
    pub(crate) fn capacity(&self) -> Decimal {
        if !self.through_the_load_balancer {
            return Decimal::ZERO;
        }
        let both =
            Decimal::from(self.participants) * Decimal::from(u64::from(self.down_kbit) + u64::from(self.up_kbit));
        let flows = Decimal::from(self.participants) / Decimal::from(ACTIVE_UDP_FLOWS);
        gb_per_hour(both).max(flows)
    }

    /// What it costs by itself: its hours, its load balancer rounded up to full ones, its traffic.
    pub(crate) fn event(&self, given: &Given<'_>) -> Event {
        let minutes = Decimal::from(self.minutes);
        let hours = minutes / Decimal::from(60);
        let mut amounts = Amounts::for_hours(&given.shape.running(), hours);
        amounts.add(Item::NetworkLoadBalancer, hours.ceil() - hours);
        let capacity = self.capacity();
        amounts.add(Item::LoadBalancerCapacity, capacity * hours);
        let down = self.down_gb();
        amounts.add(Item::DataOut, down);
        Event {
            participants: self.participants,
            minutes: self.minutes,
            data_out_gb: down,
            capacity_units: capacity,
            cost: given.book.cost(given.region, &amounts),
        }
    }
}

/// Compares.
pub(crate) fn comparison(given: &Given<'_>, month_before: Option<Total>) -> Comparison {
    let running = given.shape.running();
    let hours = given.month.hours();
    let per_hour = given.book.hourly_cost(given.region, &running).per_hour;
    let cost = |amounts: &Amounts| given.book.cost(given.region, amounts).total;
    let mut always = Amounts::for_hours(&running, hours);
    always.extend(&given.idle.amounts());
    let balancer = Running {
        tasks: Vec::new(),
        ..running
    };
    let nlb = cost(&Amounts::for_hours(&balancer, hours));
    Comparison {
        month_before,
        always_on: cost(&always),
        always_on_alb: cost(&application(&balancer, hours)),
        always_on_nlb: nlb,
        per_hour,
        break_even_hours: break_even(nlb, per_hour),
    }
}

/// An application load balancer in the place of the network one.
fn application(balancer: &Running, hours: Decimal) -> Amounts {
    let mut amounts = Amounts::default();
    amounts.add(Item::ApplicationLoadBalancer, hours);
    for balancer in &balancer.load_balancers {
        match balancer.public_addresses {
            Some(addresses) => amounts.add(Item::PublicAddress, hours * Decimal::from(addresses)),
            None => amounts.add_unknown("its public addresses".to_owned(), "how many is not known"),
        }
    }
    amounts
}

/// How often `per_hour` goes into `fixed`: full hours.
pub(crate) fn break_even(fixed: Total, per_hour: Total) -> Option<u32> {
    let (Total::Exactly(fixed), Total::Exactly(hour)) = (fixed, per_hour) else {
        return None;
    };
    let hours = fixed.amount().checked_div(hour.amount())?;
    hours.floor().try_into().ok()
}

/// A month with so many hours of `running`.
pub(crate) fn scenario(book: &PriceBook, region: &str, running: &Running, idle: &Amounts, hours: Decimal) -> Scenario {
    let mut amounts = Amounts::for_hours(running, hours);
    amounts.extend(idle);
    Scenario {
        hours,
        per_month: book.cost(region, &amounts).total,
    }
}

/// How much of a month has to be over before anything is said of the rest: three days of thirty.
const FIRST_DAYS: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// What the whole month costs if it goes on like this: what was used, scaled to the month, and what is paid all the time.
/// `None`: it has only begun.
pub(crate) fn projection(given: &Given<'_>, used: &Amounts, month: Month) -> Option<Total> {
    let elapsed = given.elapsed(month);
    if elapsed < FIRST_DAYS {
        return None;
    }
    let mut amounts = used.times(Decimal::ONE / elapsed);
    amounts.extend(&given.idle.amounts());
    Some(given.book.cost(given.region, &amounts).total)
}

/// What the estimate of an event takes for granted.
pub(crate) fn of_an_event() -> Unknown {
    Unknown {
        what: "the event".to_owned(),
        reason: "it takes no time to come up and to go down, some ten minutes, and nothing else of the account has used the GB to the \
                 internet that are free"
            .to_owned(),
    }
}

/// As a JSON number.
pub(crate) fn number<S: serde::Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&Usd::of(*value), serializer)
}
