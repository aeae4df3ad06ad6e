//! Who calls: access keys, the accounts they stand for, and the states that a credential can be in.
//!
//! An access key id of twelve digits is that account; any other is [`DEFAULT_ACCOUNT`]. Signatures are not verified.

use serde::{Deserialize, Serialize};

use super::World;

/// The account of every access key id that does not name one.
pub const DEFAULT_ACCOUNT: &str = "123456789012";

/// The region of a request whose signature names none, and of the default platform.
pub const DEFAULT_REGION: &str = "us-west-2";

/// What AWS thinks of an access key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum CredentialState {
    /// It works.
    #[default]
    Valid,
    /// A session that has ended.
    Expired,
    /// AWS has never heard of it.
    Unknown,
}

impl World {
    /// Sets what becomes of calls signed with this access key id.
    pub fn set_credential(&mut self, access_key: &str, state: CredentialState) {
        self.credentials.insert(access_key.to_owned(), state);
    }

    pub(crate) fn credential(&self, access_key: &str) -> CredentialState {
        self.credentials.get(access_key).copied().unwrap_or_default()
    }
}

/// The account of an access key id.
pub(crate) fn account_of(access_key: &str) -> &str {
    let names_an_account = access_key.len() == 12 && access_key.bytes().all(|byte| byte.is_ascii_digit());
    if names_an_account { access_key } else { DEFAULT_ACCOUNT }
}
