//! AWS STS: who am I, and who may I be.

use jiff::{SignedDuration, Timestamp};

use crate::wire::query::Parameters;
use crate::wire::xml::{Element, element, text};
use crate::wire::{ApiError, Caller};
use crate::world::hex_of;

/// How long assumed credentials are valid where the request does not say: AWS's default of an hour.
const SESSION_SECONDS: i64 = 3_600;

/// The most characters of a session policy.
const LONGEST_POLICY: usize = 2_048;

/// Carries out an operation. GetCallerIdentity needs no permission, and every role can be assumed.
///
/// # Errors
/// `InvalidAction` for what is not known, `ValidationError` for a role ARN that is none.
pub(crate) fn handle(caller: &Caller, operation: &str, parameters: &Parameters) -> Result<Vec<Element>, ApiError> {
    match operation {
        "GetCallerIdentity" => Ok(caller_identity(caller)),
        "AssumeRole" => assume_role(parameters),
        _ => {
            let message = format!("Could not find operation {operation} for version 2011-06-15");
            Err(ApiError::client("InvalidAction", message))
        }
    }
}

fn caller_identity(caller: &Caller) -> Vec<Element> {
    let user = format!("AIDA{}", &hex_of(&["user", &caller.access_key])[..17].to_uppercase());
    vec![
        text("UserId", user),
        text("Account", &caller.place.account),
        text(
            "Arn",
            format!("arn:aws:iam::{}:user/{}", caller.place.account, caller.access_key),
        ),
    ]
}

/// The credentials' access key is the role's account, by the sandbox's convention for access keys. They expire by real
/// time, because that is what SDKs compare it with.
fn assume_role(parameters: &Parameters) -> Result<Vec<Element>, ApiError> {
    let arn = parameters.required("RoleArn")?;
    let session = parameters.required("RoleSessionName")?;
    let seconds = parameters
        .number("DurationSeconds", 900..=43_200)?
        .unwrap_or(SESSION_SECONDS);
    let parts: Vec<&str> = arn.split(':').collect();
    let (account, role) = match parts.as_slice() {
        ["arn", _, "iam", "", account, role] if account.len() == 12 && role.starts_with("role/") => {
            (*account, &role[5..])
        }
        _ => return Err(ApiError::client("ValidationError", format!("{arn} is invalid"))),
    };
    let expires = Timestamp::now() + SignedDuration::from_secs(seconds);
    let id = format!("AROA{}", &hex_of(&["role", arn])[..17].to_uppercase());
    let mut answer = vec![
        element(
            "Credentials",
            vec![
                text("AccessKeyId", account),
                text("SecretAccessKey", hex_of(&["secret", arn, session])),
                text("SessionToken", hex_of(&["token", arn, session])),
                text("Expiration", expires.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            ],
        ),
        element(
            "AssumedRoleUser",
            vec![
                text("AssumedRoleId", format!("{id}:{session}")),
                text("Arn", format!("arn:aws:sts::{account}:assumed-role/{role}/{session}")),
            ],
        ),
    ];
    if let Some(policy) = parameters.text("Policy") {
        // How full the session policy is, in percent; AWS packs it in a way that it does not tell.
        let percent = (policy.len() * 100).div_ceil(LONGEST_POLICY);
        answer.push(text("PackedPolicySize", percent.to_string()));
    }
    Ok(answer)
}
