//! Prices, where each comes from, and the table of them.

use serde::Serialize;

use crate::item::Item;
use crate::table;
use crate::usd::Usd;

/// The price of one unit of an [`Item`] for an hour: on demand, before tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Price {
    /// Dollars for one unit for one hour.
    pub usd: Usd,
    /// Where it comes from.
    pub source: Source,
}

/// Where a price comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// How well it is founded.
    pub grade: Grade,
    /// When it was seen: `2026-08`, or `2026` where only the year is known. `None`: that was not kept. Of an inferred price,
    /// when that was seen from which it is inferred.
    pub seen: Option<&'static str>,
    /// From what, in words.
    pub note: &'static str,
}

/// How well a price is founded, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// From AWS's price list or price page, or somebody's record of them.
    Published,
    /// From a bill: what was paid, divided by the hours, fits it.
    Bill,
    /// Taken to be as in another region, or as that of another kind of load balancer.
    Inferred,
    /// From a page that is not AWS's, or from where was not kept.
    Secondary,
}

/// The prices of one region: what is not in it is unknown.
pub(crate) struct Region {
    /// As AWS calls it, `us-west-2`.
    pub(crate) name: &'static str,
    /// Each item at most once.
    pub(crate) prices: &'static [(Item, Price)],
}

/// Prices by region, of one day.
#[derive(Clone, Copy)]
pub struct PriceTable {
    as_of: &'static str,
    regions: &'static [Region],
}

impl PriceTable {
    /// The table that is compiled in.
    #[must_use]
    pub fn built_in() -> Self {
        Self {
            as_of: table::AS_OF,
            regions: table::REGIONS,
        }
    }

    /// The day on which the table was put together, `2026-11-22`. A single price may have been seen earlier.
    #[must_use]
    pub fn as_of(&self) -> &'static str {
        self.as_of
    }

    /// The regions of which it has prices.
    pub fn regions(&self) -> impl Iterator<Item = &'static str> {
        self.regions.iter().map(|region| region.name)
    }

    /// The price of one unit for an hour. `None`: not known, which is not zero.
    #[must_use]
    pub fn price(&self, region: &str, item: Item) -> Option<Price> {
        let region = self.regions.iter().find(|r| r.name == region)?;
        let (_, price) = region.prices.iter().find(|(priced, _)| *priced == item)?;
        Some(*price)
    }
}
