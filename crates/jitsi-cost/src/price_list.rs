//! AWS's public price list: what the offer files of a region say that an [`Item`] costs.
//!
//! An offer file holds thousands of products, among them several with the same usage type, or nearly the same, as the one
//! that is meant. [`read`] takes a product only where it is known to be that of the item, and its price only where it is for
//! the item's unit; what it does not find, or finds at two prices, is [`Missing`] with the reason. It never picks one.
//!
//! This fetches nothing: [`Offer::region_index_path`] leads through [`region_url`] to the file that [`read`] takes, each
//! below [`BASE`]. They need no credentials.

mod file;
mod offer;
mod tariff;
mod usage_type;

use std::borrow::Cow;

use serde::Deserialize;

use self::file::{OfferFile, Product, RegionIndex};
pub use self::offer::Offer;
use self::offer::{Rule, rule};
use self::tariff::{Charge, Tariff};
use crate::item::Item;
use crate::price::{Grade, Price, Source};

/// Where the price list is: what its paths are below. The same for the prices of all regions.
pub const BASE: &str = "https://pricing.us-east-1.amazonaws.com";

/// What an offer file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The prices that were found, each item at most once.
    pub prices: Vec<(Item, Price)>,
    /// The items that have no price in it that could be told.
    pub missing: Vec<Missing>,
}

/// An item without a price in an offer file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Which.
    pub item: Item,
    /// Why, in words.
    pub reason: String,
}

/// Why something is no file of the price list that could be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It is no JSON, or a part of one.
    #[error("the {0} is damaged: {1}")]
    Damaged(&'static str, String),
    /// It is JSON, but of another form.
    #[error("it is no {0} of the price list: {1}")]
    Form(&'static str, String),
    /// It is another offer's.
    #[error("it is the offer file of `{0}`, and must be that of `{1}`")]
    Offer(String, &'static str),
    /// A region's file has a path that is none.
    #[error("the index has `{1}` for the region `{0}`, which is no path that begins with `/`")]
    Path(String, String),
    /// A price is in other currencies only.
    #[error("the price of `{0}` is not in USD; its currencies are `{1}`")]
    Currency(String, String),
    /// A price is none.
    #[error("the price of `{0}`, `{1}`, is not a number of dollars of at least 0")]
    Amount(String, String),
    /// A range is none.
    #[error("a price of `{0}` has the range `{1}`, which is no whole number of units, or too large a one")]
    Range(String, String),
    /// The ranges do not fit together.
    #[error("the prices of `{0}` do not follow each other from 0 units to the end")]
    Gap(String),
}

/// The path of the offer's file of `region`, from the offer's index of regions; below [`BASE`]. `None`: the index does not
/// have the region, so what the offer has is not to be had there.
///
/// # Errors
/// It is no such index, or has something else there.
pub fn region_url(index: &[u8], region: &str) -> Result<Option<String>, ListError> {
    let index: RegionIndex<'_> = parsed(index, "region index")?;
    match index.regions.get(region).map(|found| found.url.as_ref()) {
        Some(url) if !url.starts_with('/') => Err(ListError::Path(region.to_owned(), url.to_owned())),
        found => Ok(found.map(str::to_owned)),
    }
}

/// The prices of the offer's items in `region`, from the file of the two. `seen`: the day on which it was fetched,
/// `2026-11-27`.
///
/// # Errors
/// It is no offer file or that of another offer, or a price of an item cannot be read: half a file is none.
pub fn read(offer: Offer, region: &str, json: &[u8], seen: &str) -> Result<Read, ListError> {
    let file: OfferFile<'_> = parsed(json, "offer file")?;
    if file.code != offer.code() {
        return Err(ListError::Offer(file.code.into_owned(), offer.code()));
    }
    let mut read = Read::default();
    for &item in offer.items() {
        match price(&file, offer, item, region, seen) {
            Ok(price) => read.prices.push((item, price)),
            Err(Why::Missing(reason)) => read.missing.push(Missing { item, reason }),
            Err(Why::Unreadable(error)) => return Err(error),
        }
    }
    Ok(read)
}

fn parsed<'a, T: Deserialize<'a>>(json: &'a [u8], what: &'static str) -> Result<T, ListError> {
    serde_json::from_slice(json).map_err(|error| match error.is_data() {
        true => ListError::Form(what, error.to_string()),
        false => ListError::Damaged(what, error.to_string()),
    })
}

/// Why an item has no price.
enum Why {
    /// The file has none that could be told.
    Missing(String),
    /// The file is not to be believed.
    Unreadable(ListError),
}

impl From<ListError> for Why {
    fn from(error: ListError) -> Self {
        Self::Unreadable(error)
    }
}

/// A product that is that of an item, and what it costs.
struct Candidate<'a> {
    usage: &'a str,
    sku: &'a str,
    charge: Charge,
    /// Units that another product has for free before.
    free: u32,
}

fn price(file: &OfferFile<'_>, offer: Offer, item: Item, region: &str, seen: &str) -> Result<Price, Why> {
    let none = || {
        Why::Missing(format!(
            "`{}` has no product of it with a price in `{region}`",
            offer.code()
        ))
    };
    let rule = rule(item).ok_or_else(none)?;
    let fits = |product: &Product<'_>| rule.fits(offer, item, region, product);
    let candidates = candidates(file, &rule, fits)?;
    let (first, others) = candidates.split_first().ok_or_else(none)?;
    if let Some(other) = others.iter().find(|other| other.charge != first.charge) {
        let named = |one: &Candidate<'_>| format!("`{}` (SKU {}, {})", one.usage, one.sku, one.charge.usd);
        let reason = format!(
            "two products have different prices: {} and {}",
            named(first),
            named(other)
        );
        return Err(Why::Missing(reason));
    }
    let note = match first.free {
        0 => format!("the price list, {}", first.usage),
        free => format!("the price list, {} after {free} that are free", first.usage),
    };
    Ok(Price {
        usd: first.charge.usd,
        steps: Cow::Owned(first.charge.steps.clone()),
        source: Source {
            grade: Grade::Published,
            seen: Some(Cow::Owned(seen.to_owned())),
            note: Cow::Owned(note),
        },
    })
}

/// All products that fit, with what each of their terms costs; in the order of their usage types.
fn candidates<'a>(
    file: &'a OfferFile<'a>,
    rule: &Rule,
    fits: impl Fn(&Product<'a>) -> bool,
) -> Result<Vec<Candidate<'a>>, Why> {
    let mut candidates = Vec::new();
    for (sku, product) in file.products.iter().filter(|(_, product)| fits(product)) {
        let usage = product.attributes.usage.as_ref();
        for tariff in tariffs(file, rule, sku, usage)? {
            let free = match rule.free {
                Some(other) if !tariff.starts_free() => allowance(file, rule, other)?,
                _ => 0,
            };
            let charge = tariff.after(usage, free)?;
            let charge = charge.ok_or_else(|| Why::Missing(format!("`{usage}` is at $0, which is no price of it")))?;
            candidates.push(Candidate {
                usage,
                sku,
                charge,
                free,
            });
        }
    }
    candidates.sort_by_key(|one| (one.usage, one.sku));
    Ok(candidates)
}

