//! Fetching AWS's public price list: files of up to some tens of MB, over HTTPS or from a folder. It needs no credentials.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt, Limited};
use jitsi_cost::price_list::{Missing, Offer, Read, read, region_url};

use crate::failure::chain;
use crate::problem::{Problem, ProblemKind};

/// How long to wait for a connection, and for the first byte of an answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(20);
/// How long one file may take.
const FILE: Duration = Duration::from_secs(180);
/// More than any file of the list that is read here has, in bytes.
const LARGEST: usize = 200 << 20;

/// The prices of `region` in one offer, as the list below `base` has them today. `base`: `https://...`, `http://...` or
/// `file:///...`; `today` stands beside each price as the day on which it was seen.
///
/// # Errors
/// A file cannot be fetched, or is none of the list.
pub async fn prices(base: &str, offer: Offer, region: &str, today: &str) -> Result<Read, Problem> {
    let base = base.trim_end_matches('/');
    let wrong = |url: &str, why: String| {
        Problem::new(ProblemKind::Failed, format!("`{url}` is no file of the price list")).because(why)
    };
    let url = match offer.path_without_region() {
        Some(path) => format!("{base}{path}"),
        None => {
            let index = format!("{base}{}", offer.region_index_path());
            let found = region_url(&fetch(&index).await?, region);
            match found.map_err(|error| wrong(&index, error.to_string()))? {
                Some(path) => format!("{base}{path}"),
                None => return Ok(nothing(offer, region)),
            }
        }
    };
    read(offer, region, &fetch(&url).await?, today).map_err(|error| wrong(&url, error.to_string()))
}

/// An offer that does not have the region.
fn nothing(offer: Offer, region: &str) -> Read {
    let missing = |item: &_| Missing {
        item: *item,
        reason: format!("the offer `{}` does not have the region `{region}`", offer.code()),
    };
    Read {
        prices: Vec::new(),
        missing: offer.items().iter().map(missing).collect(),
    }
}

async fn fetch(url: &str) -> Result<Vec<u8>, Problem> {
    let failed = |why: String| {
        Problem::new(ProblemKind::Failed, format!("`{url}` could not be fetched"))
            .because(why)
            .hint("the prices that were known before still hold; `--url` names another place, `file:///...` a folder")
    };
    if let Some(path) = url.strip_prefix("file://") {
        return std::fs::read(path).map_err(|error| failed(error.to_string()));
    }
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(failed("expected `https://`, `http://` or `file://`".to_owned()));
    }
    let settings = HttpConnectorSettings::builder()
        .connect_timeout(CONNECT)
        .read_timeout(ANSWER)
        .build();
    let connector = Connector::builder()
        .connector_settings(settings)
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build();
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(url).map_err(|error| failed(chain(&error)))?;
    let get = async {
        let answer = connector.call(request).await.map_err(|error| chain(&error))?;
        if !answer.status().is_success() {
            return Err(format!("HTTP {}", answer.status().as_u16()));
        }
        let body = Limited::new(answer.into_body(), LARGEST).collect().await;
        Ok(body.map_err(|error| error.to_string())?.to_bytes().to_vec())
    };
    match tokio::time::timeout(FILE, get).await {
        Ok(answer) => answer.map_err(failed),
        Err(_) => Err(failed(format!("it took longer than {} s", FILE.as_secs()))),
    }
}
