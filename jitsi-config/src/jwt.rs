//! What tokens of the platform are made of, where strangers may open no room (`AUTH_TYPE=jwt` of docker-jitsi-meet).
//!
//! The secret itself stands in no file: only where it is kept.

use crate::problem::Malformed;
use crate::text_type::text_type;

/// How a token for a room is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwt {
    /// Who issues it: `JWT_APP_ID` of prosody.
    pub app_id: JwtName,
    /// For whom it is: one of prosody's `JWT_ACCEPTED_AUDIENCES`; the application's id unless another is configured.
    pub audience: JwtName,
    /// Where its secret is kept, `JWT_APP_SECRET` of prosody.
    pub secret_parameter: ParameterName,
}

text_type! {
    /// The name of a parameter of SSM: 1 to 1011 letters, digits and any of `/_+=.@-`, which are those of a name in Secrets
    /// Manager, too: SSM reads a secret as the parameter `/aws/reference/secretsmanager/NAME`.
    ParameterName, parameter_name
}
text_type! {
    /// An issuer or an audience: 1 to 255 printable ASCII characters, with no blanks at either end.
    JwtName, jwt_name
}

fn parameter_name(text: &str) -> Result<String, Malformed> {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b);
    let whole = (1..=1011).contains(&text.len()) && text.bytes().all(legal);
    if whole && !text.ends_with('/') && !text.contains("//") {
        return Ok(text.to_owned());
    }
    Err(Malformed::new(
        "the name of an SSM parameter such as `/jitsi/jwt-secret`, or `/aws/reference/secretsmanager/NAME` for a secret of \
         Secrets Manager",
    ))
}

fn jwt_name(text: &str) -> Result<String, Malformed> {
    let printable = text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    if (1..=255).contains(&text.len()) && printable && text.trim() == text {
        return Ok(text.to_owned());
    }
    Err(Malformed::new("1 to 255 printable ASCII characters, such as `my-club`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_named_as_ssm_and_secrets_manager_name_theirs() {
        for good in [
            "jwt",
            "/jitsi/jwt-secret",
            "/aws/reference/secretsmanager/club/jitsi_jwt+a=b@c.d",
        ] {
            assert_eq!(good.parse::<ParameterName>().expect(good).as_str(), good);
        }
        for bad in [
            "",
            "/",
            "a b",
            "/jitsi/",
            "a//b",
            "arn:aws:ssm:us-west-2:1:parameter/x",
            "ä",
            "a\n",
        ] {
            assert!(bad.parse::<ParameterName>().is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn an_issuer_is_printable() {
        for bad in ["", " a", "a ", "a\tb", "Zähler"] {
            assert!(bad.parse::<JwtName>().is_err(), "{bad} was accepted");
        }
        assert_eq!("my club".parse::<JwtName>().expect("good").as_str(), "my club");
    }
}