/// What the terms of a product cost, for units that are those of the rule.
fn tariffs(file: &OfferFile<'_>, rule: &Rule, sku: &str, usage: &str) -> Result<Vec<Tariff>, Why> {
    let terms = file
        .terms
        .on_demand
        .get(sku)
        .into_iter()
        .flat_map(|terms| terms.values());
    let tariff = |term| {
        let tariff = Tariff::of(usage, term)?;
        match term
            .dimensions
            .values()
            .find(|one| !rule.units.contains(&one.unit.as_ref()))
        {
            None => Ok(tariff),
            Some(other) => Err(Why::Missing(format!(
                "the price of `{usage}` is for `{}`, and must be for `{}`",
                other.unit,
                rule.units.join("` or `")
            ))),
        }
    };
    terms.map(tariff).collect()
}

/// How many units the offer has for free under the usage type `usage`, in all regions together.
fn allowance(file: &OfferFile<'_>, rule: &Rule, usage: &str) -> Result<u32, Why> {
    let mut found = None;
    let named = |product: &Product<'_>| product.attributes.usage == usage;
    for (sku, _) in file.products.iter().filter(|(_, product)| named(product)) {
        for tariff in tariffs(file, rule, sku, usage)? {
            let units = tariff.allowance();
            if units.is_none() || found.is_some_and(|found| Some(found) != units) {
                return Err(Why::Missing(format!(
                    "what `{usage}` has for free is not one number of units"
                )));
            }
            found = units;
        }
    }
    Ok(found.unwrap_or(0))
}
