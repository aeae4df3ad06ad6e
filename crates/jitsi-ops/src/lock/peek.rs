//! Looking at a lock without taking it.

use jiff::Timestamp;

use crate::access::Aws;
use crate::clock::between;
use crate::failure::{AwsFailure, Call};
use crate::objects;
use crate::reading::Reading;

use super::{Holder, LIFETIME, Place, machine, object_key};

/// A lock that somebody holds, or has left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Who holds it.
    pub holder: Holder,
    /// When it was renewed last, by S3's clock; `None` for a lock of this machine, which does not outlive its holder.
    pub renewed: Option<Timestamp>,
}

impl Sighting {
    /// Whether its holder is at work at `now`, AWS's time. One that was not renewed for a whole [`LIFETIME`] was left
    /// behind. Where the time is not known it is taken to be held.
    pub fn is_alive(&self, now: Option<Timestamp>) -> bool {
        match (self.renewed, now) {
            (Some(renewed), Some(now)) => between(renewed, now) <= LIFETIME,
            _ => true,
        }
    }
}

/// Looks at the lock of `place`. Absent: nobody holds it.
pub async fn peek(aws: &Aws, place: &Place) -> Reading<Sighting> {
    match place {
        Place::Bucket { bucket, platform } => match objects::get(aws, bucket, &object_key(platform)).await {
            Ok(Some(object)) => Reading::Here(Sighting {
                holder: Holder::of(&object.body),
                renewed: object.modified,
            }),
            Ok(None) => Reading::Absent,
            Err(failure) => Reading::Unknown(failure),
        },
        Place::Machine { folder, platform } => match machine::holder(folder, platform) {
            Ok(Some(holder)) => Reading::Here(Sighting { holder, renewed: None }),
            Ok(None) => Reading::Absent,
            Err(error) => {
                let call = Call::new("this machine", "lock file", folder.display().to_string());
                Reading::Unknown(AwsFailure::unanswered(call, error.to_string()))
            }
        },
    }
}
