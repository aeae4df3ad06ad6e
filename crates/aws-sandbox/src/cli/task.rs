//! `aws-sandbox task`: tasks die, and the scheduler starts others in their place.

use std::process::ExitCode;

use clap::ValueEnum;

use super::printer::Printer;
use super::service::{NotOne, find, name_of};
use super::{Failure, StateArgs};
use crate::world::{Unknown, World};

/// What becomes of which tasks.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Stop every running task; the scheduler starts another for each, with another address
    #[arg(value_enum)]
    what: What,
    /// The service, by name or ARN [default: the only one there is]
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    #[command(flatten)]
    state: StateArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    Replace,
}

/// Why nothing is replaced.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Service(#[from] NotOne),
    #[error("no task of `{0}` is RUNNING, so there is none to replace")]
    NoTask(String),
    #[error(transparent)]
    Unknown(#[from] Unknown),
}

/// Lets tasks die.
pub(super) fn task(args: &Args, printer: &Printer) -> Result<ExitCode, Failure> {
    let sandbox = args.state.open()?;
    let What::Replace = args.what;
    let (told, kept) = sandbox.with(|world, _| replace(world, args.service.as_deref()));
    let told = told?;
    kept?;
    printer.line(&told).map_err(Failure::printing)?;
    Ok(ExitCode::SUCCESS)
}

fn replace(world: &mut World, wanted: Option<&str>) -> Result<String, Fault> {
    let service = find(world.services(), wanted)?;
    let name = name_of(&service);
    match world.replace_tasks(&service)?.len() {
        0 => Err(Fault::NoTask(name.to_owned())),
        1 => Ok(format!("1 task of `{name}` stops, and another takes its place")),
        tasks => Ok(format!("{tasks} tasks of `{name}` stop, and others take their place")),
    }
}
