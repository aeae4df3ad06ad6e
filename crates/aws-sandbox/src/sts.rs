//! AWS STS: who am I.

use crate::wire::xml::{Element, text};
use crate::wire::{ApiError, Caller};
use crate::world::hex_of;

/// Carries out an operation. GetCallerIdentity needs no permission.
///
/// # Errors
/// `InvalidAction` for what is not known.
pub(crate) fn handle(caller: &Caller, operation: &str) -> Result<Vec<Element>, ApiError> {
    if operation != "GetCallerIdentity" {
        let message = format!("Could not find operation {operation} for version 2011-06-15");
        return Err(ApiError::client("InvalidAction", message));
    }
    let user = format!("AIDA{}", &hex_of(&["user", &caller.access_key])[..17].to_uppercase());
    Ok(vec![
        text("UserId", user),
        text("Account", &caller.place.account),
        text(
            "Arn",
            format!("arn:aws:iam::{}:user/{}", caller.place.account, caller.access_key),
        ),
    ])
}
