//! Where the command's output goes: results to stdout, notes and errors to stderr.

use std::io::{self, Write};

/// Writes lines; colours are stripped where the other side is no terminal.
#[derive(Debug)]
pub(super) struct Printer;

impl Printer {
    /// A line of the result.
    ///
    /// # Errors
    /// When stdout cannot be written, such as a pipe that was closed.
    pub(super) fn line(&self, text: &str) -> io::Result<()> {
        let mut out = anstream::stdout();
        writeln!(out, "{text}")?;
        out.flush()
    }

    /// A line beside the result. There is nobody to tell when it cannot be written.
    pub(super) fn note(&self, text: &str) {
        let _ = writeln!(anstream::stderr(), "{text}");
    }

    /// What went wrong.
    pub(super) fn error(&self, text: &str) {
        self.note(&format!("error: {text}"));
    }
}
