//! A failed AWS call, classified by its error code or status and never by its text.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;

/// Which call it was, for messages and logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The service as AWS names it, `ECS` or `ELBv2`.
    pub service: &'static str,
    /// The operation, `DescribeServices`.
    pub operation: &'static str,
    /// What it was about: a name or an ARN.
    pub resource: String,
}

impl Call {
    /// A call of `service`'s `operation` on `resource`.
    pub fn new(service: &'static str, operation: &'static str, resource: impl Into<String>) -> Self {
        Self {
            service,
            operation,
            resource: resource.into(),
        }
    }
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// There are no credentials, or AWS does not accept them (any more).
    Credentials,
    /// The identity may not do this.
    Denied,
    /// Too many calls; the same call will do later.
    Throttled,
    /// No answer, or the service's own fault. The call may or may not have taken effect.
    Transient,
    /// AWS has understood and said no.
    Rejected,
}

/// A call that failed after the SDK's own retries.
#[derive(Clone, Debug)]
pub struct AwsFailure {
    /// Which call.
    pub call: Call,
    /// What follows from it.
    pub kind: FailureKind,
    /// AWS's error code, if AWS answered with one.
    pub code: Option<String>,
    /// AWS's message, or the chain of causes when there was no answer.
    pub message: String,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// A header of the answer that S3 uses to name a bucket's true region.
    pub bucket_region: Option<String>,
    /// AWS's request id, for support cases.
    pub request_id: Option<String>,
}

impl AwsFailure {
    /// Classifies the SDK's error of `call`.
    pub fn of<E>(call: Call, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let response = error.raw_response();
        let header = |name: &str| response.and_then(|r| r.headers().get(name)).map(str::to_owned);
        let status = response.map(|r| r.status().as_u16());
        let code = error.code().filter(|code| !code.is_empty()).map(str::to_owned);
        let message = error.message().filter(|text| !text.is_empty());
        let message = message.map_or_else(|| chain(error), str::to_owned);
        Self {
            kind: kind(error, code.as_deref(), status),
            request_id: header("x-amzn-requestid").or_else(|| header("x-amz-request-id")),
            bucket_region: header("x-amz-bucket-region"),
            call,
            code,
            message,
            status,
        }
    }

    /// An answer that parsed but lacks what AWS documents to be in it.
    pub fn malformed(call: Call, what: &str) -> Self {
        Self {
            call,
            kind: FailureKind::Transient,
            code: None,
            message: format!("the answer has no {what}"),
            status: Some(200),
            bucket_region: None,
            request_id: None,
        }
    }

    /// Nobody has answered, or not with what was asked for; later somebody may.
    pub(crate) fn unanswered(call: Call, message: String) -> Self {
        Self {
            call,
            kind: FailureKind::Transient,
            code: None,
            message,
            status: None,
            bucket_region: None,
            request_id: None,
        }
    }

    /// Something of ours was missing before any call could be made.
    pub fn credentials(call: Call, error: &CredentialsError) -> Self {
        Self {
            call,
            kind: FailureKind::Credentials,
            code: None,
            message: chain(error),
            status: None,
            bucket_region: None,
            request_id: None,
        }
    }

    /// The call could not even be put together.
    pub fn not_sent(call: Call, error: &(dyn Error + 'static)) -> Self {
        Self {
            call,
            kind: FailureKind::Rejected,
            code: None,
            message: chain(error),
            status: None,
            bucket_region: None,
            request_id: None,
        }
    }

    /// Whether the same call may well succeed later.
    pub fn may_pass(&self) -> bool {
        matches!(self.kind, FailureKind::Throttled | FailureKind::Transient)
    }

    /// Whether nobody answered who can be told to be AWS: nobody at all, or somebody without an error code.
    pub fn is_silence(&self) -> bool {
        self.kind == FailureKind::Transient && self.code.is_none()
    }

    /// Whether AWS answered with this error code.
    pub fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// AWS's code and message in one line.
    pub fn reason(&self) -> String {
        match (&self.code, self.status) {
            (Some(code), _) => format!("{code}: {}", self.message),
            (None, Some(status)) => format!("HTTP {status}: {}", self.message),
            (None, None) => self.message.clone(),
        }
    }
}

impl AwsFailure {
    /// AWS's code, or what was wrong where there is none.
    pub fn in_short(&self) -> String {
        self.code.clone().unwrap_or_else(|| self.reason())
    }
}

impl fmt::Display for AwsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call {
            service,
            operation,
            resource,
        } = &self.call;
        write!(f, "{service} {operation} failed")?;
        if !resource.is_empty() {
            write!(f, " on `{resource}`")?;
        }
        Ok(())
    }
}

impl Error for AwsFailure {}

/// Codes with which AWS turns credentials down (aws-runtime's own lists, and S3's and STS's documentation).
const CREDENTIAL_CODES: [&str; 13] = [
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

const DENIED_CODES: [&str; 4] = [
    "AccessDenied",
    "AccessDeniedException",
    "NotAuthorized",
    "UnauthorizedOperation",
];

/// The SDK's own list of throttling codes (`aws-runtime`, retries/classifiers.rs).
const THROTTLING_CODES: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

const SERVICE_FAULT_CODES: [&str; 8] = [
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServerException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
];

/// Not Implemented and HTTP Version Not Supported: the same call will not succeed later.
const NEVER: [u16; 2] = [501, 505];

fn kind<E>(error: &SdkError<E, HttpResponse>, code: Option<&str>, status: Option<u16>) -> FailureKind
where
    E: Error + 'static,
{
    if cause::<CredentialsError>(error).is_some() {
        return FailureKind::Credentials;
    }
    match error {
        SdkError::ResponseError(_) if status.is_some_and(|s| NEVER.contains(&s)) => return FailureKind::Rejected,
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => return FailureKind::Transient,
        SdkError::DispatchFailure(failure) => {
            // A connector fault that is neither I/O nor a timeout is a mistake of ours: a bad URL, say.
            let connector: Option<&ConnectorError> = failure.as_connector_error();
            let wire = connector.is_none_or(|c| c.is_io() || c.is_timeout() || c.is_other());
            return if wire {
                FailureKind::Transient
            } else {
                FailureKind::Rejected
            };
        }
        SdkError::ConstructionFailure(_) => return FailureKind::Rejected,
        _ => {}
    }
    let code = code.unwrap_or_default();
    if CREDENTIAL_CODES.contains(&code) {
        FailureKind::Credentials
    } else if DENIED_CODES.contains(&code) {
        FailureKind::Denied
    } else if THROTTLING_CODES.contains(&code) || status == Some(429) {
        FailureKind::Throttled
    } else if SERVICE_FAULT_CODES.contains(&code) || status.is_some_and(|s| s >= 500 && !NEVER.contains(&s)) {
        FailureKind::Transient
    } else if status == Some(403) {
        FailureKind::Denied
    } else {
        FailureKind::Rejected
    }
}

fn cause<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        current = error.source();
    }
    None
}

/// The texts of an error and its causes; a text that repeats its predecessor's tail is left out.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut current = Some(error);
    while let Some(error) = current {
        let text = error.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        current = error.source();
    }
    texts.join(": ")
}
