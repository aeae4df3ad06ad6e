//! The command line.

use clap::{Parser, Subcommand, ValueEnum};
use jitsi_cli::args::{CommonArgs, Form, OutputForm};
use jitsi_cli::exit::EXIT_CODES;
use jitsi_config::{Advertise, Platform};
use jitsi_cost::{Architecture, INCLUDED_STORAGE_GIB, LoadBalancer, LoadBalancerKind, Task};
use jitsi_ops::survey::Shape;
use rust_decimal::Decimal;

use crate::compare::Meeting;
use crate::idle::Idle;
use crate::month::Month;

/// Report what the platform has cost in a month, what it will cost, and why
///
/// The use of the month comes from the journal that scale-up and scale-down keep; the prices from the configuration, from AWS's
/// price list as last fetched, or from what is built in. Months are of UTC, as AWS bills. Changes nothing.
#[derive(Debug, Parser)]
#[command(name = "cost-analysis", version, after_help = EXIT_CODES, args_conflicts_with_subcommands = false)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) common: CommonArgs<ReportForm>,
    /// The month to report, like 2026-10; without it the last one
    #[arg(long, value_name = "YYYY-MM", conflicts_with = "to_date")]
    pub(crate) month: Option<Month>,
    /// This month until now
    #[arg(long)]
    pub(crate) to_date: bool,
    /// Take so many hours of use instead of what the journal tells
    #[arg(long, value_name = "N", value_parser = quantity, allow_hyphen_values = true)]
    pub(crate) hours: Option<Decimal>,
    /// Where the use of the month comes from
    #[arg(long, value_enum, default_value_t, value_name = "FROM", conflicts_with = "hours")]
    pub(crate) usage: UsageFrom,
    /// Put AWS's bill of the month beside it. Asking Cost Explorer costs $0.01; the answer is kept for a day
    #[arg(long, conflicts_with = "hours")]
    pub(crate) actual: bool,
    /// Agree to pay for that, without being asked
    #[arg(long, requires = "actual")]
    pub(crate) yes: bool,
    /// A month of so many hours each, beside the report
    #[arg(long, value_name = "HOURS", value_delimiter = ',', value_parser = quantity, allow_hyphen_values = true, default_value = "10,50,200")]
    scenario: Vec<Decimal>,
    /// Dollars a month that it may cost; more is exit code 3. Beats `cost.budget`
    #[arg(long, value_name = "USD", value_parser = quantity, allow_hyphen_values = true)]
    pub(crate) budget: Option<Decimal>,
    /// Estimate an event with so many people
    #[arg(long, value_name = "N", help_heading = "Event", requires = "minutes", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    participants: Option<u32>,
    /// How long it lasts
    #[arg(long, value_name = "N", help_heading = "Event", requires = "participants", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    minutes: Option<u32>,
    /// What goes to each of them
    #[arg(long, value_name = "KBIT/S", help_heading = "Event", default_value_t = 2000)]
    down: u32,
    /// What comes from each of them
    #[arg(long, value_name = "KBIT/S", help_heading = "Event", default_value_t = 1000)]
    up: u32,
    /// vCPUs of the task, instead of those of its definition
    #[arg(long, value_name = "N", help_heading = "Size", value_parser = size)]
    vcpu: Option<Decimal>,
    /// GB of memory of the task, likewise
    #[arg(long, value_name = "GB", help_heading = "Size", value_parser = size)]
    memory: Option<Decimal>,
    /// The task runs on ARM
    #[arg(long, help_heading = "Size", requires = "vcpu")]
    arm: bool,
    /// Zones of the load balancer, each with a public address. With these three and --hours, AWS is not asked; with --sandbox no configuration is needed either
    #[arg(long, value_name = "N", help_heading = "Size", value_parser = clap::value_parser!(u32).range(1..=20))]
    zones: Option<u32>,
    /// GB that are kept in S3. Beats `cost.storage_gb`
    #[arg(long, value_name = "GB", help_heading = "All the time", value_parser = quantity)]
    storage_gb: Option<Decimal>,
    /// GB that are kept in CloudWatch Logs. Beats `cost.log_gb`
    #[arg(long, value_name = "GB", help_heading = "All the time", value_parser = quantity)]
    log_gb: Option<Decimal>,
    /// Secrets in Secrets Manager. Beats `cost.secrets`
    #[arg(long, value_name = "N", help_heading = "All the time", value_parser = quantity)]
    secrets: Option<Decimal>,
}

/// What tells how long the platform was up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum UsageFrom {
    /// The journal of scale-up and scale-down: sessions, tasks, load balancers.
    #[default]
    Journal,
    /// CloudWatch: hours in which tasks ran. For a platform without a journal.
    Cloudwatch,
}

