//! The configuration: environment variables only, since that is what a container definition has. Every mistake is told,
//! each with its variable, its value and what is allowed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::agent;
use crate::endpoint::{self, Endpoint};
use crate::watch::Rules;

/// Set by ECS in every container of a task.
pub const AGENT: &str = "ECS_AGENT_URI";
const STATS_URL: &str = "SENTINEL_STATS_URL";
const INTERVAL: &str = "SENTINEL_INTERVAL";
const QUIET_READINGS: &str = "SENTINEL_QUIET_READINGS";
const SETTLE: &str = "SENTINEL_SETTLE";
const EXPIRES: &str = "SENTINEL_EXPIRES_MINUTES";
const TIMEOUT: &str = "SENTINEL_TIMEOUT";
const AGENT_TIMEOUT: &str = "SENTINEL_AGENT_TIMEOUT";
const PROBE_PREFIX: &str = "SENTINEL_PROBE_PREFIX";
const HEALTH: &str = "SENTINEL_HEALTH_ADDRESS";
const OURS: &str = "SENTINEL_";
const KNOWN: [&str; 9] = [
    STATS_URL,
    INTERVAL,
    QUIET_READINGS,
    SETTLE,
    EXPIRES,
    TIMEOUT,
    AGENT_TIMEOUT,
    PROBE_PREFIX,
    HEALTH,
];

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// jicofo's `/stats`.
    pub stats: Endpoint,
    /// The agent's endpoint of task protection.
    pub agent: Endpoint,
    /// 10 ms to 60 s.
    pub interval: Duration,
    /// 1 to 1000.
    pub quiet_readings: u32,
    /// 0 to 10 minutes.
    pub settle: Duration,
    /// 1 to 2880, and at least five intervals.
    pub expires_minutes: u32,
    /// For one look at jicofo. Shorter than the interval.
    pub timeout: Duration,
    /// For one request to the agent. Shorter than the interval.
    pub agent_timeout: Duration,
    /// Rooms whose names begin like this do not count.
    pub probe_prefix: String,
    /// Where `--healthy` asks. A loopback address.
    pub health: SocketAddr,
}

/// A value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is {value}: {allowed}")]
pub struct Mistake {
    /// Its name.
    pub variable: String,
    /// Back-quoted, or `not set`.
    pub value: String,
    /// What it may be.
    pub allowed: String,
}

