//! `aws-sandbox bill`.

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::printer::Printer;
use super::{Failure, Output, StateArgs};
use crate::world::{Bill, BillItem};

/// How the bill is shown.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    state: StateArgs,
    /// How it is written
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// Exit with 3 when something still bills
    #[arg(long)]
    check: bool,
}

/// The bill as JSON.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    still_billing: usize,
    #[serde(flatten)]
    bill: &'a Bill,
}

/// Shows what existed, from when to when.
pub(super) fn bill(args: &Args, printer: &Printer) -> Result<ExitCode, Failure> {
    let bill = args.state.open()?.bill();
    let open = bill.still_billing().len();
    match args.output {
        Output::Json => {
            let document = Document {
                schema: "aws-sandbox/bill/v1",
                still_billing: open,
                bill: &bill,
            };
            printer
                .line(&serde_json::to_string_pretty(&document)?)
                .map_err(Failure::printing)?;
        }
        Output::Text => {
            for item in &bill.items {
                printer.line(&line(item, bill.at)).map_err(Failure::printing)?;
            }
            printer.line(&summary(&bill)).map_err(Failure::printing)?;
        }
    }
    Ok(if args.check && open > 0 {
        ExitCode::from(3)
    } else {
        ExitCode::SUCCESS
    })
}

fn line(item: &BillItem, now: Timestamp) -> String {
    let until = item
        .until
        .map_or_else(|| "now".to_owned(), |until| format!("{until:.0}"));
    let lasted = item.until.unwrap_or(now).duration_since(item.from);
    format!(
        "{:<26} {:<34} {:.0} to {until:<20} {:>10}  {} {}",
        item.kind,
        item.name,
        item.from,
        whole(lasted),
        item.account,
        item.region
    )
}

/// A duration in whole seconds: `1h 4m 7s`.
fn whole(duration: SignedDuration) -> String {
    format!("{:#}", SignedDuration::from_secs(duration.as_secs()))
}

/// The last line: whether anything still bills.
fn summary(bill: &Bill) -> String {
    let open = bill.still_billing();
    if open.is_empty() {
        return format!("nothing bills any more (it is {:.0})", bill.at);
    }
    let names: Vec<String> = open
        .iter()
        .map(|item| format!("{} `{}`", item.kind, item.name))
        .collect();
    let verb = if open.len() == 1 { "bills" } else { "bill" };
    format!(
        "{} still {verb}: {} (it is {:.0})",
        open.len(),
        names.join(", "),
        bill.at
    )
}