/// What else it can do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Show every price with where it comes from, or fetch them from AWS's public price list
    Prices(PricesArgs),
}

/// Prices.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PricesArgs {
    #[command(subcommand)]
    pub(crate) command: Option<PricesCommand>,
}

/// What to do with prices.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// Fetch them from AWS's public price list; that needs no credentials
    Update {
        /// Fetch from here, be it a folder (`file:///...`) with the list's own paths below it
        #[arg(long, value_name = "URL", default_value = jitsi_cost::price_list::BASE)]
        url: String,
    },
}

/// Form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportForm {
    /// For people.
    #[default]
    Text,
    /// For programs: one document, with a `schema` field.
    Json,
    /// For spreadsheets: one table.
    Csv,
    /// For mail, issues, wikis.
    Markdown,
    /// One file with charts, for browsers and printers.
    Html,
}

impl Form for ReportForm {
    fn plain(self) -> OutputForm {
        match self {
            Self::Json => OutputForm::Json,
            _ => OutputForm::Text,
        }
    }
}

/// A decimal number of at least 0.
fn quantity(text: &str) -> Result<Decimal, String> {
    let number: Decimal = text
        .parse()
        .map_err(|_| "expected a number like 20 or 2.5".to_owned())?;
    match number {
        number if number.is_sign_negative() && !number.is_zero() => Err("must be at least 0".to_owned()),
        number if number > Decimal::from(1_000_000_000) => Err("must be at most 1000000000".to_owned()),
        number => Ok(number.abs()),
    }
}

/// The size of a task: AWS's smallest has a quarter of a vCPU and half a GB.
fn size(text: &str) -> Result<Decimal, String> {
    let number = quantity(text)?;
    match number < Decimal::new(25, 2) || number > Decimal::from(1000) {
        true => Err("must be from 0.25 to 1000".to_owned()),
        false => Ok(number),
    }
}

/// In 1024ths; a part of one counts in full.
fn in_1024ths(number: Decimal) -> u32 {
    (number * Decimal::from(1024)).ceil().try_into().unwrap_or(u32::MAX)
}

impl Args {
    pub(crate) fn scenarios(&self) -> Vec<Decimal> {
        self.scenario.clone()
    }

    /// The event that is asked about.
    pub(crate) fn meeting(&self, platform: &Platform) -> Option<Meeting> {
        Some(Meeting {
            participants: self.participants?,
            minutes: self.minutes?,
            down_kbit: self.down,
            up_kbit: self.up,
            through_the_load_balancer: platform.nlb.advertise == Advertise::Nlb,
        })
    }

    /// What is paid all the time, with what the flags say.
    pub(crate) fn idle(&self, configured: Idle) -> Idle {
        Idle {
            storage_gb: self.storage_gb.or(configured.storage_gb),
            log_gb: self.log_gb.or(configured.log_gb),
            secrets: self.secrets.or(configured.secrets),
            ..configured
        }
    }

    /// The platform's shape, where the flags say all of it.
    pub(crate) fn shape(&self, platform: &Platform) -> Option<Shape> {
        (self.vcpu.is_some() && self.memory.is_some() && self.zones.is_some()).then(|| {
            self.over(Shape {
                task: Task {
                    name: "of the flags".to_owned(),
                    cpu_units: None,
                    memory_mib: None,
                    architecture: None,
                    storage_gib: Some(INCLUDED_STORAGE_GIB),
                    public_address: Some(true),
                },
                balancer: LoadBalancer {
                    name: platform.nlb_name.to_string(),
                    kind: LoadBalancerKind::Network,
                    public_addresses: None,
                },
                unread: None,
            })
        })
    }

    /// `shape` with what the flags say.
    pub(crate) fn over(&self, mut shape: Shape) -> Shape {
        if let Some(vcpu) = self.vcpu {
            shape.task.cpu_units = Some(in_1024ths(vcpu));
            shape.task.architecture = Some(if self.arm { Architecture::Arm } else { Architecture::X86 });
        }
        if let Some(memory) = self.memory {
            shape.task.memory_mib = Some(in_1024ths(memory));
        }
        if self.zones.is_some() {
            shape.balancer.public_addresses = self.zones;
        }
        shape
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_a_number_of_at_least_0() {
        assert_eq!(quantity("2.5"), Ok(Decimal::new(25, 1)));
        assert_eq!(quantity("-0"), Ok(Decimal::ZERO));
        for wrong in ["-1", "", "ten", "1e99", "NaN", "99999999999"] {
            assert!(quantity(wrong).is_err(), "{wrong}");
        }
    }
}
