//! What things cost: for an hour, and all together.

use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::amounts::{Amounts, Unknown};
use crate::book::PriceBook;
use crate::item::{Item, Unit};
use crate::price::Price;
use crate::running::Running;
use crate::total::{HOURS_PER_MONTH, Total};
use crate::usd::{Usd, as_number};

/// What the resources of a platform cost for an hour. Traffic is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HourlyCost {
    /// The region whose prices these are.
    pub region: String,
    /// The day of the prices.
    pub as_of: String,
    /// What has a price, one line for each item, in the order of [`Item::ALL`].
    pub lines: Vec<Line>,
    /// What has none, or is not known.
    pub unknown: Vec<Unknown>,
    /// The sum: "at least" where something is unknown.
    pub per_hour: Total,
}

/// So many of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What it is.
    pub what: Item,
    /// How many units.
    #[serde(serialize_with = "as_number")]
    pub quantity: Decimal,
    /// Of what.
    pub unit: Unit,
    /// The price of one unit.
    pub price: Price,
    /// Quantity times price.
    pub per_hour: Usd,
}

/// What so much of everything costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// What has a price, one line for each item, in the order of [`Item::ALL`].
    pub lines: Vec<CostLine>,
    /// What has none, or is not known.
    pub unknown: Vec<Unknown>,
    /// The sum: "at least" where something is unknown.
    pub total: Total,
}

/// So much of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CostLine {
    /// What it is.
    pub what: Item,
    /// How many of what its price is for, vCPU-hours for example.
    #[serde(serialize_with = "as_number")]
    pub quantity: Decimal,
    /// What its price is for, in words.
    pub measure: String,
    /// How many of them are free.
    #[serde(skip_serializing_if = "is_zero")]
    pub free: u32,
    /// The price of one; with [`tiers`](Self::tiers) that of the first ones.
    pub price: Usd,
    /// Whether more than one price holds for so many.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tiers: bool,
    /// What it costs.
    pub cost: Usd,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl HourlyCost {
    /// What a month costs if everything is left as it is: [`HOURS_PER_MONTH`] such hours.
    #[must_use]
    pub fn per_month(&self) -> Total {
        self.per_hour.times(HOURS_PER_MONTH)
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.reason)
    }
}

impl PriceBook {
    /// What `running` costs in `region` for a full hour.
    ///
    /// AWS charges tasks by the second, a minute at least, and load balancers by the begun hour.
    #[must_use]
    pub fn hourly_cost(&self, region: &str, running: &Running) -> HourlyCost {
        let cost = self.cost(region, &Amounts::for_hours(running, Decimal::ONE));
        let price = |what| self.price(region, what).map(|(_, price)| price.clone());
        let line = |line: CostLine| {
            Some(Line {
                what: line.what,
                quantity: line.quantity,
                unit: line.what.unit(),
                price: price(line.what)?,
                per_hour: line.cost,
            })
        };
        HourlyCost {
            region: region.to_owned(),
            as_of: self.as_of(region).to_owned(),
            lines: cost.lines.into_iter().filter_map(line).collect(),
            unknown: cost.unknown,
            per_hour: cost.total,
        }
    }

    /// What `amounts` cost in `region`.
    #[must_use]
    pub fn cost(&self, region: &str, amounts: &Amounts) -> Cost {
        let mut lines = Vec::new();
        let mut unknown = Vec::new();
        for (what, raw, divisor) in amounts.raw() {
            let quantity = (raw / divisor).normalize();
            let Some((_, price)) = self.price(region, what) else {
                unknown.push(Unknown {
                    what: format!("{what}, {}", what.unit().counted(quantity)),
                    reason: format!("its price in `{region}` is not known"),
                });
                continue;
            };
            // Divided last, so that what comes out even does.
            let cost = match price.steps.is_empty() {
                true => Usd::of((price.usd.amount() * raw / divisor).normalize()),
                false => price.of(quantity),
            };
            lines.push(CostLine {
                what,
                quantity,
                measure: what.measure(),
                free: price.steps.first().map_or(0, |step| step.from),
                price: price.usd,
                tiers: price
                    .steps
                    .get(1)
                    .is_some_and(|step| quantity > Decimal::from(step.from)),
                cost,
            });
        }
        unknown.extend(amounts.unknown.iter().cloned());
        let known: Vec<Usd> = lines.iter().map(|line| line.cost).collect();
        Cost {
            total: Total::of(&known, unknown.len()),
            lines,
            unknown,
        }
    }
}
