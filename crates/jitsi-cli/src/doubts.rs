//! What is valid in a configuration, but that its owner should know.

use jitsi_config::Platform;

/// A doubt, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What is the matter.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Everything about this platform that should not stay so.
pub fn doubts(platform: &Platform) -> Vec<Doubt> {
    let mut found = Vec::new();
    if platform.account_id.is_none() {
        found.push(Doubt {
            message: "`account_id` is not set".to_owned(),
            hint: Some("set it, so that credentials of another account are refused".to_owned()),
        });
    }
    let domain = platform.domain.to_string();
    if ["example.org", "example.com", "example.net"]
        .iter()
        .any(|reserved| domain.ends_with(reserved))
    {
        found.push(Doubt {
            message: format!("the domain is still an example, {domain}"),
            hint: None,
        });
    }
    found
}
