//! Flags that every command has.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use jiff::SignedDuration;
use jitsi_config::Flags;

/// Which platform.
#[derive(Args, Clone, Debug, Default)]
pub struct PlatformArgs {
    /// Profile of the configuration, `[profiles.NAME]` (or JITSI_PROFILE); one profile alone needs no naming
    #[arg(long, value_name = "NAME", help_heading = "Platform", global = true)]
    pub profile: Option<String>,
    /// Configuration file to use
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Platform",
        global = true,
        conflicts_with = "ops_dir"
    )]
    pub config: Option<PathBuf>,
    /// Folder of the private ops repository (or JITSI_OPS_DIR)
    #[arg(long, value_name = "DIR", help_heading = "Platform", global = true)]
    pub ops_dir: Option<PathBuf>,
    /// AWS profile; beats `aws_profile` of the configuration, and AWS_ACCESS_KEY_ID
    #[arg(long, value_name = "NAME", help_heading = "Platform", global = true)]
    pub aws_profile: Option<String>,
    /// AWS region; beats `aws_region` of the configuration
    #[arg(long, value_name = "REGION", help_heading = "Platform", global = true)]
    pub region: Option<String>,
}

impl PlatformArgs {
    /// As the configuration library takes them.
    pub fn flags(&self) -> Flags {
        Flags {
            profile: self.profile.clone(),
            config: self.config.clone(),
            ops_dir: self.ops_dir.clone(),
            aws_profile: self.aws_profile.clone(),
            region: self.region.clone(),
        }
    }

    /// Whether one of them names a configuration.
    pub fn name_a_configuration(&self) -> bool {
        self.profile.is_some() || self.config.is_some() || self.ops_dir.is_some()
    }
}

/// Which platform, which AWS, and how to print: the flags of every command that works on a platform.
#[derive(Args, Clone, Debug, Default)]
pub struct CommonArgs<F: Form = OutputForm> {
    /// Which platform.
    #[command(flatten)]
    pub platform: PlatformArgs,
    /// Send every call here instead of to AWS, for example to `aws-sandbox serve`
    #[arg(long, value_name = "URL", help_heading = "AWS", value_parser = endpoint_url)]
    pub endpoint_url: Option<String>,
    /// Work on a simulated AWS on this machine: no account, no network, no cost. Alone it has a platform of its own; with
    /// --profile, --config or --ops-dir it is a rehearsal of that configuration
    #[arg(long, help_heading = "AWS", conflicts_with_all = ["endpoint_url", "aws_profile"])]
    pub sandbox: bool,
    /// How to print.
    #[command(flatten)]
    pub output: OutputArgs<F>,
}

impl<F: Form> CommonArgs<F> {
    /// The same, with the form of messages and errors in place of that of the result.
    pub fn plain(&self) -> CommonArgs {
        CommonArgs {
            platform: self.platform.clone(),
            endpoint_url: self.endpoint_url.clone(),
            sandbox: self.sandbox,
            output: OutputArgs {
                output: self.output.output.plain(),
                color: self.output.color,
                quiet: self.output.quiet,
                verbose: self.output.verbose,
            },
        }
    }
}

/// How to print.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct OutputArgs<F: Form = OutputForm> {
    /// Form of the result on standard output
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORM",
        help_heading = "Output",
        global = true
    )]
    pub output: F,
    /// When to use colour; NO_COLOR is obeyed
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        help_heading = "Output",
        global = true
    )]
    pub color: ColorWhen,
    /// Print only the result and errors; twice: only errors (a JSON result is printed all the same)
    #[arg(short, long, action = ArgAction::Count, help_heading = "Output", global = true, conflicts_with = "verbose")]
    pub quiet: u8,
    /// Print each call that changes something, and what was found where
    #[arg(short, long, action = ArgAction::Count, help_heading = "Output", global = true)]
    pub verbose: u8,
}

/// Forms that a command's result can have.
pub trait Form: ValueEnum + Copy + Default + std::fmt::Debug + Send + Sync + 'static {
    /// The form of an error that stands in the result's place.
    fn plain(self) -> OutputForm;
}

impl Form for OutputForm {
    fn plain(self) -> OutputForm {
        self
    }
}

/// Form of the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputForm {
    /// For people.
    #[default]
    Text,
    /// For programs: one document, with a `schema` field.
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A time as people write it: `20m`, `90s`, `1h30m`; at least a second.
///
/// # Errors
/// Says what is allowed.
pub fn time(text: &str) -> Result<Duration, String> {
    match span(text) {
        Ok(time) if time < Duration::from_secs(1) => Err("must be at least 1s".to_owned()),
        time => time,
    }
}

/// Like [`time`], or `0s`.
///
/// # Errors
/// Says what is allowed.
pub fn time_or_none(text: &str) -> Result<Duration, String> {
    span(text)
}

fn span(text: &str) -> Result<Duration, String> {
    let span: SignedDuration = text
        .parse()
        .map_err(|_| "expected a time like 20m, 90s or 1h30m".to_owned())?;
    Duration::try_from(span).map_err(|_| "must not be negative".to_owned())
}

/// A URL that the SDK can use: the scheme and a host.
fn endpoint_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Ok(text.trim_end_matches('/').to_owned()),
        _ => Err("not a URL: expected http://HOST:PORT or https://HOST".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(time("20m"), Ok(Duration::from_secs(1200)));
        assert_eq!(time("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(time_or_none("0s"), Ok(Duration::ZERO));
        assert!(time("0s").is_err());
        assert!(time("-5m").is_err());
        assert!(time_or_none("-5m").is_err());
        assert!(time("soon").is_err());
    }
}
