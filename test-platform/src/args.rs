//! The command line.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use jitsi_cli::args::{self, CommonArgs};
use jitsi_cli::exit::EXIT_CODES;
use jitsi_ops::problem::{Problem, ProblemKind};

use crate::phase::Phase;

/// Test the platform: that it comes up, lets people in, and goes down again, phase by phase
///
/// Run it the day before an event. It brings the platform up, looks at it as AWS and as a visitor see it, and leaves it as it was
/// found: at zero, or up. Whoever joins meanwhile keeps it up. What it does not test is said with the result: the video bridge and
/// the path of media.
#[derive(Debug, Parser)]
#[command(name = "test-platform", version, after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    /// Change nothing: test only what is up
    #[arg(long, conflicts_with = "keep")]
    pub(crate) no_scale: bool,
    /// Leave the platform up when the test is over
    #[arg(long)]
    pub(crate) keep: bool,
    /// Run only these phases; a platform that is brought up is put back all the same
    #[arg(
        long,
        value_enum,
        value_name = "PHASE",
        value_delimiter = ',',
        conflicts_with = "skip"
    )]
    phase: Vec<Phase>,
    /// Run all phases but these
    #[arg(long, value_enum, value_name = "PHASE", value_delimiter = ',')]
    skip: Vec<Phase>,
    /// How long a phase may take
    #[arg(long, value_name = "TIME", default_value = "20m", value_parser = args::time)]
    pub(crate) phase_timeout: Duration,
    /// How long all phases together may take; putting the platform back is not counted
    #[arg(long, value_name = "TIME", default_value = "45m", value_parser = args::time)]
    pub(crate) timeout: Duration,
    /// How long to wait for another run on this platform; one that died is waited out in 90s
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = args::time_or_none)]
    pub(crate) lock_wait: Duration,
    /// Write the result as JUnit XML too; `-` for standard output, in place of the other form
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Trust the authorities in this PEM file too, when the site is visited
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
}

impl Args {
    /// The phases to run.
    ///
    /// # Errors
    /// They make no test.
    pub(crate) fn chosen(&self) -> Result<BTreeSet<Phase>, Problem> {
        let usage = |what: &str| Problem::new(ProblemKind::Usage, what);
        if self.skip.contains(&Phase::Restore) && !self.skip.contains(&Phase::ScaleUp) {
            let problem = usage("a platform that was brought up is put back");
            return Err(problem.hint("to leave it up say --keep; to change nothing say --no-scale"));
        }
        let is_chosen =
            |phase: &Phase| (self.phase.is_empty() || self.phase.contains(phase)) && !self.skip.contains(phase);
        let mut chosen: BTreeSet<Phase> = Phase::ALL.into_iter().filter(is_chosen).collect();
        if self.no_scale {
            chosen.retain(|phase| !phase.needs_scaling());
        }
        if chosen.contains(&Phase::ScaleUp) {
            chosen.insert(Phase::Restore);
        } else {
            chosen.retain(|phase| !phase.needs_scaling());
        }
        if self.keep && !chosen.contains(&Phase::ScaleUp) {
            let problem = usage("there is nothing to leave up: `scale-up` is not among the phases");
            return Err(problem.hint("leave --keep away, or add `scale-up` to --phase"));
        }
        if chosen.is_empty() {
            return Err(usage("no phase is left to run")
                .hint("restore and clean-up belong to `scale-up`: add that, or name other phases"));
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(flags: &[&str]) -> Result<Vec<usize>, String> {
        let flags = std::iter::once("test-platform").chain(flags.iter().copied());
        let args = Args::try_parse_from(flags).map_err(|error| error.to_string())?;
        let phases = args.chosen().map_err(|problem| problem.what)?;
        Ok(phases.into_iter().map(Phase::number).collect())
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn whoever_brings_the_platform_up_puts_it_back() {
        assert_eq!(chosen(&[]).unwrap(), Vec::from_iter(1..=10));
        assert_eq!(chosen(&["--no-scale"]).unwrap(), [1, 2, 4, 5, 6, 7, 8]);
        assert_eq!(chosen(&["--phase", "scale-up,https"]).unwrap(), [3, 6, 9]);
        assert_eq!(chosen(&["--phase", "jitsi"]).unwrap(), [7]);
        assert_eq!(chosen(&["--skip", "scale-up,jitsi"]).unwrap(), [1, 2, 4, 5, 6, 8]);
        assert_eq!(chosen(&["--skip", "clean-up"]).unwrap(), Vec::from_iter(1..=9));
    }

    #[test]
    fn what_makes_no_test_is_refused() {
        assert!(chosen(&["--skip", "restore"]).unwrap_err().contains("put back"));
        assert!(
            chosen(&["--no-scale", "--phase", "scale-up"])
                .unwrap_err()
                .contains("no phase")
        );
        assert!(chosen(&["--phase", "restore"]).unwrap_err().contains("no phase"));
        assert!(
            chosen(&["--keep", "--phase", "jitsi"])
                .unwrap_err()
                .contains("nothing to leave up")
        );
        assert!(chosen(&["--phase", "lunch"]).is_err());
        assert!(chosen(&["--phase", "jitsi", "--skip", "https"]).is_err());
        assert!(chosen(&["--no-scale", "--keep"]).is_err());
    }
}
