//! The ten phases: their names are part of the contract.

use clap::ValueEnum;
use serde::Serialize;

/// A part of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Phase {
    /// Configuration, account, permissions, task definition, guard
    Prerequisites,
    /// What the platform is before the test
    InitialStatus,
    /// Load balancer, service, targets
    ScaleUp,
    /// Tasks, targets and name as they should be
    Health,
    /// Name, chain and days left
    Certificate,
    /// The answer, redirects, HTTP/2, HSTS
    Https,
    /// Page, config, signalling, login, conference
    Jitsi,
    /// What the platform is after the test
    FinalStatus,
    /// As it was found
    Restore,
    /// Nothing bills that did not before
    CleanUp,
}

impl Phase {
    /// All of them, in their order.
    pub(crate) const ALL: [Self; 10] = [
        Self::Prerequisites,
        Self::InitialStatus,
        Self::ScaleUp,
        Self::Health,
        Self::Certificate,
        Self::Https,
        Self::Jitsi,
        Self::FinalStatus,
        Self::Restore,
        Self::CleanUp,
    ];

    /// From 1.
    pub(crate) fn number(self) -> usize {
        Self::ALL.iter().position(|phase| *phase == self).unwrap_or_default() + 1
    }

    /// As it is given to `--phase`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Prerequisites => "prerequisites",
            Self::InitialStatus => "initial-status",
            Self::ScaleUp => "scale-up",
            Self::Health => "health",
            Self::Certificate => "certificate",
            Self::Https => "https",
            Self::Jitsi => "jitsi",
            Self::FinalStatus => "final-status",
            Self::Restore => "restore",
            Self::CleanUp => "clean-up",
        }
    }

    /// As it stands in a line of progress.
    pub(crate) fn label(self) -> String {
        format!("{:>2} {}", self.number(), self.as_str())
    }

    /// What it proves when it passes.
    pub(crate) fn proves(self) -> &'static str {
        match self {
            Self::Prerequisites => {
                "as far as reading shows, the platform can be brought up, tested and taken down from here"
            }
            Self::InitialStatus => "it is known what there is",
            Self::ScaleUp => "load balancer, task and targets come up within their time",
            Self::Health => "tasks are healthy, registered, and the name leads to them",
            Self::Certificate => "the certificate is for the name, valid, and trusted",
            Self::Https => "the site answers over HTTPS",
            Self::Jitsi => "a visitor gets as far as the rungs say",
            Self::FinalStatus => "the platform is up after the test, with the tasks that it had",
            Self::Restore => "the platform is again as it was found",
            Self::CleanUp => "nothing bills that did not before",
        }
    }

    /// Whether it changes the platform, or looks at what such a phase has left.
    pub(crate) fn needs_scaling(self) -> bool {
        matches!(self, Self::ScaleUp | Self::Restore | Self::CleanUp)
    }
}
