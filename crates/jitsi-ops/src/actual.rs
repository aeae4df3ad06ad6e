//! What AWS itself says that a time has cost: Cost Explorer's figures, which cost money to ask for.

use aws_sdk_costexplorer::operation::get_cost_and_usage::GetCostAndUsageOutput;
use aws_sdk_costexplorer::types::{
    DateInterval, Dimension, DimensionValues, Expression, Granularity, Group, GroupDefinition, GroupDefinitionType,
    MetricValue,
};
use jiff::civil::Date;
use jitsi_cost::price_list::Offer;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::access::Aws;
use crate::failure::{AwsFailure, Call, FailureKind};
use crate::observe::preflight;
use crate::problem::{Problem, ProblemKind};
use crate::reading::Reading;
use crate::wanted::Wanted;

/// How many requests a bill may take at most: each is charged.
pub const REQUESTS_AT_MOST: u32 = 3;

const COST: &str = "UnblendedCost";
const QUANTITY: &str = "UsageQuantity";

/// What AWS charges the account for the services of a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Whether AWS may still change it.
    pub estimated: bool,
    /// By service and usage type, as AWS tells them.
    pub lines: Vec<Billed>,
    /// How many requests it took.
    pub requests: u32,
}

/// What AWS charges for a usage type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billed {
    /// As AWS bills it: `Amazon Elastic Load Balancing`.
    pub service: String,
    /// `USW2-LoadBalancerUsage`.
    pub usage_type: String,
    /// US dollars; less than nothing where credits are larger.
    pub usd: Decimal,
    /// In the usage type's own unit.
    pub quantity: Decimal,
}

/// The account whose bill is asked for: that of the credentials.
///
/// # Errors
/// It cannot be told, or the configuration allows another one only.
pub async fn account(aws: &Aws, wanted: &Wanted) -> Result<String, Problem> {
    let identity = match preflight::identity(aws).await {
        Reading::Here(identity) => identity,
        Reading::Unknown(failure) => return Err(wanted.problem(&failure)),
        Reading::Absent | Reading::NotRead => {
            return Err(Problem::new(ProblemKind::Failed, "the account is not known"));
        }
    };
    match &wanted.account_id {
        Some(expected) if *expected != identity.account => {
            let what = format!("these credentials are for account `{}`", identity.account);
            Err(Problem::new(ProblemKind::Refused, what)
                .because(format!("the configuration allows only account `{expected}`"))
                .hint("choose the right AWS profile (`aws_profile`, --aws-profile), or correct `account_id`"))
        }
        _ => Ok(identity.account),
    }
}

/// What the account is charged from the day `from` until the day `until`, which is not included. Each request is made once,
/// and charged.
///
/// # Errors
/// A request failed, the answer is not in US dollars, has an amount that is none, or goes on after so many requests.
pub async fn bill(aws: &Aws, from: Date, until: Date) -> Result<Bill, AwsFailure> {
    let mut bill = Bill {
        estimated: false,
        lines: Vec::new(),
        requests: 0,
    };
    let mut token = None;
    while bill.requests < REQUESTS_AT_MOST {
        bill.requests += 1;
        let answer = request(aws, from, until, token).await?;
        read(&answer, &mut bill).map_err(|what| wrong(from, until, what))?;
        token = answer.next_page_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(bill);
        }
    }
    let what = format!("the answer has more than {REQUESTS_AT_MOST} pages, and each is charged");
    Err(wrong(from, until, what))
}

fn call(from: Date, until: Date) -> Call {
    Call::new("Cost Explorer", "GetCostAndUsage", format!("{from} to {until}"))
}

/// An answer that is not to be believed. Asking again would cost again, so it is no fault that passes.
fn wrong(from: Date, until: Date, message: String) -> AwsFailure {
    AwsFailure {
        call: call(from, until),
        kind: FailureKind::Rejected,
        code: None,
        message,
        status: None,
        bucket_region: None,
        request_id: None,
    }
}

