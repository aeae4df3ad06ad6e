//! `cost-analysis`: what the platform has cost, what it will cost, and why. It changes nothing.

mod actual;
mod args;
mod bill;
mod chart;
mod compare;
mod csv;
#[cfg(test)]
mod golden;
mod html;
mod idle;
mod lives;
mod markdown;
mod month;
mod prices;
mod read;
mod report;
mod session;
mod tables;
mod text;
mod usage;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use jiff::Timestamp;
use jitsi_cli::context::Context;
use jitsi_cli::exit::Exit;
use jitsi_cli::printer::Printer;
use jitsi_cli::{fault, result, start};
use jitsi_cost::{Unknown, Usd};
use jitsi_ops::problem::{Problem, ProblemKind};

use crate::actual::Actual;
use crate::args::{Args, Command, ReportForm};
use crate::compare::{comparison, projection, scenario};
use crate::idle::Idle;
use crate::month::Month;
use crate::read::{Read, read};
use crate::report::{Given, Report, SCHEMA};
use crate::usage::Usage;

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let common = args.common.plain();
    match &args.command {
        Some(Command::Prices(prices)) => {
            let prices = prices.clone();
            start::start_without_platform(&common, prices::SCHEMA, async |printer| {
                prices::run(&prices, &args, printer).await
            })
        }
        None => start::start_or_fail(&common, SCHEMA, async |context| run(&args, context).await),
    }
}

async fn run(args: &Args, context: Context) -> Result<Exit, Problem> {
    let printer = context.printer.clone();
    if let Some(problem) = context.prices_problem.clone() {
        return Err(problem);
    }
    priced(&context)?;
    let month = month(args, context.clock.now())?;
    let read = read(args, &context, month).await?;
    let report = report(args, &context, month, &read);
    print(&report, args.common.output.output, &printer);
    for warning in &read.warnings {
        printer.warning(&warning.message, warning.hint.as_deref());
    }
    let problem = over_budget(&report);
    Ok(problem.map_or(Exit::Done, |problem| {
        fault::print(&problem, &printer);
        Exit::from(&problem)
    }))
}

/// The month that is meant.
fn month(args: &Args, now: Timestamp) -> Result<Month, Problem> {
    let current = Month::of(now);
    let month = match args.month {
        Some(month) => month,
        None if args.to_date => current,
        None => current.before(),
    };
    // Stated hours may be planned ones.
    if month > current && args.hours.is_none() {
        let problem = Problem::new(ProblemKind::Usage, format!("{month} has not begun, it is {current}"));
        return Err(problem.hint("`--hours 20` tells what so many hours would cost"));
    }
    Ok(month)
}

/// Without a single price for the region there is nothing to work out.
fn priced(context: &Context) -> Result<(), Problem> {
    let region = context.platform.region.to_string();
    if context.prices.regions().contains(&region.as_str()) {
        return Ok(());
    }
    Err(prices::none_for(&region))
}

fn report(args: &Args, context: &Context, month: Month, read: &Read) -> Report {
    let platform = &context.platform;
    let region = platform.region.to_string();
    let idle = args.idle(Idle::of(platform));
    let configured = platform.money.budget.as_ref();
    let budget = args
        .budget
        .or(configured.and_then(|budget| budget.as_str().parse().ok()));
    let given = Given {
        book: &context.prices,
        region: &region,
        shape: &read.shape,
        month,
        now: read.now,
        idle: &idle,
        budget: budget.map(Usd::of),
    };
    let cost = |amounts: &_| given.book.cost(&region, amounts);
    let of_month = read.usage.of_month(&given, month);
    // Of a month before the journal begins nothing is known.
    let known = read.usage.knows(month.before());
    let before = known.then(|| cost(&read.usage.of_month(&given, month.before()).all()).total);
    let days = read.usage.days(&given);
    let all = cost(&of_month.all());
    let over = month != Month::of(read.now);
    let projection = match read.usage.grows() && !over {
        true => projection(&given, &of_month.used, month),
        false => Some(all.total),
    };
    let running = read.shape.running();
    let scenarios = args.scenarios();
    let idle_amounts = idle.amounts();
    let scenario = |hours| scenario(given.book, &region, &running, &idle_amounts, hours);
    let meeting = args.meeting(platform);
    let mut missing = read.missing.clone();
    missing.push(not_measured());
    missing.extend(read.bill.as_ref().map(|_| actual::whose()));
    missing.extend(read.usage.missing(month));
    missing.extend(meeting.map(|_| compare::of_an_event()));
    let actual = read.bill.as_ref().map(|bill| Actual::of(bill, &all, &region));
    Report {
        schema: SCHEMA,
        profile: platform.profile.clone(),
        domain: platform.domain.to_string(),
        month: month.to_string(),
        period: of_month.window,
        month_is_over: over,
        currency: "USD",
        prices_as_of: given.book.as_of(&region).to_owned(),
        usage: read.usage.name(),
        anomalies: anomalies(&of_month.sessions),
        sessions: matches!(read.usage, Usage::Journal(_)).then_some(of_month.sessions),
        budget: given.budget(all.total, projection),
        cost: all,
        idle: cost(&of_month.idle),
        projection,
        comparison: comparison(&given, before),
        scenarios: scenarios.into_iter().map(scenario).collect(),
        event: meeting.map(|meeting| meeting.event(&given)),
        missing,
        days,
        actual,
        region,
    }
}

/// What is in no sum, because nobody has measured it.
fn not_measured() -> Unknown {
    Unknown {
        what: "traffic and logs".to_owned(),
        reason: "data to the internet, capacity units and logs taken in are not measured, and in no sum".to_owned(),
    }
}

fn anomalies(sessions: &[session::Session]) -> Vec<String> {
    let told = |session: &session::Session| {
        let from = session.from.strftime("%Y-%m-%d %H:%M").to_string();
        session
            .remarks
            .iter()
            .map(|remark| format!("{from}: {remark}"))
            .collect::<Vec<_>>()
    };
    sessions.iter().flat_map(told).collect()
}

fn print(report: &Report, form: ReportForm, printer: &Arc<Printer>) {
    match form {
        ReportForm::Text => printer.result(&text::text(report)),
        ReportForm::Json => printer.document(&result::json(report)),
        ReportForm::Csv => printer.document(csv::csv(report).trim_end()),
        ReportForm::Markdown => printer.document(markdown::markdown(report).trim_end()),
        ReportForm::Html => printer.document(html::html(report).trim_end()),
    }
}

fn over_budget(report: &Report) -> Option<Problem> {
    let budget = report.budget.filter(|budget| budget.over || budget.will_be_over)?;
    let (month, usd) = (&report.month, budget.usd.monthly_text());
    let what = match budget.over {
        true => format!(
            "{month} cost {}, more than the budget of {usd}",
            report.cost.total.monthly_text()
        ),
        false => format!(
            "{month} will cost {} if it goes on like this, more than the budget of {usd}",
            tables::about(report.projection)
        ),
    };
    Some(Problem::new(ProblemKind::NotReady, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
