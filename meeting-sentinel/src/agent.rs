//! Task scale-in protection, asked of the ECS agent: `PUT $ECS_AGENT_URI/task-protection/v1/state`.
//!
//! An answer counts only when it has status 200 and a `protection` that is as asked. The agent hands on what ECS says:
//! `failure` comes with status 200, `error` with the status that ECS gave, 504 when ECS did not answer the agent within
//! 4 s (amazon-ecs-agent, `tmds/handlers/taskprotection/v1`; the agent of Fargate is documented to answer alike). The
//! agent gives `Arn` as well, and for an `error` a `requestID`; they are of no use here.

use std::fmt;
use std::time::Instant;

use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::http::{self, Request};
use crate::watch::Ask;

/// Answers of the agent are some 300 bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// What is put to `ECS_AGENT_URI` for the endpoint of task protection.
pub const PATH: &str = "/task-protection/v1/state";

/// Why the agent did not do as asked, or may not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No whole answer came. The agent may have done it, or do it yet.
    #[error("the ECS agent did not answer: {0}")]
    NoAnswer(http::Error),
    /// ECS or the agent said no.
    #[error("the ECS agent says {0}")]
    Refused(Refusal),
    /// A status other than 200, and no reason.
    #[error("the ECS agent answered with status {0}")]
    Status(u16),
    /// Status 200, but protection is not as asked.
    #[error("the ECS agent says that protection is {}", if *.0 { "on still" } else { "off still" })]
    NotAsAsked(bool),
    /// Status 200 and none of what the agent answers.
    #[error("the ECS agent's answer was not understood")]
    NotUnderstood,
}

/// A `failure` of ECS, like DEPLOYMENT_BLOCKED, or an `error`, like AccessDeniedException.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// `Reason` or `Code`.
    pub code: String,
    /// `Detail` or `Message`, may be empty.
    pub text: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)?;
        if self.text.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.text)
    }
}