async fn request(
    aws: &Aws,
    from: Date,
    until: Date,
    token: Option<String>,
) -> Result<GetCostAndUsageOutput, AwsFailure> {
    let period = DateInterval::builder().start(from.to_string()).end(until.to_string());
    let period = period
        .build()
        .map_err(|error| AwsFailure::not_sent(call(from, until), &error))?;
    let services = Offer::ALL.into_iter().filter_map(Offer::service).map(str::to_owned);
    let services = DimensionValues::builder()
        .key(Dimension::Service)
        .set_values(Some(services.collect()));
    let by = |key: &str| {
        GroupDefinition::builder()
            .r#type(GroupDefinitionType::Dimension)
            .key(key)
            .build()
    };
    let request = aws
        .costs
        .get_cost_and_usage()
        .time_period(period)
        .granularity(Granularity::Monthly)
        .metrics(COST)
        .metrics(QUANTITY)
        .group_by(by("SERVICE"))
        .group_by(by("USAGE_TYPE"))
        .filter(Expression::builder().dimensions(services.build()).build())
        .set_next_page_token(token);
    request
        .send()
        .await
        .map_err(|error| AwsFailure::of(call(from, until), &error))
}

/// Adds what a page says.
fn read(answer: &GetCostAndUsageOutput, bill: &mut Bill) -> Result<(), String> {
    if answer.results_by_time().is_empty() {
        return Err("the answer has no results by time".to_owned());
    }
    for result in answer.results_by_time() {
        bill.estimated |= result.estimated();
        for group in result.groups() {
            let line = line(group)?;
            let same = |known: &&mut Billed| known.service == line.service && known.usage_type == line.usage_type;
            match bill.lines.iter_mut().find(same) {
                Some(known) => {
                    known.usd += line.usd;
                    known.quantity += line.quantity;
                }
                None => bill.lines.push(line),
            }
        }
    }
    Ok(())
}

fn line(group: &Group) -> Result<Billed, String> {
    let [service, usage_type] = group.keys() else {
        return Err("a group of the answer has not the two keys that were asked for".to_owned());
    };
    let metric = |name: &str| {
        let metric = group.metrics().and_then(|metrics| metrics.get(name));
        metric.ok_or_else(|| format!("`{usage_type}` has no {name}"))
    };
    let cost = metric(COST)?;
    match cost.unit() {
        Some("USD") => {}
        other => {
            let currency = other.unwrap_or("no currency");
            return Err(format!(
                "`{usage_type}` is billed in `{currency}`, and only USD can be compared"
            ));
        }
    }
    Ok(Billed {
        usd: number(usage_type, cost)?,
        quantity: number(usage_type, metric(QUANTITY)?)?,
        service: service.clone(),
        usage_type: usage_type.clone(),
    })
}

/// A decimal, or one with an exponent, as AWS writes what is very small.
fn number(usage_type: &str, metric: &MetricValue) -> Result<Decimal, String> {
    let text = metric.amount().unwrap_or_default();
    text.parse()
        .or_else(|_| Decimal::from_scientific(text))
        .map_err(|_| format!("`{usage_type}` has the amount `{text}`, which is no number"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_costexplorer::types::ResultByTime;

    use super::*;

    fn answer(amount: &str, unit: &str) -> GetCostAndUsageOutput {
        let metric = |amount: &str, unit: &str| MetricValue::builder().amount(amount).unit(unit).build();
        let group = Group::builder()
            .keys("Amazon Elastic Load Balancing")
            .keys("USW2-LoadBalancerUsage")
            .metrics(COST, metric(amount, unit))
            .metrics(QUANTITY, metric("3.0000000000", "Hrs"));
        let result = ResultByTime::builder().groups(group.build()).estimated(true);
        GetCostAndUsageOutput::builder().results_by_time(result.build()).build()
    }

    fn nothing() -> Bill {
        Bill {
            estimated: false,
            lines: Vec::new(),
            requests: 1,
        }
    }

    #[test]
    fn amounts_are_exact_decimals_of_dollars_and_of_two_pages_they_add_up() {
        let mut bill = nothing();
        read(&answer("0.0675000001", "USD"), &mut bill).unwrap();
        read(&answer("-1.0E-10", "USD"), &mut bill).unwrap();
        assert!(bill.estimated);
        assert_eq!(bill.lines.len(), 1);
        assert_eq!(bill.lines[0].usd, Decimal::new(675, 4));
        assert_eq!(bill.lines[0].quantity, Decimal::from(6));
    }

    #[test]
    fn another_currency_an_amount_that_is_none_and_an_empty_answer_are_errors() {
        let refused = |answer: &GetCostAndUsageOutput| read(answer, &mut nothing()).unwrap_err();
        assert!(refused(&answer("1.5", "EUR")).contains("is billed in `EUR`"));
        assert!(refused(&answer("much", "USD")).contains("the amount `much`"));
        assert!(refused(&answer("", "USD")).contains("no number"));
        assert!(refused(&GetCostAndUsageOutput::builder().build()).contains("no results"));
    }
}
