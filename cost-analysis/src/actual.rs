//! The bill beside what was worked out.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jitsi_cost::{Cost, Item, Total, Unknown, Usd};
use rust_decimal::Decimal;
use serde::Serialize;

use crate::bill::Kept;
use crate::compare::number;

/// Why the bill may be another than the platform's.
const WHOSE: &str = "it is the whole account's in these services, which may hold other things; credits are taken off, load balancers \
     of all kinds are one figure, and AWS is about a day behind";

/// That, for the report.
pub(crate) fn whose() -> Unknown {
    Unknown {
        what: "whose the bill is".to_owned(),
        reason: WHOSE.to_owned(),
    }
}

/// What AWS bills, beside what was worked out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Actual {
    /// When AWS told it.
    pub(crate) fetched_at: Timestamp,
    /// Whether AWS may still change it.
    pub(crate) estimated: bool,
    /// For each item that is billed or was worked out.
    pub(crate) lines: Vec<Line>,
    /// The sum of what is billed for these items.
    pub(crate) billed: Usd,
    /// The sum of what was worked out.
    pub(crate) modelled: Total,
    /// `billed` less what is known of `modelled`; null where nothing is.
    pub(crate) difference: Option<Usd>,
    /// What no item stands for.
    pub(crate) other: Other,
    /// All that is billed in these services.
    pub(crate) total: Usd,
}

/// An item.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) item: Item,
    /// As AWS names them; none where nothing is billed.
    pub(crate) usage_types: Vec<String>,
    /// How much of it AWS counts.
    #[serde(serialize_with = "number")]
    pub(crate) quantity: Decimal,
    pub(crate) billed: Usd,
    /// Null where nothing was worked out.
    pub(crate) modelled: Option<Usd>,
    /// `billed` less `modelled`, where nothing was worked out all of it.
    pub(crate) difference: Usd,
}

/// Usage types for which no item stands, those of other regions among them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Other {
    pub(crate) billed: Usd,
    pub(crate) usage_types: Vec<Named>,
}

/// One of them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Named {
    pub(crate) service: String,
    pub(crate) usage_type: String,
    pub(crate) billed: Usd,
}

impl Line {
    fn nothing(item: Item) -> Self {
        Self {
            item,
            usage_types: Vec::new(),
            quantity: Decimal::ZERO,
            billed: Usd::ZERO,
            modelled: None,
            difference: Usd::ZERO,
        }
    }
}

impl Actual {
    /// The bill beside `cost`, of the same month.
    pub(crate) fn of(kept: &Kept, cost: &Cost, region: &str) -> Self {
        let mut lines: BTreeMap<Item, Line> = BTreeMap::new();
        let mut others = Vec::new();
        for billed in &kept.bill.lines {
            let usd = Usd::of(billed.usd);
            match Item::of_usage_type(&billed.service, &billed.usage_type, region) {
                Some(item) => {
                    let line = lines.entry(item).or_insert_with(|| Line::nothing(item));
                    line.usage_types.push(billed.usage_type.clone());
                    line.quantity += billed.quantity;
                    line.billed = line.billed + usd;
                }
                None => others.push(Named {
                    service: billed.service.clone(),
                    usage_type: billed.usage_type.clone(),
                    billed: usd,
                }),
            }
        }
        for worked_out in &cost.lines {
            let item = worked_out.what;
            let line = lines.entry(item).or_insert_with(|| Line::nothing(item));
            line.modelled = Some(worked_out.cost);
        }
        for line in lines.values_mut() {
            line.difference = line.billed - line.modelled.unwrap_or(Usd::ZERO);
        }
        let billed: Usd = lines.values().map(|line| line.billed).sum();
        let other: Usd = others.iter().map(|other| other.billed).sum();
        Self {
            fetched_at: kept.fetched_at,
            estimated: kept.bill.estimated,
            lines: lines.into_values().collect(),
            billed,
            modelled: cost.total,
            difference: cost.total.known().map(|known| billed - known),
            other: Other {
                billed: other,
                usage_types: others,
            },
            total: billed + other,
        }
    }