/// The environment, as much of it as matters.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// Of this process.
    pub fn own() -> Self {
        Self::of(std::env::vars_os())
    }

    /// Keeps what is ours, and the agent's address.
    pub fn of(all: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        let ours = all.into_iter().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            (name.starts_with(OURS) || name == AGENT).then_some((name, value))
        });
        Self(ours.collect())
    }

    fn mistake(&self, variable: &str, allowed: impl Display) -> Mistake {
        let value = self.0.get(variable);
        Mistake {
            variable: variable.to_owned(),
            value: value.map_or_else(
                || "not set".to_owned(),
                |value| format!("`{}`", value.to_string_lossy()),
            ),
            allowed: allowed.to_string(),
        }
    }

    /// The value as `read` takes it, or the default; a value that `read` does not take is noted, and the default used.
    fn get<T>(
        &self,
        mistakes: &mut Vec<Mistake>,
        (variable, allowed): (&str, &str),
        default: T,
        read: impl Fn(&str) -> Option<T>,
    ) -> T {
        let Some(value) = self.0.get(variable) else {
            return default;
        };
        value.to_str().and_then(read).unwrap_or_else(|| {
            mistakes.push(self.mistake(variable, format_args!("it must be {allowed}")));
            default
        })
    }

    /// Where `--healthy` asks; the other variables were checked when the sentinel started.
    ///
    /// # Errors
    /// When it is no loopback address with a port.
    pub fn health(&self) -> Result<SocketAddr, Mistake> {
        let mut mistakes = Vec::new();
        let health = self.health_or_default(&mut mistakes);
        mistakes.pop().map_or(Ok(health), Err)
    }

    fn health_or_default(&self, mistakes: &mut Vec<Mistake>) -> SocketAddr {
        let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 8889));
        let allowed = "a loopback address with a port, like `127.0.0.1:8889`";
        self.get(mistakes, (HEALTH, allowed), default, |text| {
            let address: SocketAddr = text.parse().ok()?;
            (address.ip().is_loopback() && address.port() != 0).then_some(address)
        })
    }

    /// All settings.
    ///
    /// # Errors
    /// All mistakes there are, at least one.
    pub fn settings(&self) -> Result<Settings, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let unknown = self
            .0
            .keys()
            .filter(|name| *name != AGENT && !KNOWN.contains(&name.as_str()));
        for name in unknown {
            mistakes.push(self.mistake(
                name,
                format_args!("there is no such setting, only {}", KNOWN.join(", ")),
            ));
        }
        let m = &mut mistakes;
        let agent = self.agent(m);
        let range = "a time from 10ms to 60s, like `10s`";
        let interval = self.get(m, (INTERVAL, range), Duration::from_secs(10), |text| {
            time(text).filter(|time| (Duration::from_millis(10)..=Duration::from_secs(60)).contains(time))
        });
        let settings = Settings {
            stats: self.get(
                m,
                (STATS_URL, endpoint::ALLOWED),
                Endpoint::local(8888, "/stats"),
                Endpoint::parse,
            ),
            interval,
            quiet_readings: self.get(m, (QUIET_READINGS, "a number from 1 to 1000"), 2, |text| {
                number(text).filter(|n| (1..=1000).contains(n))
            }),
            settle: self.get(
                m,
                (SETTLE, "a time from 0s to 10m, like `60s`"),
                Duration::from_secs(60),
                |text| time(text).filter(|time| *time <= Duration::from_secs(600)),
            ),
            expires_minutes: self.get(
                m,
                (
                    EXPIRES,
                    "a number of minutes from 1 to 2880, at least five times the interval",
                ),
                5,
                |text| number(text).filter(|n| (1..=2880).contains(n) && minutes(*n) >= interval * 5),
            ),
            timeout: self.timeout(m, TIMEOUT, interval, Duration::from_secs(3).min(interval / 3)),
            agent_timeout: self.timeout(m, AGENT_TIMEOUT, interval, Duration::from_secs(5).min(interval / 2)),
            probe_prefix: self.get(
                m,
                (
                    PROBE_PREFIX,
                    "8 to 64 of a-z, 0-9, `-`, `_`, `.`: a short one would hide people's rooms",
                ),
                "jitsi-ops-probe-".to_owned(),
                |text| probe_prefix(text).then(|| text.to_owned()),
            ),
            health: self.health_or_default(m),
            agent,
        };
        if mistakes.is_empty() {
            Ok(settings)
        } else {
            Err(mistakes)
        }
    }

    /// There is no default that could work; the one that is returned beside a mistake is never used.
    fn agent(&self, mistakes: &mut Vec<Mistake>) -> Endpoint {
        let given = self.0.get(AGENT);
        let read = given
            .and_then(|value| value.to_str())
            .map(|base| format!("{}{}", base.trim_end_matches('/'), agent::PATH))
            .and_then(|url| Endpoint::parse(&url));
        if read.is_none() {
            let allowed = "ECS sets it to an address that begins with `http://` and an IP address";
            mistakes.push(self.mistake(AGENT, allowed));
        }
        read.unwrap_or_else(|| Endpoint::local(80, agent::PATH))
    }

    fn timeout(&self, mistakes: &mut Vec<Mistake>, variable: &str, interval: Duration, default: Duration) -> Duration {
        let allowed = "a time from 1ms to less than SENTINEL_INTERVAL, like `3s`";
        self.get(mistakes, (variable, allowed), default, |text| {
            time(text).filter(|time| *time >= Duration::from_millis(1) && *time < interval)
        })
    }
}

impl Settings {
    /// The numbers of the pure machine.
    pub fn rules(&self) -> Rules {
        Rules {
            quiet_readings: self.quiet_readings,
            settle: self.settle,
            interval: self.interval,
            expires: minutes(self.expires_minutes),
        }
    }
}

fn minutes(number: u32) -> Duration {
    Duration::from_secs(60 * u64::from(number))
}

fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// `250ms`, `10s`, `2m`; a number alone is not taken, since nobody could tell what it means.
fn time(text: &str) -> Option<Duration> {
    if let Some(ms) = text.strip_suffix("ms") {
        return number(ms).map(|n| Duration::from_millis(n.into()));
    }
    if let Some(s) = text.strip_suffix('s') {
        return number(s).map(|n| Duration::from_secs(n.into()));
    }
    text.strip_suffix('m').and_then(number).map(minutes)
}

/// Room names are lower-case in addresses.
fn probe_prefix(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    (8..=64).contains(&text.len()) && text.bytes().all(allowed)
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
