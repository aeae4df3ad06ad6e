//! Reading a secret out of SSM: for a token that opens one room for a few minutes. It is kept nowhere, and no message shows it.

use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::problem::Problem;
use crate::wanted::Wanted;

/// The value of a parameter, decrypted.
///
/// # Errors
/// It does not exist, is empty, or may not be read.
pub async fn read(aws: &Aws, wanted: &Wanted, name: &str) -> Result<String, Problem> {
    let call = Call::new("SSM", "GetParameter", name);
    let request = aws.ssm.get_parameter().name(name).with_decryption(true);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return Err(wanted.problem(&AwsFailure::of(call, &error))),
    };
    let value = answer.parameter.and_then(|parameter| parameter.value);
    match value.filter(|value| !value.is_empty()) {
        Some(value) => Ok(value),
        None => Err(wanted.problem(&AwsFailure::malformed(call, "value"))),
    }
}
