//! The real network over the loopback address, in real time, against a name server of a few lines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};

use jitsi_probe::{Addresses, Internet, Network, ResolveError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

const A: u16 = 1;
const AAAA: u16 = 28;

/// An answer to a question, the only one in a message, for a name in lower case without its last dot.
fn answer(question: &[u8]) -> Option<Vec<u8>> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while question[at] > 0 {
        let end = at + 1 + usize::from(question[at]);
        labels.push(String::from_utf8_lossy(&question[at + 1..end]).to_lowercase());
        at = end;
    }
    let kind = u16::from_be_bytes([question[at + 1], question[at + 2]]);
    let (code, data): (u8, Option<Vec<u8>>) = match (labels.join(".").as_str(), kind) {
        ("both.example" | "four.example" | "half.example", A) => (0, Some(vec![192, 0, 2, 7])),
        ("both.example", AAAA) => (0, Some([[0x20, 0x01, 0x0d, 0xb8].as_slice(), &[0; 11], &[7]].concat())),
        ("four.example" | "none.example", _) => (0, None),
        ("half.example", _) | ("broken.example", _) => (2, None),
        ("shut.example", _) => (5, None),
        _ => (3, None),
    };
    let mut message = question[..2].to_vec();
    message.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(data.is_some()), 0, 0, 0, 0]);
    message.extend(&question[12..at + 5]);
    if let Some(data) = data {
        message.extend([0xc0, 12]);
        message.extend(kind.to_be_bytes());
        message.extend([0, 1, 0, 0, 0, 60, 0, u8::try_from(data.len()).ok()?]);
        message.extend(data);
    }
    Some(message)
}

/// A name server that answers over UDP, and over TCP to those who do not believe it.
async fn name_server() -> SocketAddr {
    let (udp, tcp) = loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    tokio::spawn(async move {
        let mut question = [0; 1024];
        while let Ok((length, from)) = udp.recv_from(&mut question).await {
            if let Some(answer) = answer(&question[..length]) {
                udp.send_to(&answer, from).await.unwrap();
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            tokio::spawn(async move {
                while let Ok(length) = stream.read_u16().await {
                    let mut question = vec![0; length.into()];
                    stream.read_exact(&mut question).await.unwrap();
                    let answer = answer(&question).unwrap();
                    stream.write_u16(u16::try_from(answer.len()).unwrap()).await.unwrap();
                    stream.write_all(&answer).await.unwrap();
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_name_leads_to_its_addresses_of_both_families_and_an_absence_is_told_from_an_unknown() {
    let internet = Internet::asking(&[name_server().await]).unwrap();
    let (four, six): (IpAddr, IpAddr) = ("192.0.2.7".parse().unwrap(), "2001:db8::7".parse().unwrap());
    let failed = |code: &str| ResolveError::ServerFailed { code: code.to_owned() };
    let found = |found: &[IpAddr], unknown| {
        let found = found.to_vec();
        Ok(Addresses { found, unknown })
    };
    for (name, expected) in [
        ("both.example", found(&[six, four], None)),
        ("Four.Example.", found(&[four], None)),
        ("half.example", found(&[four], Some(failed("SERVFAIL")))),
        ("none.example", Err(ResolveError::NoAddress)),
        ("absent.example", Err(ResolveError::NoSuchName)),
        ("broken.example", Err(failed("SERVFAIL"))),
        ("shut.example", Err(failed("REFUSED"))),
        ("a..b", Err(ResolveError::InvalidName)),
    ] {
        assert_eq!(internet.resolve(name).await, expected, "{name}");
    }
    assert!(Internet::asking(&[]).is_err());
}

#[tokio::test]
async fn a_port_where_somebody_listens_is_connected_to_and_another_one_refuses() {
    let internet = Internet::asking(&["127.0.0.1:1".parse().unwrap()]).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut stream = internet.connect(address).await.unwrap();
    let (mut other, _) = listener.accept().await.unwrap();
    stream.write_all(b"hi").await.unwrap();
    let mut said = [0; 2];
    other.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"hi");
    drop(listener);
    let refused = internet.connect(address).await.err().unwrap();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}
