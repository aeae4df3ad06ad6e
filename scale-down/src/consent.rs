//! Asks the operator, at a terminal, whether to go on where the guard cannot tell if somebody is in a meeting.

use std::io::{self, BufRead, IsTerminal, Write};

use jitsi_cli::args::OutputForm;
use jitsi_cli::printer::{Printer, Talk};
use jitsi_cli::setup::Setup;
use jitsi_ops::scale_down::Report;

/// Whether the operator says that it may go on. Without a terminal nobody is asked, and the answer is no.
pub(crate) async fn given(report: &Report, setup: &Setup, printer: &Printer) -> bool {
    let somebody_there = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !somebody_there || printer.form != OutputForm::Text || printer.talk < Talk::Progress {
        return false;
    }
    setup.display.finish();
    for why in report.problem.iter().flat_map(|problem| &problem.why) {
        printer.progress(why);
    }
    printer.progress(&format!(
        "Go on, and end whatever meeting is on at {}? Type \"yes\" to go on:",
        setup.wanted.domain
    ));
    let answer = tokio::task::spawn_blocking(|| {
        let _ = io::stderr().flush();
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    tokio::select! {
        answer = answer => matches!(answer, Ok(Ok(line)) if line.trim() == "yes"),
        () = setup.interrupts.first.cancelled() => false,
    }
}