impl Failure {
    /// The same for failures of the same kind.
    pub fn kind(&self) -> String {
        match self {
            Self::NoAnswer(error) => format!("no answer: {}", error.kind()),
            Self::Refused(refusal) => format!("refused: {}", refusal.code),
            Self::Status(status) => format!("status {status}"),
            Self::NotAsAsked(_) => "not as asked".to_owned(),
            Self::NotUnderstood => "not understood".to_owned(),
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        let Self::Refused(refusal) = self else { return None };
        match refusal.code.as_str() {
            "AccessDeniedException" => {
                Some("the task role needs ecs:UpdateTaskProtection and ecs:GetTaskProtection on this task")
            }
            "TASK_NOT_VALID" => Some("only tasks of a service can be protected, not one that was started alone"),
            "DEPLOYMENT_BLOCKED" => Some("the service is at a lower desired count already; scale it up again"),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    protection: Option<Protection>,
    failure: Option<FailureBody>,
    error: Option<ErrorBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Protection {
    protection_enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FailureBody {
    reason: String,
    detail: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ErrorBody {
    code: String,
    message: Option<String>,
}

/// Asks the agent, and believes only an answer that says that it was done.
///
/// # Errors
/// In every other case; then nothing is known of the protection.
pub fn put(endpoint: &Endpoint, ask: Ask, expires_minutes: u32, deadline: Instant) -> Result<(), Failure> {
    let json = match ask {
        Ask::Protect => format!(r#"{{"ProtectionEnabled":true,"ExpiresInMinutes":{expires_minutes}}}"#),
        Ask::Drop => r#"{"ProtectionEnabled":false}"#.to_owned(),
    };
    let request = Request {
        method: "PUT",
        endpoint,
        json: Some(&json),
        limit: MAX_ANSWER,
    };
    let answer = request.send(deadline).map_err(Failure::NoAnswer)?;
    judge(answer.status, answer.body, ask)
}

fn judge(status: u16, body: Result<Vec<u8>, http::Error>, ask: Ask) -> Result<(), Failure> {
    let body = match body {
        Ok(body) => body,
        Err(error) if status == 200 => return Err(Failure::NoAnswer(error)),
        Err(_) => return Err(Failure::Status(status)),
    };
    let answer: Option<Answer> = serde_json::from_slice(&body).ok();
    let refused = |code, text: Option<String>| {
        let text = text.unwrap_or_default();
        Err(Failure::Refused(Refusal { code, text }))
    };
    match answer {
        Some(Answer { failure: Some(f), .. }) => refused(f.reason, f.detail),
        Some(Answer { error: Some(e), .. }) => refused(e.code, e.message),
        _ if status != 200 => Err(Failure::Status(status)),
        Some(Answer {
            protection: Some(p), ..
        }) if p.protection_enabled == (ask == Ask::Protect) => Ok(()),
        Some(Answer {
            protection: Some(p), ..
        }) => Err(Failure::NotAsAsked(p.protection_enabled)),
        _ => Err(Failure::NotUnderstood),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: &str = r#"{"protection":{"ProtectionEnabled":true,"ExpirationDate":"2026-11-22T20:00:00Z",
        "TaskArn":"arn:aws:ecs:us-west-2:123456789012:task/c/0123"}}"#;
    const OFF: &str = r#"{"protection":{"ProtectionEnabled":false,"ExpirationDate":null,
        "TaskArn":"arn:aws:ecs:us-west-2:123456789012:task/c/0123"}}"#;

    fn judged(status: u16, body: &str, ask: Ask) -> Result<(), Failure> {
        judge(status, Ok(body.as_bytes().to_vec()), ask)
    }

    #[test]
    fn only_protection_as_asked_is_success() {
        assert_eq!(judged(200, ON, Ask::Protect), Ok(()));
        assert_eq!(judged(200, OFF, Ask::Drop), Ok(()));
        assert_eq!(judged(200, OFF, Ask::Protect), Err(Failure::NotAsAsked(false)));
        assert_eq!(judged(200, ON, Ask::Drop), Err(Failure::NotAsAsked(true)));
        assert_eq!(judged(202, ON, Ask::Protect), Err(Failure::Status(202)));
        assert_eq!(judged(307, ON, Ask::Protect), Err(Failure::Status(307)));
    }

    #[test]
    fn a_good_status_with_a_failure_is_a_failure() {
        let body = r#"{"failure":{"Arn":"arn:aws:ecs:us-west-2:123456789012:task/c/0123","Detail":null,
            "Reason":"DEPLOYMENT_BLOCKED"}}"#;
        let failure = judged(200, body, Ask::Protect).unwrap_err();
        assert_eq!(failure.to_string(), "the ECS agent says DEPLOYMENT_BLOCKED");
        assert!(failure.hint().is_some());
        let both = r#"{"protection":{"ProtectionEnabled":true},"failure":{"Reason":"TASK_NOT_VALID","Detail":"no"}}"#;
        let failure = judged(200, both, Ask::Protect).unwrap_err();
        assert_eq!(failure.to_string(), "the ECS agent says TASK_NOT_VALID: no");
    }

    #[test]
    fn an_error_is_told_with_its_code_and_a_denied_one_with_the_permission() {
        let body = r#"{"requestID":"1","error":{"Arn":"a","Code":"AccessDeniedException","Message":"not authorized"}}"#;
        let failure = judged(400, body, Ask::Protect).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "the ECS agent says AccessDeniedException: not authorized"
        );
        assert!(failure.hint().unwrap().contains("ecs:UpdateTaskProtection"));
        assert!(matches!(judged(200, body, Ask::Protect), Err(Failure::Refused(_))));
    }

    #[test]
    fn what_is_not_understood_is_a_failure() {
        for body in [
            "",
            "{}",
            "null",
            "true",
            r#"{"protection":{}}"#,
            r#"{"protection":null}"#,
            r#"{"protection":{"ProtectionEnabled":"true"}}"#,
            r#"{"protection":{"protectionEnabled":true}}"#,
        ] {
            assert_eq!(judged(200, body, Ask::Protect), Err(Failure::NotUnderstood), "{body}");
            assert_eq!(judged(500, body, Ask::Protect), Err(Failure::Status(500)), "{body}");
        }
        let cut = judge(200, Err(http::Error::Dropped), Ask::Protect);
        assert_eq!(cut, Err(Failure::NoAnswer(http::Error::Dropped)));
        assert_eq!(
            judge(503, Err(http::Error::TimedOut), Ask::Protect),
            Err(Failure::Status(503))
        );
    }
}
