//! `aws-sandbox meeting`: people join the tasks of a service, or leave.

use std::process::ExitCode;

use clap::ValueEnum;

use super::printer::Printer;
use super::service::{NotOne, find, name_of};
use super::{Failure, StateArgs};
use crate::world::{Unknown, World};

/// What people do, and where.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whether people join every running task, or leave
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
    Begin,
    End,
}

/// Why nobody meets.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Service(#[from] NotOne),
    #[error("no task of `{0}` is RUNNING, so nobody can meet there")]
    NoTask(String),
    #[error(transparent)]
    Unknown(#[from] Unknown),
}

/// Lets people join or leave.
pub(super) fn meeting(args: &Args, printer: &Printer) -> Result<ExitCode, Failure> {
    let sandbox = args.state.open()?;
    let wanted = args.service.as_deref();
    let (told, kept) = sandbox.with(|world, _| match args.what {
        What::Begin => begin(world, wanted),
        What::End => end(world, wanted),
    });
    let told = told?;
    kept?;
    printer.line(&told).map_err(Failure::printing)?;
    Ok(ExitCode::SUCCESS)
}

fn begin(world: &mut World, wanted: Option<&str>) -> Result<String, Fault> {
    let service = find(world.services(), wanted)?;
    let name = name_of(&service);
    match world.begin_meeting(&service)? {
        0 => Err(Fault::NoTask(name.to_owned())),
        1 => Ok(format!("people meet in 1 task of `{name}`")),
        tasks => Ok(format!("people meet in {tasks} tasks of `{name}`")),
    }
}

fn end(world: &mut World, wanted: Option<&str>) -> Result<String, Fault> {
    let service = find(world.services(), wanted)?;
    let name = name_of(&service);
    Ok(match world.end_meeting(&service)? {
        0 => format!("nobody meets in `{name}`"),
        1 => format!("people have left 1 meeting in `{name}`"),
        meetings => format!("people have left {meetings} meetings in `{name}`"),
    })
}
