//! Fetches the statistics of jicofo (`/stats`) or of the bridge (`/colibri/stats`): a JSON object with `conferences` and
//! `participants`. jicofo counts somebody who waits alone in a room; the bridge does not.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;

use crate::failure::chain;
use crate::guard::Answer;

/// How long the whole exchange may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is read; jicofo's is some kilobytes.
const LONGEST: usize = 1 << 20;

#[derive(Deserialize)]
struct Statistics {
    conferences: i64,
    participants: i64,
}

/// What the URL says. Redirects are not followed: another place is not the one that was configured.
pub(super) async fn fetch(url: &str) -> Answer {
    match tokio::time::timeout(TIMEOUT, exchange(url)).await {
        Ok(Ok(body)) => read(url, &body),
        Ok(Err(reason)) => failed(url, &reason),
        Err(_) => failed(url, &format!("no answer within {} s", TIMEOUT.as_secs())),
    }
}

fn failed(url: &str, reason: &str) -> Answer {
    Answer::Failed {
        reason: format!("the statistics at `{url}` could not be read: {reason}"),
        may_pass: true,
    }
}

async fn exchange(url: &str) -> Result<Bytes, String> {
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| chain(&error))?
        .https_or_http()
        .enable_http1()
        .build();
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let url = url.parse().map_err(|error: http::uri::InvalidUri| chain(&error))?;
    let answer = client.get(url).await.map_err(|error| chain(&error))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("HTTP {}", status.as_u16()));
    }
    let body = Limited::new(answer.into_body(), LONGEST).collect().await;
    body.map(http_body_util::Collected::to_bytes)
        .map_err(|error| error.to_string())
}

fn read(url: &str, body: &[u8]) -> Answer {
    let statistics: Statistics = match serde_json::from_slice(body) {
        Ok(statistics) => statistics,
        Err(error) => return failed(url, &format!("not the statistics of jicofo or a bridge: {error}")),
    };
    match (
        u64::try_from(statistics.conferences),
        u64::try_from(statistics.participants),
    ) {
        (Ok(conferences), Ok(participants)) => Answer::Stats {
            conferences,
            participants,
        },
        _ => failed(url, "a count is negative"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_without_their_counts_are_no_answer() {
        assert_eq!(
            read("u", br#"{"conferences":1,"participants":3,"more":{}}"#),
            Answer::Stats {
                conferences: 1,
                participants: 3
            }
        );
        for body in [
            "{}",
            "[]",
            "",
            "<html>",
            r#"{"conferences":0}"#,
            r#"{"conferences":-1,"participants":0}"#,
            r#"{"conferences":0,"participants":"0"}"#,
        ] {
            assert!(matches!(read("u", body.as_bytes()), Answer::Failed { .. }), "{body}");
        }
    }

    /// Answers one connection with `answer`, after reading the request.
    fn served(answer: &'static str) -> String {
        use std::io::{Read, Write};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/stats", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(answer.as_bytes());
        });
        url
    }

    #[tokio::test]
    async fn the_statistics_are_fetched_over_http() {
        let url = served("HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\n{\"conferences\":0,\"participants\":0}");
        let quiet = Answer::Stats {
            conferences: 0,
            participants: 0,
        };
        assert_eq!(fetch(&url).await, quiet);
    }

    #[tokio::test]
    async fn redirects_errors_and_silence_are_no_answer() {
        for answer in [
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\n{\"conferences\":0,",
            "",
        ] {
            let url = served(answer);
            assert!(
                matches!(fetch(&url).await, Answer::Failed { may_pass: true, .. }),
                "{answer}"
            );
        }
    }
}
