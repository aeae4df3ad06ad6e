//! The sandbox over HTTP/1.1, for everything that is not the AWS SDK for Rust in this process.

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::exchange::Dropped;
use crate::sandbox::Sandbox;

/// A sandbox that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    sandbox: Sandbox,
}

/// Listens on an address; port 0 picks a free one.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(sandbox: Sandbox, address: SocketAddr) -> std::io::Result<Server> {
    Ok(Server {
        listener: TcpListener::bind(address).await?,
        sandbox,
    })
}

impl Server {
    /// Where it listens, such as `http://127.0.0.1:4566`.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn url(&self) -> std::io::Result<String> {
        Ok(format!("http://{}", self.listener.local_addr()?))
    }

    /// Answers connections for ever. A connection that fails ends alone.
    pub async fn run(self) -> Infallible {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(connection(self.sandbox.clone(), stream));
                }
                // Too many open files, or a connection that was gone at once: others may do better in a moment.
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
            }
        }
    }
}

async fn connection(sandbox: Sandbox, stream: TcpStream) {
    // Without this, an answer in two packets waits 40 ms for the acknowledgement of the first.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| answer(sandbox.clone(), request));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // An error here is a connection that the other side, or a fault, has closed.
    let _ = served.await;
}

async fn answer(
    sandbox: Sandbox,
    request: http::Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let is_head = parts.method == http::Method::HEAD;
    let response = sandbox.handle(http::Request::from_parts(parts, body)).await;
    // An error makes hyper close the connection without an answer.
    let response = response.map_err(|dropped: Dropped| dropped)?;
    Ok(response.map(|body| Full::new(if is_head { Bytes::new() } else { body })))
}
