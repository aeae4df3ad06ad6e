//! Exit codes: one table for all commands, part of their contract.

use std::process::ExitCode;

use jitsi_ops::problem::{Problem, ProblemKind};

/// How a command ended, for whoever called it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: failed.
    Failed,
    /// 2: wrong usage or configuration.
    Usage,
    /// 3: checks failed, or not in the wanted state.
    NotReady,
    /// 4: the deadline passed.
    Deadline,
    /// 5: refused: wrong account, not ours, a meeting that may be live.
    Refused,
    /// 6: another run holds the lock.
    Locked,
    /// 130: interrupted.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotReady => 3,
            Self::Deadline => 4,
            Self::Refused => 5,
            Self::Locked => 6,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<&Problem> for Exit {
    fn from(problem: &Problem) -> Self {
        match problem.kind {
            ProblemKind::Failed => Self::Failed,
            ProblemKind::Usage => Self::Usage,
            ProblemKind::NotReady => Self::NotReady,
            ProblemKind::Deadline => Self::Deadline,
            ProblemKind::Refused => Self::Refused,
            ProblemKind::Locked => Self::Locked,
            ProblemKind::Interrupted => Self::Interrupted,
        }
    }
}

/// For `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  failed
    2  wrong usage or configuration
    3  checks failed, or not in the wanted state
    4  deadline passed
    5  refused: wrong account, not ours, or a meeting may be live
    6  another run holds the lock of the platform
  130  interrupted";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_problem_has_its_own_code_in_the_table() {
        let kinds = [
            (ProblemKind::Failed, 1),
            (ProblemKind::Usage, 2),
            (ProblemKind::NotReady, 3),
            (ProblemKind::Deadline, 4),
            (ProblemKind::Refused, 5),
            (ProblemKind::Locked, 6),
            (ProblemKind::Interrupted, 130),
        ];
        for (kind, code) in kinds {
            assert_eq!(Exit::from(&Problem::new(kind, "it did not end well")).code(), code);
            assert!(
                EXIT_CODES
                    .lines()
                    .any(|line| line.trim().starts_with(&format!("{code} "))),
                "{code}"
            );
        }
    }
}
