//! What the configuration says of money: prices of its own, a budget, and what is kept all the time.

use std::fmt;
use std::str::FromStr;

use crate::problem::{Malformed, Problem, quoted};
use crate::tree::{Member, Node, Tree};

/// A number of at least 0, as it was written: money and sizes are calculated with decimally.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity(String);

impl Quantity {
    /// As it was written: digits, and at most one point.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Quantity {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let is_number = |digits: &str| (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        match is_number(whole) && is_number(part) {
            true => Ok(Self(text.to_owned())),
            false => Err(Malformed::new("a number of at least 0, such as `5` or `2.5`")),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of the platform's money beside its use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Money {
    /// Dollars a month that it may cost.
    pub budget: Option<Quantity>,
    /// GB that are kept in S3.
    pub storage_gb: Option<Quantity>,
    /// GB that are kept in CloudWatch Logs.
    pub log_gb: Option<Quantity>,
    /// Secrets in Secrets Manager.
    pub secrets: Option<Quantity>,
    /// `[prices]`.
    pub prices: StatedPrices,
}

/// `[prices]`: prices that beat all others. Whether they are any is not judged here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatedPrices {
    /// `currency`.
    pub currency: Option<String>,
    /// In the order of the file.
    pub prices: Vec<StatedPrice>,
}

/// `network-load-balancer = { usd = "0.0225", unit = "load-balancer-hour" }` of `[prices.us-west-2]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatedPrice {
    /// Where it stands.
    pub line: usize,
    /// The region.
    pub region: String,
    /// What it is the price of.
    pub item: String,
    /// Dollars, as written.
    pub usd: Option<String>,
    /// For what.
    pub unit: Option<String>,
    /// When it was seen.
    pub seen: Option<String>,
    /// In what.
    pub note: Option<String>,
}

/// Reads `[prices]`; what has not its form is reported.
pub(crate) fn read(members: Vec<Member>, problems: &mut Vec<Problem>) -> StatedPrices {
    let mut prices = StatedPrices::default();
    for Member { key, line, value } in members {
        match value.tree {
            Tree::Table(items) => {
                let each = items.into_iter().filter_map(|item| price(&key, item, problems));
                prices.prices.extend(each.collect::<Vec<_>>());
            }
            Tree::Text(currency) if key == "currency" => prices.currency = Some(currency),
            other => {
                let what = format!("expected a table of a region's prices, found {}", other.described());
                let hint = "write `[prices.us-west-2]`, and a price on each line of it".to_owned();
                problems.push(Problem::of_key(Some(line), &format!("prices.{key}"), what, Some(hint)));
            }
        }
    }
    prices
}

fn price(region: &str, item: Member, problems: &mut Vec<Problem>) -> Option<StatedPrice> {
    let name = format!("prices.{region}.{}", item.key);
    let Tree::Table(parts) = item.value.tree else {
        let what = format!("expected a price with its unit, found {}", item.value.tree.described());
        let hint = format!("write `{} = {{ usd = \"0.0225\", unit = \"...\" }}`", item.key);
        problems.push(Problem::of_key(Some(item.line), &name, what, Some(hint)));
        return None;
    };
    let mut price = StatedPrice {
        line: item.line,
        region: region.to_owned(),
        item: item.key,
        ..StatedPrice::default()
    };
    for Member { key, value, .. } in parts {
        let Node { line, tree } = value;
        let place = match key.as_str() {
            "usd" => &mut price.usd,
            "unit" => &mut price.unit,
            "seen" => &mut price.seen,
            "note" => &mut price.note,
            other => {
                let what = format!(
                    "{} is not known here; known are `usd`, `unit`, `seen`, `note`",
                    quoted(other)
                );
                problems.push(Problem::of_key(Some(line), &name, what, None));
                continue;
            }
        };
        match tree {
            Tree::Text(text) | Tree::Number(text) | Tree::Date(text) => *place = Some(text),
            other => {
                let what = format!("expected a text, found {}", other.described());
                problems.push(Problem::of_key(Some(line), &format!("{name}.{key}"), what, None));
            }
        }
    }
    Some(price)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_digits_with_at_most_one_point() {
        for good in ["0", "5", "2.50", "123456789012"] {
            assert_eq!(good.parse::<Quantity>().map(|q| q.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "-1", "1,5", "1.", ".5", "1e3", "five", "1.2.3"] {
            assert!(bad.parse::<Quantity>().is_err(), "{bad}");
        }
    }
}
