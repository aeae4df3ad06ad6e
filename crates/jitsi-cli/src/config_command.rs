//! `jitsi-config`: shows, checks and hands on the configuration. It calls no AWS.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use comfy_table::Row;
use jitsi_config::{ConfigError, Origins, Platform, Surroundings, shell_quote};
use jitsi_ops::problem::{Problem, ProblemKind};
use serde::Serialize;

use crate::args::{OutputArgs, OutputForm, PlatformArgs};
use crate::context::tell;
use crate::doubts::doubts;
use crate::exit::{EXIT_CODES, Exit};
use crate::fault;
use crate::printer::{GOOD, Printer};
use crate::{result, start};

/// Name and version of the JSON documents.
const SCHEMA: &str = "jitsi-ops/config/v1";

/// Show, check and hand on the configuration of the video platform
#[derive(Debug, Parser)]
#[command(name = "jitsi-config", version, after_help = EXIT_CODES)]
pub struct ConfigArgs {
    #[command(flatten)]
    platform: PlatformArgs,
    #[command(flatten)]
    output: OutputArgs,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print every value in use
    Show {
        /// Say where each value comes from
        #[arg(long)]
        origin: bool,
    },
    /// Check the whole file, every profile
    Check,
    /// Print shell assignments, for `eval "$(jitsi-config env)"`
    Env {
        /// For Terraform: TF_VAR_* instead of JITSI_*
        #[arg(long)]
        terraform: bool,
    },
    /// Write a commented starter file; an existing file is never touched
    Init {
        /// Where to; the user's configuration folder if not given
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
}

/// The JSON document of `show`.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    profile: Option<&'a str>,
    values: Vec<ValueRow<'a>>,
}

/// The JSON document of `check`.
#[derive(Serialize)]
struct Checked {
    schema: &'static str,
    file: Option<PathBuf>,
    profiles: Vec<String>,
}

/// The JSON document of `env`.
#[derive(Serialize)]
struct Variables {
    schema: &'static str,
    variables: BTreeMap<String, String>,
}

/// The JSON document of `init`.
#[derive(Serialize)]
struct Written<'a> {
    schema: &'static str,
    written: &'a Path,
}

#[derive(Serialize)]
struct ValueRow<'a> {
    key: &'a str,
    value: Option<&'a str>,
    origin: String,
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let args = ConfigArgs::parse();
    let printer = Printer::new(args.output);
    let done = match &args.action {
        Action::Show { origin } => show(&args, *origin, &printer),
        Action::Check => check(&args, &printer),
        Action::Env { terraform } => env(&args, *terraform, &printer),
        Action::Init { file } => init(&args, file.clone(), &printer),
    };
    let exit = match done {
        Ok(()) => Exit::Done,
        Err(problem) => start::failed_early(&problem, SCHEMA, &printer),
    };
    start::with_result(exit, &printer).into()
}

fn platform(args: &ConfigArgs, printer: &Printer) -> Result<Platform, Problem> {
    let loaded = jitsi_config::load(&args.platform.flags(), &Surroundings::of_this_process());
    let configuration = loaded.map_err(|error| told(&error, printer))?;
    tell(&configuration.warnings, printer);
    if let Some(file) = &configuration.file {
        printer.detail(&format!("configuration: {}", file.display()));
    }
    Ok(configuration.platform)
}

fn told(error: &ConfigError, printer: &Printer) -> Problem {
    tell(&error.warnings, printer);
    fault::from_config(error)
}

fn show(args: &ConfigArgs, with_origin: bool, printer: &Printer) -> Result<(), Problem> {
    let platform = platform(args, printer)?;
    printer.result(&match printer.form {
        OutputForm::Text => shown(&platform.origins, with_origin),
        OutputForm::Json => result::json(&Document {
            schema: SCHEMA,
            profile: platform.profile.as_deref(),
            values: platform
                .origins
                .iter()
                .map(|s| ValueRow {
                    key: s.key,
                    value: s.value.as_deref(),
                    origin: s.origin.to_string(),
                })
                .collect(),
        }),
    });
    Ok(())
}

