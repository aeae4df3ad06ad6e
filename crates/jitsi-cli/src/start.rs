//! Where every command begins: flags, printer, runtime, context, and an exit code at the end.

use std::process::ExitCode;
use std::sync::Arc;

use jitsi_ops::problem::{Problem, ProblemKind};
use serde::Serialize;

use crate::args::{CommonArgs, OutputForm};
use crate::context::Context;
use crate::exit::Exit;
use crate::fault::{self, ErrorReport};
use crate::printer::Printer;
use crate::result;

/// The JSON document of a run that failed before it knew its platform.
#[derive(Serialize)]
struct Stillborn<'a> {
    schema: &'a str,
    outcome: &'static str,
    error: ErrorReport,
}

/// Runs `command` on the platform that `args` mean, in a runtime of its own. `schema` names its JSON document.
pub fn start(args: &CommonArgs, schema: &str, command: impl AsyncFnOnce(Context) -> Exit) -> ExitCode {
    start_without_platform(args, schema, async |printer| {
        Ok(command(Context::new(args, printer)?).await)
    })
}

/// Runs `command`, which has nothing to report on before it has succeeded, on the platform that `args` mean.
pub fn start_or_fail(
    args: &CommonArgs,
    schema: &str,
    command: impl AsyncFnOnce(Context) -> Result<Exit, Problem>,
) -> ExitCode {
    start_without_platform(args, schema, async |printer| {
        command(Context::new(args, printer)?).await
    })
}

/// Runs `command`, which finds its platforms itself.
pub fn start_without_platform(
    args: &CommonArgs,
    schema: &str,
    command: impl AsyncFnOnce(Arc<Printer>) -> Result<Exit, Problem>,
) -> ExitCode {
    let printer = Arc::new(Printer::new(args.output));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(command(Arc::clone(&printer)));
            // A name that is still being resolved must not hold up the end.
            runtime.shutdown_background();
            result
        }
        Err(error) => {
            Err(Problem::new(ProblemKind::Failed, "the runtime could not be started").because(error.to_string()))
        }
    };
    let exit = result.unwrap_or_else(|problem| failed_early(&problem, schema, &printer));
    with_result(exit, &printer).into()
}

/// The exit code of a command whose result could not be written is not "done", whatever else it was.
pub fn with_result(exit: Exit, printer: &Printer) -> Exit {
    match exit {
        Exit::Done if printer.has_lost_a_result() => Exit::Failed,
        exit => exit,
    }
}

/// Tells a problem that came before there was anything to report on.
pub fn failed_early(problem: &Problem, schema: &str, printer: &Printer) -> Exit {
    if printer.form == OutputForm::Json {
        printer.result(&result::json(&Stillborn {
            schema,
            outcome: "failed",
            error: problem.into(),
        }));
    }
    fault::print(problem, printer);
    Exit::from(problem)
}
