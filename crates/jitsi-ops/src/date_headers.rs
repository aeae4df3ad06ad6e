//! AWS's time, as the `Date` of its answers tells it: what a hold or a lease is compared with, whatever the laptop's clock
//! says.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::{SignedDuration, Timestamp};

/// By how much AWS's clock is ahead of this machine's, from the newest answer. Exact to about a second.
#[derive(Clone, Debug, Default)]
pub(crate) struct DateHeaders(Arc<Mutex<Option<SignedDuration>>>);

impl DateHeaders {
    /// By how much AWS is ahead; `None` before the first answer with a date.
    pub(crate) fn ahead(&self) -> Option<SignedDuration> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for DateHeaders {
    fn name(&self) -> &'static str {
        "DateHeaders"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").and_then(parse);
        let wall = components
            .time_source()
            .and_then(|source| Timestamp::try_from(source.now()).ok());
        if let (Some(date), Some(wall)) = (date, wall) {
            let ahead = date.duration_since(wall);
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
        Ok(())
    }
}

/// `Thu, 15 Jan 2026 18:00:00 GMT`
fn parse(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(date).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let expected: Timestamp = "2026-01-15T18:00:00Z".parse().unwrap();
        assert_eq!(parse("Thu, 15 Jan 2026 18:00:00 GMT"), Some(expected));
        assert_eq!(parse("soon"), None);
    }
}
