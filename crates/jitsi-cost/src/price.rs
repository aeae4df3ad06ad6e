//! A price, and where it comes from.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::usd::Usd;

/// The price of one unit of an [`crate::Item`]: on demand, before tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Price {
    /// Dollars for one unit, where there are steps of the first one that costs something.
    pub usd: Usd,
    /// From how many units on another price holds; ascending. Empty: it is the same for all.
    #[serde(skip_serializing_if = "<[Step]>::is_empty")]
    pub steps: Cow<'static, [Step]>,
    /// Where it comes from.
    pub source: Source,
}

/// Another price from some quantity on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Units that are paid at the prices before.
    pub from: u32,
    /// Dollars for each unit beyond.
    pub usd: Usd,
}

impl Price {
    /// What so many units cost. With steps, those before the first of them are free.
    #[must_use]
    pub fn of(&self, quantity: Decimal) -> Usd {
        if self.steps.is_empty() {
            return self.usd * quantity;
        }
        let ends = self.steps.iter().skip(1).map(|next| Some(Decimal::from(next.from)));
        let within = |(step, end): (&Step, Option<Decimal>)| {
            let upper = end.map_or(quantity, |end| end.min(quantity));
            step.usd * (upper - Decimal::from(step.from)).max(Decimal::ZERO)
        };
        self.steps.iter().zip(ends.chain([None])).map(within).sum()
    }
}

/// Where a price comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// How well it is founded.
    pub grade: Grade,
    /// When it was seen: `2026-08-28`, `2026-08`, or `2026` where only the year is known. `None`: that was not kept. Of an
    /// inferred price, when that was seen from which it is inferred.
    pub seen: Option<Cow<'static, str>>,
    /// From what, in words.
    pub note: Cow<'static, str>,
}

/// How well a price is founded, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// From AWS's price list or price page, or somebody's record of them.
    Published,
    /// From a bill: what was paid, divided by the hours, fits it.
    Bill,
    /// As somebody has written it into the configuration.
    Stated,
    /// Taken to be as in another region, or as that of another kind of load balancer.
    Inferred,
    /// From a page that is not AWS's, or from where was not kept.
    Secondary,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_paid_at_its_own_price() {
        let usd = Usd::written;
        let step = |from, text| Step { from, usd: usd(text) };
        let price = Price {
            usd: usd("0.09"),
            steps: Cow::Owned(vec![step(100, "0.09"), step(10_240, "0.085"), step(51_200, "0.07")]),
            source: Source {
                grade: Grade::Published,
                seen: None,
                note: "".into(),
            },
        };
        // 10,140 * 0.09 = 912.60; 40,960 * 0.085 = 3,481.60; 100 * 0.07 = 7
        for (quantity, cost) in [
            (0, "0"),
            (100, "0"),
            (101, "0.09"),
            (10_240, "912.6"),
            (10_241, "912.685"),
            (51_300, "4401.2"),
        ] {
            assert_eq!(price.of(quantity.into()), usd(cost), "{quantity}");
        }
    }
}
