//! What may be set, and what is said of everything else.

use super::*;

const AGENT_URI: (&str, &str) = (AGENT, "http://169.254.170.2/api/0123");

fn of(variables: &[(&str, &str)]) -> Result<Settings, Vec<Mistake>> {
    let all = [AGENT_URI].into_iter().chain(variables.iter().copied());
    Environment::of(all.map(|(name, value)| (name.into(), value.into()))).settings()
}

/// The one mistake there is.
fn mistake(variables: &[(&str, &str)]) -> String {
    let mistakes = of(variables).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes[0].to_string()
}

#[test]
fn without_any_setting_the_documented_values_hold() {
    let settings = of(&[]).unwrap();
    assert_eq!(settings.stats.to_string(), "http://127.0.0.1:8888/stats");
    assert_eq!(
        settings.agent.to_string(),
        "http://169.254.170.2/api/0123/task-protection/v1/state"
    );
    assert_eq!(settings.interval, Duration::from_secs(10));
    assert_eq!((settings.quiet_readings, settings.expires_minutes), (2, 5));
    assert_eq!(settings.settle, Duration::from_secs(60));
    assert_eq!(settings.timeout, Duration::from_secs(3));
    assert_eq!(settings.agent_timeout, Duration::from_secs(5));
    assert_eq!(settings.probe_prefix, "jitsi-ops-probe-");
    assert_eq!(settings.health, "127.0.0.1:8889".parse().unwrap());
    assert_eq!(settings.rules().renew(), Duration::from_secs(60));
    assert_eq!(settings.rules().expires, Duration::from_secs(300));
}

#[test]
fn every_setting_is_read() {
    let settings = of(&[
        (STATS_URL, "http://localhost:9000/stats"),
        (INTERVAL, "250ms"),
        (QUIET_READINGS, "3"),
        (SETTLE, "2m"),
        (EXPIRES, "1"),
        (TIMEOUT, "100ms"),
        (AGENT_TIMEOUT, "200ms"),
        (PROBE_PREFIX, "our-probes."),
        (HEALTH, "[::1]:7000"),
    ])
    .unwrap();
    assert_eq!(settings.stats.address, "127.0.0.1:9000".parse().unwrap());
    assert_eq!(settings.interval, Duration::from_millis(250));
    assert_eq!((settings.quiet_readings, settings.expires_minutes), (3, 1));
    assert_eq!(settings.settle, Duration::from_secs(120));
    assert_eq!(settings.timeout, Duration::from_millis(100));
    assert_eq!(settings.agent_timeout, Duration::from_millis(200));
    assert_eq!(settings.probe_prefix, "our-probes.");
    assert_eq!(settings.health, "[::1]:7000".parse().unwrap());
    assert_eq!(settings.rules().renew(), Duration::from_secs(12));
}

#[test]
fn the_default_timeouts_follow_a_short_interval() {
    let settings = of(&[(INTERVAL, "60ms")]).unwrap();
    assert_eq!(settings.timeout, Duration::from_millis(20));
    assert_eq!(settings.agent_timeout, Duration::from_millis(30));
}

#[test]
fn a_bad_value_is_told_with_its_variable_its_value_and_what_is_allowed() {
    assert_eq!(
        mistake(&[(INTERVAL, "90s")]),
        "SENTINEL_INTERVAL is `90s`: it must be a time from 10ms to 60s, like `10s`"
    );
    for (variable, bad) in [
        (
            INTERVAL,
            &[
                "",
                "10",
                "9ms",
                "61s",
                "2m",
                "1.5s",
                "-5s",
                "+5s",
                " 10s",
                "10S",
                "99999999999s",
            ][..],
        ),
        (QUIET_READINGS, &["", "0", "1001", "-1", "+2", "two", "2.0"]),
        (SETTLE, &["", "601s", "11m", "-1s", "60"]),
        (EXPIRES, &["", "0", "2881", "5m", "-5"]),
        (TIMEOUT, &["", "0s", "0ms", "10s", "3"]),
        (AGENT_TIMEOUT, &["", "0s", "10s", "1m"]),
        (
            STATS_URL,
            &[
                "",
                "https://127.0.0.1:8888/stats",
                "http://jicofo/stats",
                "127.0.0.1:8888",
            ],
        ),
        (
            PROBE_PREFIX,
            &["", "a", "probe-1", "Jitsi-Ops-Probe-", "probe room-", "a@bcdefgh"],
        ),
        (
            HEALTH,
            &[
                "",
                "8889",
                "0.0.0.0:8889",
                "10.0.0.1:8889",
                "127.0.0.1",
                "127.0.0.1:0",
                "localhost:8889",
            ],
        ),
    ] {
        for value in bad {
            let said = mistake(&[(variable, value)]);
            assert!(
                said.starts_with(&format!("{variable} is `{value}`: it must be ")),
                "{said}"
            );
        }
    }
}

#[test]
fn an_expiry_that_a_few_slow_readings_could_outlast_is_refused() {
    assert!(mistake(&[(EXPIRES, "1"), (INTERVAL, "13s")]).starts_with("SENTINEL_EXPIRES_MINUTES is `1`"));
    assert!(of(&[(EXPIRES, "1"), (INTERVAL, "12s")]).is_ok());
    assert!(
        of(&[(INTERVAL, "60s")]).is_ok(),
        "the default expiry suits every interval"
    );
}

#[test]
fn a_misspelt_setting_is_not_passed_over() {
    let said = mistake(&[("SENTINEL_INTERVALL", "10s")]);
    assert!(said.starts_with("SENTINEL_INTERVALL is `10s`: there is no such setting, only SENTINEL_STATS_URL,"));
}

#[test]
fn without_the_agent_there_is_nothing_to_do() {
    let said = |value: Option<&str>| {
        let all = value.map(|value| (AGENT.into(), value.into()));
        let mistakes = Environment::of(all).settings().unwrap_err();
        assert_eq!(mistakes.len(), 1);
        mistakes[0].to_string()
    };
    assert!(said(None).starts_with("ECS_AGENT_URI is not set: "));
    assert!(said(Some("")).starts_with("ECS_AGENT_URI is ``: "));
    assert!(said(Some("https://169.254.170.2/api/1")).starts_with("ECS_AGENT_URI is `https"));
    assert!(said(Some("http://agent.local/api/1")).starts_with("ECS_AGENT_URI is `http"));
}

#[test]
fn all_mistakes_are_told_at_once() {
    let all = [(INTERVAL, "1h"), (QUIET_READINGS, "0"), (HEALTH, "here")];
    let mistakes = Environment::of(all.map(|(n, v)| (n.into(), v.into())))
        .settings()
        .unwrap_err();
    let named: Vec<&str> = mistakes.iter().map(|m| m.variable.as_str()).collect();
    assert_eq!(named, [AGENT, INTERVAL, QUIET_READINGS, HEALTH]);
}
