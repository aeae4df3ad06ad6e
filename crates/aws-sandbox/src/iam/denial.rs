//! What AWS answers to those who may not.

use crate::wire::{ApiError, Protocol, Route};

/// The refusal of a call, in its service's own form. Without a resource, as where a test wants a call to be denied,
/// AWS's sentence is a little shorter. `explicit`: a statement denies it, and not only none allows it.
pub(crate) fn denied(route: &Route, account: &str, action: &str, resource: Option<&str>, explicit: bool) -> ApiError {
    let user = route.access_key.as_deref().unwrap_or_default();
    let on = resource
        .map(|resource| format!(" on resource: {resource}"))
        .unwrap_or_default();
    let why = if explicit {
        "with an explicit deny in an identity-based policy".to_owned()
    } else {
        format!("because no identity-based policy allows the {action} action")
    };
    let message = format!("User: arn:aws:iam::{account}:user/{user} is not authorized to perform: {action}{on} {why}");
    match route.protocol() {
        Protocol::Json => ApiError::client("AccessDeniedException", message),
        _ => ApiError::new(403, "AccessDenied", message),
    }
}