fn shown(origins: &Origins, with_origin: bool) -> String {
    let mut table = result::table();
    for shown in origins {
        let mut cells = vec![
            shown.key.to_owned(),
            shown.value.clone().unwrap_or_else(|| "(not set)".to_owned()),
        ];
        if with_origin {
            cells.push(shown.origin.to_string());
        }
        table.add_row(Row::from(cells));
    }
    table.trim_fmt()
}

fn check(args: &ConfigArgs, printer: &Printer) -> Result<(), Problem> {
    let loaded = jitsi_config::load_all(&args.platform.flags(), &Surroundings::of_this_process());
    let all = loaded.map_err(|error| told(&error, printer))?;
    tell(&all.warnings, printer);
    if args.platform.profile.is_some() {
        // Says which profiles there are, if this is none of them.
        jitsi_config::load(&args.platform.flags(), &Surroundings::of_this_process())
            .map_err(|error| fault::from_config(&error))?;
    }
    for platform in &all.platforms {
        let name = platform.profile.as_deref().unwrap_or("the platform");
        for doubt in doubts(platform) {
            printer.warning(&format!("{name}: {}", doubt.message), doubt.hint.as_deref());
        }
    }
    let place = all
        .file
        .as_ref()
        .map_or_else(|| "the environment".to_owned(), |f| f.display().to_string());
    let names: Vec<String> = all
        .platforms
        .iter()
        .map(|p| p.profile.clone().unwrap_or_else(|| p.domain.to_string()))
        .collect();
    printer.result(&match printer.form {
        OutputForm::Text => format!("{GOOD}ok{GOOD:#}: {place} ({})", names.join(", ")),
        OutputForm::Json => result::json(&Checked {
            schema: SCHEMA,
            file: all.file,
            profiles: names,
        }),
    });
    Ok(())
}

fn env(args: &ConfigArgs, terraform: bool, printer: &Printer) -> Result<(), Problem> {
    let platform = platform(args, printer)?;
    let assignments = if terraform {
        jitsi_config::terraform_assignments(&platform)
    } else {
        jitsi_config::environment_assignments(&platform)
    };
    if printer.form == OutputForm::Json {
        printer.result(&result::json(&Variables {
            schema: SCHEMA,
            variables: assignments.into_iter().collect(),
        }));
        return Ok(());
    }
    let lines: Vec<String> = assignments
        .iter()
        .map(|(name, value)| format!("export {name}={}", shell_quote(value)))
        .collect();
    printer.result(&lines.join("\n"));
    Ok(())
}

fn init(args: &ConfigArgs, file: Option<PathBuf>, printer: &Printer) -> Result<(), Problem> {
    let surroundings = Surroundings::of_this_process();
    let folder = args
        .platform
        .ops_dir
        .clone()
        .or_else(|| surroundings.config_home.map(|home| home.join("jitsi-ops")));
    let path = file
        .or_else(|| args.platform.config.clone())
        .or_else(|| folder.map(|f| f.join("jitsi.toml")))
        .ok_or_else(|| {
            Problem::new(ProblemKind::Usage, "there is no user configuration folder")
                .hint("name the file: `jitsi-config init FILE`")
        })?;
    jitsi_config::write_starter(&path).map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        let problem = Problem::new(ProblemKind::Usage, error.to_string());
        let problem = cause.into_iter().fold(problem, Problem::because);
        problem.hint("name another file: `jitsi-config init FILE`")
    })?;
    printer.result(&match printer.form {
        OutputForm::Text => format!(
            "written: {}\nnext: set your domain there, then run `jitsi-config check --config {}`",
            path.display(),
            shell_quote(&path.display().to_string())
        ),
        OutputForm::Json => result::json(&Written {
            schema: SCHEMA,
            written: &path,
        }),
    });
    Ok(())
}