    /// What was billed, in a line.
    pub(crate) fn in_short(&self) -> String {
        let kind = if self.estimated { "an estimate" } else { "final" };
        let told = self.fetched_at.strftime("%Y-%m-%d %H:%M");
        format!("{}, {kind}, as AWS told it at {told}", self.billed.monthly_text())
    }

    /// Rows of what, billed, worked out, difference.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let cents = |usd: Option<Usd>| usd.map_or_else(String::new, Usd::monthly_text);
        let line = |line: &Line| {
            let modelled = line
                .modelled
                .map_or_else(|| "not worked out".to_owned(), Usd::monthly_text);
            vec![
                line.item.to_string(),
                line.billed.monthly_text(),
                modelled,
                line.difference.monthly_text(),
            ]
        };
        let mut rows: Vec<Vec<String>> = self.lines.iter().map(line).collect();
        rows.push(vec![
            "together".to_owned(),
            self.billed.monthly_text(),
            self.modelled.monthly_text(),
            cents(self.difference),
        ]);
        let alone = |what: String, usd: Usd| vec![what, usd.monthly_text(), String::new(), String::new()];
        let (small, large): (Vec<&Named>, Vec<&Named>) =
            (self.other.usage_types.iter()).partition(|other| other.billed.rounded(2).amount().is_zero());
        rows.extend(
            large
                .iter()
                .map(|other| alone(format!("other: {}, {}", other.service, other.usage_type), other.billed)),
        );
        if !small.is_empty() {
            let usd = small.iter().map(|other| other.billed).sum();
            rows.push(alone(format!("other: {} of less than a cent each", small.len()), usd));
        }
        if !self.other.usage_types.is_empty() {
            rows.push(alone("all of it".to_owned(), self.total));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: &str = r#"{"schema": "jitsi-ops/bill/v1", "fetched_at": "2026-03-02T10:00:00Z", "bill": {"estimated": true,
        "requests": 1, "lines": [
        {"service": "Amazon Elastic Load Balancing", "usage_type": "USW2-LoadBalancerUsage", "usd": "0.45", "quantity": "20"},
        {"service": "Amazon Elastic Load Balancing", "usage_type": "EU-LoadBalancerUsage", "usd": "2.5", "quantity": "100"},
        {"service": "Amazon Simple Storage Service", "usage_type": "USW2-Requests-Tier1", "usd": "0.001", "quantity": "200"},
        {"service": "AWS Secrets Manager", "usage_type": "USW2-AWSSecretsManager-Secrets", "usd": "0.4", "quantity": "1"}]}}"#;

    #[test]
    fn what_no_item_stands_for_is_named_apart() {
        let kept: Kept = serde_json::from_str(TOLD).unwrap();
        let mut amounts = jitsi_cost::Amounts::default();
        amounts.add(Item::NetworkLoadBalancer, Decimal::from(21));
        amounts.add(Item::PublicAddress, Decimal::from(10));
        let cost = jitsi_cost::PriceBook::built_in().cost("us-west-2", &amounts);
        let actual = Actual::of(&kept, &cost, "us-west-2");
        let rows: Vec<String> = actual.rows().iter().map(|row| row.join(" | ")).collect();
        assert_eq!(
            rows,
            [
                "Network Load Balancer | $0.45 | $0.47 | -$0.02",
                "public IPv4 address | $0.00 | $0.05 | -$0.05",
                "secret | $0.40 | not worked out | $0.40",
                "together | $0.85 | $0.52 | $0.33",
                "other: Amazon Elastic Load Balancing, EU-LoadBalancerUsage | $2.50 |  | ",
                "other: 1 of less than a cent each | $0.00 |  | ",
                "all of it | $3.35 |  | ",
            ]
        );
        assert_eq!(actual.total, Usd::of(Decimal::new(3351, 3)));
    }
}
