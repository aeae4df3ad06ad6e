//! Prices from one source, and the form in which they are kept in a file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::item::Item;
use crate::price::{Grade, Price, Source, Step};
use crate::table;
use crate::usd::Usd;

/// The schema of a file of prices.
const SCHEMA: &str = "jitsi-ops/prices/v1";
/// The currency of AWS's prices in all regions but those in China, which these tools do not know.
const CURRENCY: &str = "USD";

/// Prices by region and item, from one source. What is not in it is not known by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    as_of: String,
    regions: BTreeMap<String, BTreeMap<Item, Price>>,
}

/// One price as a file or a configuration writes it: everything is text, and nothing is believed yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The item's name, `network-load-balancer`.
    pub item: String,
    /// Dollars for one unit, `0.0225`.
    pub usd: Option<String>,
    /// What that is for, `load-balancer-hour`.
    pub unit: Option<String>,
    /// `[["100", "0.09"], ["10240", "0.085"]]`: from how many units on which price holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<(String, String)>,
    /// When it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
    /// In what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Why something is no price, or no sheet of prices.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unpriced {
    /// There is no such item.
    #[error("`{0}` is no item that has a price here; items are {names}", names = names())]
    Item(String),
    /// It is not said what the price is for.
    #[error("the price of `{0}` has no unit; it must be `{measure}`", measure = .0.measure())]
    NoUnit(Named),
    /// The price is for something else.
    #[error("the price of `{0}` is for `{1}`, and must be for `{measure}`", measure = .0.measure())]
    Unit(Named, String),
    /// There is no price.
    #[error("`{0}` has no price")]
    NoPrice(Named),
    /// The price is none.
    #[error("the price of `{0}`, `{1}`, is not a number of dollars of at least 0")]
    Amount(Named, String),
    /// Steps that do not ascend.
    #[error("the steps of `{0}` do not ascend")]
    Steps(Named),
    /// It stands there twice.
    #[error("the price of `{0}` stands there twice")]
    Twice(Named),
    /// Another currency.
    #[error("the currency `{0}` is not known; prices are in `{CURRENCY}`")]
    Currency(String),
    /// It has another schema.
    #[error("it has the schema `{0}`, this version knows `{SCHEMA}`")]
    Schema(String),
    /// It is no sheet at all, or a part of one.
    #[error("it is damaged: {0}")]
    Damaged(String),
}

/// An item, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named(pub Item);

impl std::ops::Deref for Named {
    type Target = Item;

    fn deref(&self) -> &Item {
        &self.0
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name())
    }
}

fn names() -> String {
    Item::ALL.map(|item| format!("`{}`", item.name())).join(", ")
}

/// A sheet as a file has it.
#[derive(Serialize, Deserialize)]
struct File {
    schema: String,
    currency: String,
    as_of: String,
    regions: BTreeMap<String, Vec<Written>>,
}

impl Sheet {
    /// An empty one, of this day.
    #[must_use]
    pub fn new(as_of: &str) -> Self {
        Self {
            as_of: as_of.to_owned(),
            regions: BTreeMap::new(),
        }
    }

    /// The prices that are compiled in.
    #[must_use]
    pub fn built_in() -> Self {
        let of = |region: &table::Region| (region.name.to_owned(), region.prices.iter().cloned().collect());
        Self {
            as_of: table::AS_OF.to_owned(),
            regions: table::regions().iter().map(of).collect(),
        }
    }

    /// The day on which it was put together, `2026-11-22`. A single price may have been seen earlier.
    #[must_use]
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// The regions of which it has prices.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.keys().map(String::as_str)
    }

    /// The price of one unit.
    #[must_use]
    pub fn price(&self, region: &str, item: Item) -> Option<&Price> {
        self.regions.get(region)?.get(&item)
    }

    /// Adds the price of an item in a region; what was there is replaced.
    pub fn set(&mut self, region: &str, item: Item, price: Price) {
        self.regions.entry(region.to_owned()).or_default().insert(item, price);
    }

    /// Takes over what `older` has of other regions than this one.
    pub fn keep_others_of(&mut self, region: &str, older: Option<&Self>) {
        for (other, prices) in older.iter().flat_map(|older| &older.regions) {
            if other != region {
                self.regions.insert(other.clone(), prices.clone());
            }
        }
    }

    /// Adds a price as it was written. `grade`: how well founded what stands there is.
    ///
    /// # Errors
    /// It is no price of an item, or there is one already.
    pub fn add(&mut self, region: &str, written: &Written, grade: Grade) -> Result<(), Unpriced> {
        let item = Item::named(&written.item).ok_or_else(|| Unpriced::Item(written.item.clone()))?;
        let price = written.price(item, grade)?;
        if self.price(region, item).is_some() {
            return Err(Unpriced::Twice(Named(item)));
        }
        self.set(region, item, price);
        Ok(())
    }

    /// Whether `currency` is the one that prices are in.
    ///
    /// # Errors
    /// It is not.
    pub fn check_currency(currency: &str) -> Result<(), Unpriced> {
        match currency == CURRENCY {
            true => Ok(()),
            false => Err(Unpriced::Currency(currency.to_owned())),
        }
    }

    /// Reads a file of prices.
    ///
    /// # Errors
    /// The first thing that is wrong with it: half a sheet is none.
    pub fn from_json(text: &[u8]) -> Result<Self, Unpriced> {
        let file: File = serde_json::from_slice(text).map_err(|error| Unpriced::Damaged(error.to_string()))?;
        if file.schema != SCHEMA {
            return Err(Unpriced::Schema(file.schema));
        }
        Self::check_currency(&file.currency)?;
        let mut sheet = Self::new(&file.as_of);
        for (region, prices) in &file.regions {
            for written in prices {
                sheet.add(region, written, Grade::Published)?;
            }
        }
        Ok(sheet)
    }

    /// As a file has it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let written = |(item, price): (&Item, &Price)| Written {
            item: item.name().to_owned(),
            usd: Some(price.usd.amount().to_string()),
            unit: Some(item.measure()),
            steps: price
                .steps
                .iter()
                .map(|step| (step.from.to_string(), step.usd.amount().to_string()))
                .collect(),
            seen: price.source.seen.as_deref().map(str::to_owned),
            note: Some(price.source.note.to_string()),
        };
        let regions = self.regions.iter();
        let file = File {
            schema: SCHEMA.to_owned(),
            currency: CURRENCY.to_owned(),
            as_of: self.as_of.clone(),
            regions: regions
                .map(|(region, prices)| (region.clone(), prices.iter().map(written).collect()))
                .collect(),
        };
        // Plain structs with text keys: nothing that JSON cannot hold.
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }
}

