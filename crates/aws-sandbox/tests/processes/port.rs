//! The sandbox behind a port: plain HTTP/1.1.

use std::time::Duration;

use aws_sandbox::{Fault, PlatformSpec, Sandbox, World, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wire::headers;

async fn connect() -> (Sandbox, TcpStream) {
    let sandbox = Sandbox::with_speed(World::with_platform(&PlatformSpec::default()), 100_000.0);
    let server = serve(sandbox.clone(), ([127, 0, 0, 1], 0).into()).await.unwrap();
    let url = server.url().unwrap();
    tokio::spawn(server.run());
    let address = url.strip_prefix("http://").unwrap().to_owned();
    (sandbox, TcpStream::connect(address).await.unwrap())
}

fn request(operation: &str, body: &str) -> String {
    let mut text = format!(
        "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers(operation) {
        text += &format!("{name}: {value}\r\n");
    }
    text + "\r\n" + body
}

/// Reads one answer: its head, and as many bytes as it announces (none to a HEAD).
async fn answer(stream: &mut TcpStream, head_only: bool) -> (String, String) {
    let mut bytes = Vec::new();
    let mut byte = [0; 1];
    while !bytes.ends_with(b"\r\n\r\n") {
        assert_eq!(
            stream.read(&mut byte).await.unwrap(),
            1,
            "closed in the middle of an answer"
        );
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap_or("0");
    let mut body = vec![0; if head_only { 0 } else { length.parse().unwrap() }];
    stream.read_exact(&mut body).await.unwrap();
    (head, String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn one_connection_carries_many_calls() {
    let (_sandbox, mut stream) = connect().await;
    for _ in 0..3 {
        stream
            .write_all(request("DescribeClusters", "{}").as_bytes())
            .await
            .unwrap();
        let (head, body) = answer(&mut stream, false).await;
        assert!(
            head.starts_with("http/1.1 200 ok") && head.contains("\r\ndate: "),
            "{head}"
        );
        assert!(body.contains("\"failures\""), "{body}");
    }
}

#[tokio::test]
async fn a_head_has_the_length_but_not_the_body() {
    let (_sandbox, mut stream) = connect().await;
    let bucket = PlatformSpec::default().bucket_name();
    let signature = "authorization: AWS4-HMAC-SHA256 Credential=123456789012/20260115/us-west-2/s3/aws4_request";
    let put = format!("PUT /{bucket}/k HTTP/1.1\r\nhost: 127.0.0.1\r\n{signature}\r\ncontent-length: 5\r\n\r\nhello");
    stream.write_all(put.as_bytes()).await.unwrap();
    assert!(answer(&mut stream, false).await.0.starts_with("http/1.1 200"));
    let head = format!("HEAD /{bucket}/k HTTP/1.1\r\nhost: 127.0.0.1\r\n{signature}\r\n\r\n");
    for _ in 0..2 {
        stream.write_all(head.as_bytes()).await.unwrap();
        let (head, _) = answer(&mut stream, true).await;
        assert!(
            head.starts_with("http/1.1 200") && head.contains("content-length: 5\r\n"),
            "{head}"
        );
    }
}

#[tokio::test]
async fn a_dropped_call_closes_the_connection_without_an_answer() {
    let (sandbox, mut stream) = connect().await;
    sandbox.inject(Fault::on_any().dropped_after());
    stream
        .write_all(request("DescribeClusters", "{}").as_bytes())
        .await
        .unwrap();
    let mut rest = Vec::new();
    // A reset is as good as an end.
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
}

#[tokio::test]
async fn what_is_no_http_does_no_harm() {
    let (_sandbox, mut stream) = connect().await;
    let address = stream.peer_addr().unwrap();
    stream.write_all(b"\x16\x03\x01 hello?\r\n\r\n").await.unwrap();
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(request("DescribeClusters", "{}").as_bytes())
        .await
        .unwrap();
    let answered = tokio::time::timeout(Duration::from_secs(5), answer(&mut stream, false))
        .await
        .unwrap();
    assert!(answered.0.starts_with("http/1.1 200"));
}
