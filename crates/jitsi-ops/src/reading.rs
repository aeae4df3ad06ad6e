//! What a look at AWS told us. A call that failed told us nothing: that is [`Reading::Unknown`], never "absent".

use crate::failure::AwsFailure;

/// The result of looking at one thing.
#[derive(Clone, Debug, Default)]
pub enum Reading<T> {
    /// Nobody has looked yet, or the last look no longer counts.
    #[default]
    NotRead,
    /// It is there, and this is how it looks.
    Here(T),
    /// AWS answered, and it is not there.
    Absent,
    /// The look failed. Nothing may be concluded from it.
    Unknown(AwsFailure),
}

impl<T> Reading<T> {
    /// What is there, if AWS said so.
    pub fn here(&self) -> Option<&T> {
        match self {
            Self::Here(value) => Some(value),
            _ => None,
        }
    }

    /// Like [`Reading::here`], to change it.
    pub fn here_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Here(value) => Some(value),
            _ => None,
        }
    }

    /// Whether AWS answered that it is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether AWS answered at all.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Here(_) | Self::Absent)
    }

    /// Why it is unknown, if a look failed.
    pub fn failure(&self) -> Option<&AwsFailure> {
        match self {
            Self::Unknown(failure) => Some(failure),
            _ => None,
        }
    }
}

impl<T> From<Result<T, AwsFailure>> for Reading<T> {
    fn from(result: Result<T, AwsFailure>) -> Self {
        match result {
            Ok(value) => Self::Here(value),
            Err(failure) => Self::Unknown(failure),
        }
    }
}
