//! The sandbox as an HTTP client of the AWS SDK for Rust: no socket, no TLS.

use std::fmt;
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;

use crate::exchange::Dropped;
use crate::sandbox::Sandbox;

/// The connector of one sandbox.
#[derive(Clone)]
struct Connector(Sandbox);

impl fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("aws_sandbox::Connector")
    }
}

impl HttpClient for Connector {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sandbox = self.0.clone();
        HttpConnectorFuture::new(async move { exchange(&sandbox, request).await })
    }
}

async fn exchange(sandbox: &Sandbox, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let user = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::user(error);
    let request = request.try_into_http1x().map_err(|error| user(error.into()))?;
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(user)?.to_bytes();
    match sandbox.handle(http::Request::from_parts(parts, body)).await {
        Ok(response) => {
            let response = response.map(SdkBody::from);
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
        }
        // As of a real connection that was reset: the SDK may try again.
        Err(dropped @ Dropped) => Err(ConnectorError::io(dropped.into())),
    }
}

/// The sleeps of the SDK: of simulated time.
#[derive(Debug)]
struct ScaledSleep {
    speed: f64,
}

impl AsyncSleep for ScaledSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        let real = duration.div_f64(self.speed);
        Sleep::new(tokio::time::sleep(real))
    }
}

impl Sandbox {
    /// An HTTP client for SDK configurations. Any endpoint and any credentials will do; the access key says which account
    /// is called. It does nothing about timeouts: the SDK has its own, which use [`Sandbox::sdk_sleep`].
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Connector(self.clone()))
    }

    /// Sleeps for SDK configurations: a second of back-off is a second of the sandbox's clock.
    pub fn sdk_sleep(&self) -> SharedAsyncSleep {
        SharedAsyncSleep::new(ScaledSleep { speed: self.speed() })
    }
}
