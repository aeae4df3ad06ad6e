//! The report: what a month has cost, what it will cost, and what is remarkable. Its JSON form is a contract.

use jiff::Timestamp;
use jitsi_cost::{Amounts, Cost, Item, PriceBook, Span, Total, Unknown, Usd};
use jitsi_ops::survey::Shape;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::actual::Actual;
use crate::compare::{Comparison, Event, Scenario};
use crate::idle::Idle;
use crate::lives::Lives;
use crate::month::Month;
use crate::session::{Session, sessions};

/// Name and version of the document.
pub(crate) const SCHEMA: &str = "jitsi-ops/cost-analysis/v1";

/// What the report says.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) schema: &'static str,
    pub(crate) profile: Option<String>,
    pub(crate) domain: String,
    pub(crate) region: String,
    /// `2026-10`, of UTC.
    pub(crate) month: String,
    /// From when to when it is reported: of a month that is not over until now.
    pub(crate) period: Span,
    pub(crate) month_is_over: bool,
    /// Always `USD`.
    pub(crate) currency: &'static str,
    /// The day of the prices.
    pub(crate) prices_as_of: String,
    /// Where the use comes from: `journal`, `cloudwatch`, or `hours` where it was stated.
    pub(crate) usage: &'static str,
    /// Null unless they come from the journal.
    pub(crate) sessions: Option<Vec<Session>>,
    /// All of it by component, idle included.
    pub(crate) cost: Cost,
    /// What is paid also in a month without a session.
    pub(crate) idle: Cost,
    /// What the whole month will cost if it goes on like this; null before a tenth of it is over.
    pub(crate) projection: Option<Total>,
    pub(crate) comparison: Comparison,
    pub(crate) scenarios: Vec<Scenario>,
    /// What an event of so many people costs; null unless it was asked for.
    pub(crate) event: Option<Event>,
    /// What somebody should look at.
    pub(crate) anomalies: Vec<String>,
    /// Null where there is none.
    pub(crate) budget: Option<Budget>,
    /// What of the month is not known, each with its cause.
    pub(crate) missing: Vec<Unknown>,
    /// For each day of the month.
    pub(crate) days: Vec<Day>,
    /// What AWS bills; null unless it was asked for.
    pub(crate) actual: Option<Actual>,
}

/// Whether the budget was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Budget {
    pub(crate) usd: Usd,
    /// Whether what is known of the month costs more.
    pub(crate) over: bool,
    /// Whether it will, if it goes on like this.
    pub(crate) will_be_over: bool,
}

/// What a day cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Day {
    /// From 1.
    pub(crate) day: i8,
    pub(crate) tasks: Usd,
    pub(crate) load_balancers: Usd,
    pub(crate) addresses: Usd,
    /// A day's part of what is paid all the time.
    pub(crate) idle: Usd,
}

impl Day {
    pub(crate) fn total(&self) -> Usd {
        [self.tasks, self.load_balancers, self.addresses, self.idle]
            .into_iter()
            .sum()
    }
}

/// Of what a report is made.
pub(crate) struct Given<'a> {
    pub(crate) book: &'a PriceBook,
    pub(crate) region: &'a str,
    pub(crate) shape: &'a Shape,
    pub(crate) month: Month,
    pub(crate) now: Timestamp,
    pub(crate) idle: &'a Idle,
    pub(crate) budget: Option<Usd>,
}

/// What a month has cost.
pub(crate) struct MonthCost {
    pub(crate) window: Span,
    pub(crate) sessions: Vec<Session>,
    /// Without what is paid all the time.
    pub(crate) used: Amounts,
    /// What is paid all the time, for the part of the month that is over.
    pub(crate) idle: Amounts,
}

impl MonthCost {
    pub(crate) fn all(&self) -> Amounts {
        let mut all = self.used.clone();
        all.extend(&self.idle);
        all
    }
}

impl Given<'_> {
    /// From the begin of `month` until now, or its end.
    pub(crate) fn window(&self, month: Month) -> Span {
        let span = month.span();
        Span {
            until: span.until.min(self.now).max(span.from),
            ..span
        }
    }

    /// How much of `month` is over, from 0 to 1.
    pub(crate) fn elapsed(&self, month: Month) -> Decimal {
        let part = |span: Span| Decimal::from(span.milliseconds());
        part(self.window(month)) / part(month.span())
    }

    /// What the sessions of `month` have cost.
    pub(crate) fn of_sessions(&self, lives: &Lives, month: Month) -> MonthCost {
        let window = self.window(month);
        let sessions = sessions(lives, window, self.shape, self.book, self.region);
        let mut used = Amounts::default();
        for session in &sessions {
            used.extend(&session.amounts);
        }
        MonthCost {
            sessions,
            ..self.of_used(used, month)
        }
    }

    /// What so much has cost, without sessions.
    pub(crate) fn of_used(&self, used: Amounts, month: Month) -> MonthCost {
        MonthCost {
            window: self.window(month),
            sessions: Vec::new(),
            used,
            idle: self.idle.so_far(self.elapsed(month)),
        }
    }

    /// What each day of the month cost, of what has a price. `used` adds what was used within a span.
    pub(crate) fn days(&self, used: impl Fn(&mut Amounts, Span)) -> Vec<Day> {
        let window = self.window(self.month);
        let month = Decimal::from(self.month.span().milliseconds());
        let idle = |day: i8, span: Option<Span>| {
            let Some(span) = span else { return Usd::ZERO };
            let part = Decimal::from(span.milliseconds()) / month;
            let amounts = match day {
                1 => self.idle.so_far(part),
                _ => self.idle.by_time(part),
            };
            self.known(&amounts, |_| true)
        };
        let day = |(day, span): (i8, Span)| {
            let mut amounts = Amounts::default();
            let span = span.common(window);
            if let Some(span) = span {
                used(&mut amounts, span);
            }
            Day {
                day,
                tasks: self.known(&amounts, is_task),
                load_balancers: self.known(&amounts, |item| item == Item::NetworkLoadBalancer),
                addresses: self.known(&amounts, |item| item == Item::PublicAddress),
                idle: idle(day, span),
            }
        };
        self.month.days().map(day).collect()
    }

    /// What is known of the cost of some items.
    fn known(&self, amounts: &Amounts, of: impl Fn(Item) -> bool) -> Usd {
        let cost = self.book.cost(self.region, amounts);
        cost.lines
            .iter()
            .filter(|line| of(line.what))
            .map(|line| line.cost)
            .sum()
    }

    /// How it stands with the budget.
    pub(crate) fn budget(&self, total: Total, projection: Option<Total>) -> Option<Budget> {
        let usd = self.budget?;
        let over = |total: Total| total.known().is_some_and(|known| known > usd);
        Some(Budget {
            usd,
            over: over(total),
            will_be_over: projection.is_some_and(over),
        })
    }
}

/// Whether it is a part of a Fargate task.
pub(crate) fn is_task(item: Item) -> bool {
    matches!(
        item,
        Item::FargateX86Vcpu
            | Item::FargateX86Memory
            | Item::FargateArmVcpu
            | Item::FargateArmMemory
            | Item::FargateStorage
    )
}
