//! One part of a visit: it was done, it failed, or it was never tried.

use serde::Serialize;

/// What became of one part of a visit. Not tried is not failed: what it builds on was not there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part<T, E> {
    /// What came of it.
    Done(T),
    /// Why nothing came of it.
    Failed(E),
    /// An earlier part has failed, so nothing is known of this one.
    NotTried,
}

impl<T, E> Part<T, E> {
    /// What came of it, if it was done.
    pub fn done(&self) -> Option<&T> {
        match self {
            Self::Done(value) => Some(value),
            Self::Failed(_) | Self::NotTried => None,
        }
    }

    /// Why it failed, if it did.
    pub fn failed(&self) -> Option<&E> {
        match self {
            Self::Failed(cause) => Some(cause),
            Self::Done(_) | Self::NotTried => None,
        }
    }
}

impl<T, E> From<Result<T, E>> for Part<T, E> {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(value) => Self::Done(value),
            Err(cause) => Self::Failed(cause),
        }
    }
}
