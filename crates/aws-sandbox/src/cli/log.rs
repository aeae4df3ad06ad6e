//! `aws-sandbox log`.

use std::process::ExitCode;

use super::printer::Printer;
use super::{Failure, Output, StateArgs};
use crate::call_log::{Call, read};
use crate::state_file::log_path;

/// Which calls are shown, and how.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    state: StateArgs,
    /// How it is written; JSON is one object a line
    #[arg(long, value_enum, default_value_t)]
    output: Output,
    /// Only calls that change something
    #[arg(long)]
    mutating: bool,
}

/// Shows the calls in the order of their arrival.
pub(super) fn log(args: &Args, printer: &Printer) -> Result<ExitCode, Failure> {
    let path = log_path(&args.state.path()?);
    let mut calls = read(&path).map_err(|source| Failure::Io {
        doing: "cannot read the call log",
        source,
    })?;
    calls.sort_by_key(|call| call.number);
    for call in calls.iter().filter(|call| call.mutating || !args.mutating) {
        let text = match args.output {
            Output::Json => serde_json::to_string(call)?,
            Output::Text => line(call),
        };
        printer.line(&text).map_err(Failure::printing)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn line(call: &Call) -> String {
    let status = if call.status == 0 {
        "---".to_owned()
    } else {
        call.status.to_string()
    };
    let mut line = format!(
        "{:>5} {:.3} {status} {}:{}",
        call.number, call.at, call.service, call.operation
    );
    for part in [Some(call.resource.as_str()), call.error.as_deref()]
        .into_iter()
        .flatten()
    {
        if !part.is_empty() {
            line += &format!(" {part}");
        }
    }
    if let Some(fault) = &call.fault {
        line += &format!(" [{fault}]");
    }
    line
}
