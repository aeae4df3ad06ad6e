//! Where the use of a month comes from.

use jiff::Timestamp;
use jitsi_cost::{Amounts, Running, Span, Unknown};
use jitsi_ops::survey::{RunningHour, Shape};
use rust_decimal::Decimal;

use crate::lives::Lives;
use crate::month::Month;
use crate::report::{Day, Given, MonthCost};

/// What tells how long the platform was up.
#[derive(Debug)]
pub(crate) enum Usage {
    /// The journal: sessions, each with its resources.
    Journal(Lives),
    /// CloudWatch: hours in which tasks ran, of the month and of the one before.
    CloudWatch(Vec<RunningHour>),
    /// Somebody has stated how many hours.
    Hours(Decimal),
}

impl Usage {
    /// As the report names it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Journal(_) => "journal",
            Self::CloudWatch(_) => "cloudwatch",
            Self::Hours(_) => "hours",
        }
    }

    /// What `month` has cost.
    pub(crate) fn of_month(&self, given: &Given<'_>, month: Month) -> MonthCost {
        match self {
            Self::Journal(lives) => given.of_sessions(lives, month),
            Self::CloudWatch(hours) => given.of_used(by_the_hour(hours, given.shape, month.span()), month),
            Self::Hours(hours) => MonthCost {
                // Of a whole month, be it one to come.
                idle: given.idle.amounts(),
                ..given.of_used(Amounts::for_hours(&given.shape.running(), *hours), month)
            },
        }
    }

    /// Whether anything is known of `month`.
    pub(crate) fn knows(&self, month: Month) -> bool {
        match self {
            Self::Journal(lives) => lives.first().is_some_and(|first| first < month.span().until),
            Self::CloudWatch(_) => true,
            Self::Hours(_) => false,
        }
    }

    /// Whether it grows as the month goes on.
    pub(crate) fn grows(&self) -> bool {
        !matches!(self, Self::Hours(_))
    }

    /// What each day of the month cost; of stated hours nobody knows on which day they were.
    pub(crate) fn days(&self, given: &Given<'_>) -> Vec<Day> {
        match self {
            Self::Journal(lives) => given.days(|amounts, day| {
                for life in lives.lives.iter().filter(|life| life.span().common(day).is_some()) {
                    life.add_to(amounts, day, given.shape);
                }
            }),
            Self::CloudWatch(hours) => given.days(|amounts, day| amounts.extend(&by_the_hour(hours, given.shape, day))),
            Self::Hours(_) => Vec::new(),
        }
    }

    /// What it cannot tell.
    pub(crate) fn missing(&self, month: Month) -> Option<Unknown> {
        let (what, reason) = match self {
            Self::Journal(lives) => ("sessions", before_the_journal(lives.first(), month)?),
            Self::CloudWatch(_) => (
                "load balancers",
                "CloudWatch tells of tasks only: they count for each hour in which a task ran, and one that was forgotten does not"
                    .to_owned(),
            ),
            Self::Hours(_) => return None,
        };
        Some(Unknown {
            what: what.to_owned(),
            reason,
        })
    }
}

fn before_the_journal(first: Option<Timestamp>, month: Month) -> Option<String> {
    match first {
        None => Some("the journal has no entries: what was done without these tools is not known".to_owned()),
        Some(first) if first > month.span().from => Some(format!(
            "the journal begins at {first:.0}: what was before is not known"
        )),
        Some(_) => None,
    }
}

/// Tasks by the minute, and the load balancer for each hour in which one ran.
fn by_the_hour(hours: &[RunningHour], shape: &Shape, window: Span) -> Amounts {
    let within = hours
        .iter()
        .filter(|hour| hour.minutes > 0 && (window.from..window.until).contains(&hour.at));
    let (mut minutes, mut count) = (0_u64, 0_u64);
    for hour in within {
        minutes += u64::from(hour.minutes);
        count += 1;
    }
    let running = shape.running();
    let tasks = Running {
        load_balancers: Vec::new(),
        ..running.clone()
    };
    let balancers = Running {
        tasks: Vec::new(),
        ..running
    };
    let mut amounts = Amounts::for_hours(&tasks, Decimal::from(minutes) / Decimal::from(60));
    amounts.extend(&Amounts::for_hours(&balancers, count.into()));
    amounts
}
