//! Tokens for a probe's room: JSON Web Tokens (RFC 7519) signed with HS256, as prosody's `token_verification` wants them.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{Timestamp, ToSpan};
use serde::Serialize;
use sha2::Sha256;

use crate::room::ProbeRoom;

/// A token is good for so many minutes.
const LIFETIME_MINUTES: i64 = 4;

/// Clocks may differ by so many minutes.
const LEEWAY_MINUTES: i64 = 1;

/// What tokens are signed with. Nothing shows it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Keeps it.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Who issues tokens, and what for.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// `iss`: the application's id, `JWT_APP_ID` of the platform.
    pub id: String,
    /// `aud`: one of the platform's `JWT_ACCEPTED_AUDIENCES`.
    pub audience: String,
    /// `sub`: the XMPP domain, or `*`. Looked at only where the platform verifies domains.
    pub subject: String,
    /// `JWT_APP_SECRET` of the platform.
    pub secret: Secret,
}

/// A token, which opens a room for a few minutes. Nothing shows it, and it is sent to nobody whose certificate is not good.
#[derive(Clone)]
pub struct Token(String);

/// The text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is three parts of letters, digits, `-` and `_` with dots between them")]
pub struct NoToken;

#[derive(Serialize)]
struct Header {
    alg: &'static str,
    typ: &'static str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    room: &'a str,
    nbf: i64,
    exp: i64,
}

impl Token {
    /// Mints one for this room only, that is good for less than five minutes from `now`.
    ///
    /// # Errors
    /// When the time is out of range.
    pub fn mint(issuer: &Issuer, room: &ProbeRoom, now: Timestamp) -> Result<Self, jiff::Error> {
        let claims = Claims {
            iss: &issuer.id,
            aud: &issuer.audience,
            sub: &issuer.subject,
            room: room.as_str(),
            nbf: now.checked_sub(LEEWAY_MINUTES.minutes())?.as_second(),
            exp: now.checked_add(LIFETIME_MINUTES.minutes())?.as_second(),
        };
        Ok(signed(&claims, &issuer.secret))
    }

    /// One that somebody else has minted.
    ///
    /// # Errors
    /// When it cannot be one by its looks; whether it is good is for the platform to say.
    pub fn new(text: &str) -> Result<Self, NoToken> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let parts: Vec<&str> = text.split('.').collect();
        let sound = parts.len() == 3 && parts.iter().all(|it| !it.is_empty() && it.bytes().all(plain));
        sound.then(|| Self(text.to_owned())).ok_or(NoToken)
    }

    /// As it is sent. Not for a terminal or a log.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

fn signed(claims: &Claims<'_>, secret: &Secret) -> Token {
    let header = Header {
        alg: "HS256",
        typ: "JWT",
    };
    let content = format!("{}.{}", encoded(&header), encoded(claims));
    let signature = signature(secret.0.as_bytes(), content.as_bytes());
    Token(format!("{content}.{signature}"))
}

/// Text and numbers always are JSON.
fn encoded(part: &impl Serialize) -> String {
    BASE64URL_NOPAD.encode(&serde_json::to_vec(part).unwrap_or_default())
}

fn signature(secret: &[u8], content: &[u8]) -> String {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(content);
    BASE64URL_NOPAD.encode(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minted(now: i64) -> (Issuer, Token) {
        let issuer = Issuer {
            id: "app".to_owned(),
            audience: "jitsi".to_owned(),
            subject: "*".to_owned(),
            secret: Secret::new("a secret"),
        };
        let room = ProbeRoom::new("1a2b").unwrap();
        let token = Token::mint(&issuer, &room, Timestamp::from_second(now).unwrap()).unwrap();
        (issuer, token)
    }

    #[test]
    fn a_signature_is_that_of_the_standards_example() {
        // RFC 7515, A.1.
        let content = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9l\
                       eGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = BASE64URL_NOPAD.decode(key.as_bytes()).unwrap();
        let expected = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(signature(&key, content.as_bytes()), expected);
    }

    #[test]
    fn a_token_is_for_one_room_and_a_few_minutes() {
        let (_, token) = minted(1_768_500_000);
        // Worked out by another implementation of HMAC.
        let expected = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
                        eyJpc3MiOiJhcHAiLCJhdWQiOiJqaXRzaSIsInN1YiI6IioiLCJyb29tIjoiaml0c2ktb3BzLXByb2JlLTFhMmIiLCJuYmYiOjE3Njg0OTk5NDAsImV4cCI6MTc2ODUwMDI0MH0.\
                        O1_vNz2f5kSRyMW6BHInB3uYyw60_GMs2R5CJ1nPyJY";
        assert_eq!(token.reveal(), expected);
        let claims = expected.split('.').nth(1).unwrap();
        let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["room"], "jitsi-ops-probe-1a2b");
        let span = |claim: &str| claims[claim].as_i64().unwrap() - 1_768_500_000;
        assert_eq!((span("nbf"), span("exp")), (-60, 240));
        assert!(span("exp") - span("nbf") <= 300);
        assert!(Token::new(token.reveal()).is_ok());
    }

    #[test]
    fn nothing_shows_a_token_or_what_it_is_signed_with() {
        let (issuer, token) = minted(0);
        let shown = format!("{issuer:?} {token:?}");
        assert!(!shown.contains("a secret") && !shown.contains("eyJ"), "{shown}");
        for text in ["", "a.b", "a.b.c.d", "a..c", "a.b.c&room=x", "a.b.\u{e9}", "a.b.c\r\n"] {
            assert!(Token::new(text).is_err(), "{text}");
        }
    }
}