impl Written {
    fn price(&self, item: Item, grade: Grade) -> Result<Price, Unpriced> {
        let named = Named(item);
        let text = self.usd.as_deref().ok_or(Unpriced::NoPrice(named))?;
        let unit = self.unit.as_deref().ok_or(Unpriced::NoUnit(named))?;
        if unit != item.measure() {
            return Err(Unpriced::Unit(named, unit.to_owned()));
        }
        let step = |(from, usd): &(String, String)| {
            let from_units = from.parse().map_err(|_| Unpriced::Amount(named, from.clone()))?;
            Ok::<_, Unpriced>(Step {
                from: from_units,
                usd: dollars(named, usd)?,
            })
        };
        let steps: Vec<Step> = self.steps.iter().map(step).collect::<Result<_, _>>()?;
        if !steps.is_sorted_by(|one, next| one.from < next.from) {
            return Err(Unpriced::Steps(named));
        }
        Ok(Price {
            usd: dollars(named, text)?,
            steps: Cow::Owned(steps),
            source: Source {
                grade,
                seen: self.seen.clone().map(Cow::Owned),
                note: Cow::Owned(self.note.clone().unwrap_or_default()),
            },
        })
    }
}

fn dollars(item: Named, text: &str) -> Result<Usd, Unpriced> {
    let amount: Option<Decimal> = text.parse().ok();
    let amount = amount.filter(|amount| !amount.is_sign_negative());
    amount
        .map(Usd::of)
        .ok_or_else(|| Unpriced::Amount(item, text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(item: &str, usd: &str, unit: &str) -> Written {
        Written {
            item: item.to_owned(),
            usd: Some(usd.to_owned()),
            unit: Some(unit.to_owned()),
            ..Written::default()
        }
    }

    fn refused(written: Written) -> String {
        let mut sheet = Sheet::new("2026-11-01");
        sheet.add("us-west-2", &written, Grade::Stated).unwrap_err().to_string()
    }

    #[test]
    fn what_is_built_in_survives_its_way_through_a_file() {
        let sheet = Sheet::built_in();
        let again = Sheet::from_json(sheet.to_json().as_bytes()).unwrap();
        assert_eq!(again.as_of(), sheet.as_of());
        for region in sheet.regions() {
            for item in Item::ALL {
                let of = |sheet: &Sheet| sheet.price(region, item).map(|p| (p.usd, p.steps.to_vec()));
                assert_eq!(of(&again), of(&sheet), "{region} {item}");
            }
        }
    }

    #[test]
    fn what_is_no_price_says_why() {
        let missing = Written {
            unit: None,
            ..written("secret", "0.4", "")
        };
        assert_eq!(
            refused(missing),
            "the price of `secret` has no unit; it must be `secret-month`"
        );
        assert_eq!(
            refused(written("secret", "0.4", "secret-hour")),
            "the price of `secret` is for `secret-hour`, and must be for `secret-month`"
        );
        for amount in ["-0.1", "", "1,5", "a lot"] {
            let said = refused(written("public-address", amount, "address-hour"));
            assert!(said.contains("is not a number of dollars"), "{said}");
        }
        assert!(refused(written("elephant", "1", "month")).contains("`hosted-zone`"));
        let no_price = Written {
            usd: None,
            ..written("secret", "", "secret-month")
        };
        assert_eq!(refused(no_price), "`secret` has no price");
    }

    #[test]
    fn a_file_that_is_none_says_why() {
        let text = Sheet::built_in().to_json();
        let why = |text: &str| Sheet::from_json(text.as_bytes()).unwrap_err().to_string();
        assert!(why(&text.replace("\"USD\"", "\"EUR\"")).contains("the currency `EUR` is not known"));
        assert!(why(&text.replace("prices/v1", "prices/v2")).contains("prices/v2"));
        assert!(why(&text[..80]).contains("damaged"));
        let unit = "\"unit\": \"vCPU-hour\",";
        assert!(why(&text.replacen(unit, "\"unit\": null,", 1)).contains("has no unit"));
    }

    #[test]
    fn a_price_stands_once() {
        let mut sheet = Sheet::new("2026-11-01");
        let price = written("secret", "0.4", "secret-month");
        sheet.add("us-west-2", &price, Grade::Stated).unwrap();
        let twice = sheet.add("us-west-2", &price, Grade::Stated);
        assert_eq!(twice, Err(Unpriced::Twice(Named(Item::Secret))));
    }
}
