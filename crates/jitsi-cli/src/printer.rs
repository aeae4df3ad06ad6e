//! The only place that writes: the result to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Effects, Style};
use console::{Term, truncate_str};

use crate::args::{ColorWhen, OutputArgs, OutputForm};

/// Bold green.
pub const GOOD: Style = AnsiColor::Green.on_default().effects(Effects::BOLD);
/// Bold yellow.
pub const WARN: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
/// Bold red.
pub const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
/// Bold cyan.
pub const HINT: Style = AnsiColor::Cyan.on_default().effects(Effects::BOLD);
/// Dimmed.
pub const FAINT: Style = Style::new().dimmed();

/// How much is said besides the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Errors only, and no result in text form.
    Errors,
    /// The result and errors.
    Result,
    /// Progress and warnings too.
    Progress,
    /// Everything.
    Detail,
}

/// Writes what a command has to say.
#[derive(Debug)]
pub struct Printer {
    /// How much is said.
    pub talk: Talk,
    /// The form of the result.
    pub form: OutputForm,
    color: ColorChoice,
    /// One line at a time, also from several tasks.
    turn: Mutex<()>,
    lost: AtomicBool,
}

impl Printer {
    /// A printer as `args` ask for it.
    pub fn new(args: OutputArgs) -> Self {
        let talk = match (args.quiet, args.verbose) {
            (0, 0) => Talk::Progress,
            (0, _) => Talk::Detail,
            (1, _) => Talk::Result,
            _ => Talk::Errors,
        };
        let color = match args.color {
            ColorWhen::Auto => ColorChoice::Auto,
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
        };
        Self {
            talk,
            form: args.output,
            color,
            turn: Mutex::new(()),
            lost: AtomicBool::new(false),
        }
    }

    /// Whether a live display makes sense: somebody looks, and wants to see progress.
    pub fn is_live(&self) -> bool {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        self.talk == Talk::Progress && io::stderr().is_terminal() && !dumb
    }

    /// Whether standard error shows colours.
    pub fn colors_stderr(&self) -> bool {
        match self.color {
            ColorChoice::Auto => AutoStream::choice(&io::stderr()) != ColorChoice::Never,
            choice => choice != ColorChoice::Never,
        }
    }

    /// Writes the result. In text form `-qq` leaves it out.
    pub fn result(&self, text: &str) {
        if self.form == OutputForm::Text && self.talk == Talk::Errors {
            return;
        }
        self.document(text);
    }

    /// Writes a result for programs, however quiet the command is.
    pub fn document(&self, text: &str) {
        match self.write(AutoStream::new(io::stdout().lock(), self.color), text) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.lost.store(true, Ordering::Relaxed);
                self.error("the result could not be written", &[error.to_string()], &[]);
            }
            // A reader that has gone (`| head`) has seen enough.
            _ => {}
        }
    }

    /// Whether standard output is a terminal.
    pub fn stdout_is_a_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Shows `text` in the place of what was shown before, cut to the terminal.
    ///
    /// # Errors
    /// The terminal has gone.
    pub fn redraw(&self, text: &str) -> io::Result<()> {
        let terminal = Term::stdout();
        let (height, width) = terminal.size();
        let lines: Vec<&str> = text.lines().collect();
        let room = usize::from(height).saturating_sub(1).max(1);
        let mut shown = String::from("\x1b[H");
        for line in lines.iter().take(room) {
            let cut = truncate_str(line, usize::from(width), "…");
            shown.push_str(&format!("{cut}\x1b[0m\x1b[K\n"));
        }
        // What is left of a longer view goes.
        shown.push_str("\x1b[J");
        let mut to = AutoStream::new(io::stdout().lock(), self.color);
        let _turn = self.turn.lock();
        to.write_all(shown.as_bytes())?;
        to.flush()
    }

    /// Whether a result could not be written, so that nobody has it.
    pub fn has_lost_a_result(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Writes a line of progress.
    pub fn progress(&self, line: &str) {
        self.note(Talk::Progress, line);
    }

    /// Writes a line that only `--verbose` shows.
    pub fn detail(&self, line: &str) {
        self.note(Talk::Detail, line);
    }

    /// Writes a warning.
    pub fn warning(&self, message: &str, hint: Option<&str>) {
        self.note(Talk::Progress, &format!("{WARN}warning:{WARN:#} {message}"));
        if let Some(hint) = hint {
            self.note(Talk::Progress, &format!("   {HINT}hint:{HINT:#} {hint}"));
        }
    }

    /// Writes an error: what failed, why, and what to do.
    pub fn error(&self, what: &str, why: &[String], hints: &[String]) {
        let mut text = format!("{BAD}error:{BAD:#} {what}");
        for why in why {
            text.push_str(&format!("\n       {}", indented(why)));
        }
        for hint in hints {
            text.push_str(&format!("\n {HINT}hint:{HINT:#} {}", indented(hint)));
        }
        self.note(Talk::Errors, &text);
    }

    fn note(&self, level: Talk, text: &str) {
        if self.talk >= level {
            // Nobody to tell is no reason to stop a run in the middle.
            let _ = self.write(AutoStream::new(io::stderr().lock(), self.color), text);
        }
    }

    fn write(&self, mut to: impl Write, text: &str) -> io::Result<()> {
        let _turn = self.turn.lock();
        let newline = if text.ends_with('\n') { "" } else { "\n" };
        write!(to, "{text}{newline}")?;
        to.flush()
    }
}

fn indented(text: &str) -> String {
    text.replace('\n', "\n       ")
}
