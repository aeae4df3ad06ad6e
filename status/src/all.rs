//! Every platform of the configuration, a row each, in the order in which they answer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use jitsi_cli::args::OutputForm;
use jitsi_cli::context::{Context, platforms};
use jitsi_cli::exit::Exit;
use jitsi_cli::fault::ErrorReport;
use jitsi_cli::printer::{BAD, Printer};
use jitsi_cli::progress::Display;
use jitsi_cli::setup::connect;
use jitsi_cli::{interrupt, result};
use jitsi_config::{Platform, shell_quote};
use jitsi_ops::clock::Clock;
use jitsi_ops::problem::{Problem, ProblemKind};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::document::{Document, Seen};
use crate::text::{colour, painted};
use crate::{Args, Looker, blind, unexpected};

/// Name and version of the document.
pub(crate) const SCHEMA: &str = "jitsi-ops/status-all/v1";

/// How many platforms are looked at at the same time.
const IN_FLIGHT: usize = 16;

/// How long one may take: after that nobody answers any more.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Serialize)]
struct All {
    schema: &'static str,
    /// One for each profile, in the order of the configuration.
    platforms: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    profile: Option<String>,
    domain: String,
    /// As `status` prints it; null where nothing could be looked at.
    status: Option<Box<RawValue>>,
    /// Why nothing, or not what was expected, was found.
    error: Option<ErrorReport>,
    #[serde(skip)]
    line: String,
    #[serde(skip)]
    exit: Exit,
}

pub(crate) async fn run(args: &Args, printer: Arc<Printer>) -> Result<Exit, Problem> {
    let all = platforms(&args.common, &printer)?;
    let width = |of: fn(&Platform) -> usize| all.iter().map(of).max().unwrap_or_default();
    let widths = (
        width(|platform| platform.profile.as_deref().unwrap_or("-").len()),
        width(|platform| platform.domain.to_string().len()),
    );
    let rows = all
        .into_iter()
        .enumerate()
        .map(|(n, platform)| look(args, n, platform, widths, &printer));
    let mut rows = stream::iter(rows).buffer_unordered(IN_FLIGHT);
    let mut done: Vec<(usize, Row)> = Vec::new();
    let finished = async {
        while let Some((n, row)) = rows.next().await {
            if printer.form == OutputForm::Text {
                printer.result(&row.line);
            }
            done.push((n, row));
        }
    };
    let display = Arc::new(Display::new(Arc::clone(&printer), Clock::real()));
    let interrupts = interrupt::watch(display);
    // So that it listens before anything is asked.
    tokio::task::yield_now().await;
    tokio::select! {
        () = finished => {}
        () = interrupts.first.cancelled() => return Ok(Exit::Interrupted),
    }
    drop(rows);
    done.sort_by_key(|(n, _)| *n);
    let platforms: Vec<Row> = done.into_iter().map(|(_, row)| row).collect();
    let exits: Vec<Exit> = platforms.iter().map(|row| row.exit).collect();
    if printer.form == OutputForm::Json {
        printer.result(&result::json(&All {
            schema: SCHEMA,
            platforms,
        }));
    }
    // What could not be looked at weighs more than what is otherwise than expected.
    let worst = [Exit::Failed, Exit::NotReady]
        .into_iter()
        .find(|exit| exits.contains(exit));
    Ok(worst.unwrap_or(Exit::Done))
}

/// One row. It comes in time, whatever happens to its platform.
async fn look(
    args: &Args,
    n: usize,
    platform: Platform,
    widths: (usize, usize),
    printer: &Arc<Printer>,
) -> (usize, Row) {
    let (profile, domain) = (platform.profile.clone(), platform.domain.to_string());
    let (first, second) = widths;
    let name = format!("{:<first$}  {domain:<second$}", profile.as_deref().unwrap_or("-"));
    let found = tokio::time::timeout(PATIENCE, found(args, platform, printer)).await;
    let found = found.unwrap_or_else(|_| {
        let what = format!("nobody answers within {} s", PATIENCE.as_secs());
        Err(Problem::new(ProblemKind::Failed, what))
    });
    let row = match found {
        Ok(found) => Row {
            line: format!("{name}  {}", found.line),
            exit: found.problem.as_ref().map_or(Exit::Done, Exit::from),
            error: found.problem.as_ref().map(ErrorReport::from),
            status: Some(found.status),
            profile,
            domain,
        },
        Err(problem) => Row {
            line: format!("{name}  {}: {}", painted(BAD, "error"), one_line(&problem)),
            exit: Exit::Failed,
            error: Some((&problem).into()),
            status: None,
            profile,
            domain,
        },
    };
    (n, row)
}

fn one_line(problem: &Problem) -> String {
    let parts = std::iter::once(&problem.what).chain(&problem.why);
    parts.map(String::as_str).collect::<Vec<_>>().join(": ")
}

struct Found {
    status: Box<RawValue>,
    line: String,
    problem: Option<Problem>,
}

async fn found(args: &Args, platform: Platform, printer: &Arc<Printer>) -> Result<Found, Problem> {
    let context = Context::of(platform, &args.common, Arc::clone(printer))?;
    let (aws, mut wanted) = connect(&context, 1, false).await?;
    if let Some(profile) = &wanted.profile {
        wanted
            .further
            .flags
            .push_str(&format!(" --profile {}", shell_quote(profile)));
    }
    let looker = Looker::new(args, &context, aws, wanted)?;
    let (found, took) = looker.look(&context).await;
    if let Some(problem) = blind(&found, &looker.wanted) {
        return Err(problem);
    }
    let document = Document::of(&found, &looker.wanted, took);
    let unwritten = |error: serde_json::Error| {
        Problem::new(ProblemKind::Failed, "the result could not be written").because(error.to_string())
    };
    Ok(Found {
        status: to_raw_value(&document).map_err(unwritten)?,
        line: line(&document),
        problem: unexpected(args.expect, &document),
    })
}

/// State, counts, load balancer, cost, and the first reason.
fn line(document: &Document<'_>) -> String {
    let counts = match &document.service {
        Seen::Here(service) => format!("{}/{}", service.running, service.desired),
        Seen::Absent => "none".to_owned(),
        Seen::Unknown { .. } => "?".to_owned(),
    };
    let balancer = match &document.load_balancer {
        Seen::Here(balancer) => balancer.state,
        Seen::Absent => "-",
        Seen::Unknown { .. } => "unknown",
    };
    let state = document.state;
    let state = painted(colour(state), &format!("{:<12}", state.as_str()));
    let because = document
        .because
        .first()
        .map_or_else(String::new, |why| format!("  {why}"));
    let cost = document.cost.hourly.per_hour.hourly_text();
    format!("{state}  {counts:<7}  {balancer:<12}  {cost:>8}/h{because}")
}
