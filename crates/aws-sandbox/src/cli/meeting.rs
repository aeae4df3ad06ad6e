//! `aws-sandbox meeting`: people join the tasks of a service, or leave.

use std::process::ExitCode;

use clap::ValueEnum;

use super::printer::Printer;
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
    #[error("there is no service in the sandbox")]
    NoService,
    #[error("there is no service `{0}` in the sandbox; there is {1}")]
    NotFound(String, String),
    #[error("which service? --service with one of: {0}")]
    Several(String),
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

/// The service that is meant, among the ARNs of all.
fn find(mut all: Vec<String>, wanted: Option<&str>) -> Result<String, Fault> {
    let list = |arns: &[String]| {
        let names: Vec<String> = arns.iter().map(|arn| format!("`{arn}`")).collect();
        names.join(", ")
    };
    if all.is_empty() {
        return Err(Fault::NoService);
    }
    let there = list(&all);
    all.retain(|arn| wanted.is_none_or(|wanted| arn == wanted || name_of(arn) == wanted));
    match (all.len(), wanted) {
        (0, wanted) => Err(Fault::NotFound(wanted.unwrap_or_default().to_owned(), there)),
        (1, _) => Ok(all.remove(0)),
        _ => Err(Fault::Several(list(&all))),
    }
}

fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_found_by_name_or_arn_and_several_are_never_guessed() {
        let (one, two) = (
            "arn:aws:ecs:us-west-2:1:service/a/one",
            "arn:aws:ecs:us-west-2:1:service/a/two",
        );
        let all = || vec![one.to_owned(), two.to_owned()];
        assert_eq!(find(all(), Some("two")).unwrap(), two);
        assert_eq!(find(all(), Some(one)).unwrap(), one);
        assert_eq!(find(vec![one.to_owned()], None).unwrap(), one);
        assert!(matches!(find(all(), None), Err(Fault::Several(_))));
        assert!(matches!(find(all(), Some("three")), Err(Fault::NotFound(..))));
        assert_eq!(find(Vec::new(), None), Err(Fault::NoService));
    }
}
