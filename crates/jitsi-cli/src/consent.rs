//! Asks the operator, at a terminal, whether to go on.

use std::io::{self, BufRead, IsTerminal, Write};

use jitsi_ops::scale_up::Interrupts;

use crate::args::OutputForm;
use crate::printer::{Printer, Talk};

/// Whether somebody is there who sees a question, and can answer it.
pub fn somebody_there(printer: &Printer) -> bool {
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    terminal && printer.form == OutputForm::Text && printer.talk >= Talk::Progress
}

/// Whether the operator says that it may go on. An interrupt is a no.
pub async fn given(question: &str, printer: &Printer, interrupts: &Interrupts) -> bool {
    printer.progress(&format!("{question} Type \"yes\" to go on:"));
    let answer = tokio::task::spawn_blocking(|| {
        let _ = io::stderr().flush();
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    tokio::select! {
        answer = answer => matches!(answer, Ok(Ok(line)) if line.trim() == "yes"),
        () = interrupts.first.cancelled() => false,
    }
}
