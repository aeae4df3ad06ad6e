//! Smithy RPC v2 CBOR: CloudWatch, as newer SDKs speak to it. Timestamps have tag 1.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Read;

use minicbor::data::{IanaTag, Tag, Type};
use minicbor::{Decoder, Encoder};

use super::node::{Node, map};
use super::{ApiError, Request};
use crate::clock::{Ms, epoch_seconds};

/// No input of AWS is nested deeper.
const DEEPEST: u32 = 32;

/// The most that is unpacked from a compressed body: AWS takes 1 MB.
const LARGEST: u64 = 1 << 20;

/// Reads the body of a request, which may be compressed.
///
/// # Errors
/// `SerializationException`.
pub(crate) fn input(request: &Request) -> Result<Node, ApiError> {
    let malformed = |what: String| ApiError::client("SerializationException", what);
    let unpacked = if request.header("content-encoding") == "gzip" {
        let mut unpacked = Vec::new();
        let mut reader = flate2::read::GzDecoder::new(&request.body[..]).take(LARGEST + 1);
        reader
            .read_to_end(&mut unpacked)
            .map_err(|error| malformed(error.to_string()))?;
        if unpacked.len() as u64 > LARGEST {
            return Err(malformed("the body is too large".to_owned()));
        }
        unpacked
    } else {
        request.body.clone()
    };
    if unpacked.is_empty() {
        return Ok(map([]));
    }
    let mut decoder = Decoder::new(&unpacked);
    match read(&mut decoder, 0) {
        Ok(Some(node @ Node::Map(_))) => Ok(node),
        Ok(_) => Err(malformed("the body must be a map".to_owned())),
        Err(error) => Err(malformed(error.to_string())),
    }
}

/// One value; `None` for null, which to AWS is a member that was not given.
fn read(decoder: &mut Decoder<'_>, depth: u32) -> Result<Option<Node>, minicbor::decode::Error> {
    use minicbor::decode::Error;
    if depth > DEEPEST {
        return Err(Error::message("the input is nested too deep"));
    }
    Ok(Some(match decoder.datatype()? {
        Type::Null | Type::Undefined => {
            decoder.skip()?;
            return Ok(None);
        }
        Type::Bool => Node::Bool(decoder.bool()?),
        Type::F16 | Type::F32 | Type::F64 => Node::Number(decoder.f64()?),
        Type::String => Node::Text(decoder.str()?.to_owned()),
        Type::StringIndef => Node::Text(decoder.str_iter()?.collect::<Result<String, _>>()?),
        Type::Array | Type::ArrayIndef => {
            let length = decoder.array()?;
            let mut items = Vec::new();
            while !ended(decoder, length, items.len() as u64)? {
                let item = read(decoder, depth + 1)?;
                items.push(item.ok_or_else(|| Error::message("a list cannot contain null"))?);
            }
            Node::List(items)
        }
        Type::Map | Type::MapIndef => {
            let length = decoder.map()?;
            let (mut members, mut seen) = (BTreeMap::new(), 0);
            while !ended(decoder, length, seen)? {
                let name = decoder.str()?.to_owned();
                let member = read(decoder, depth + 1)?;
                members.extend(member.map(|member| (name, member)));
                seen += 1;
            }
            Node::Map(members)
        }
        Type::Tag => {
            if decoder.tag()? != Tag::from(IanaTag::Timestamp) {
                return Err(Error::message("of all tags only that of timestamps is known"));
            }
            match read(decoder, DEEPEST)? {
                Some(Node::Integer(seconds)) => Node::Time(seconds.saturating_mul(1_000)),
                Some(Node::Number(seconds)) => Node::Time((seconds * 1_000.0).round() as Ms),
                _ => return Err(Error::message("a timestamp must be a number")),
            }
        }
        _ => Node::Integer(decoder.i64()?),
    }))
}

/// Whether a list or map has no more items; the end of one without a length is read.
fn ended(decoder: &mut Decoder<'_>, length: Option<u64>, read: u64) -> Result<bool, minicbor::decode::Error> {
    match length {
        Some(length) => Ok(read >= length),
        None if decoder.datatype()? == Type::Break => decoder.skip().map(|()| true),
        None => Ok(false),
    }
}

/// A value as AWS writes it: every number that is no integer with 64 bits.
pub(crate) fn encode(node: &Node) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    // A vector takes everything: there is no error here.
    let _ = write(&mut encoder, node);
    encoder.into_writer()
}

fn write(encoder: &mut Encoder<Vec<u8>>, node: &Node) -> Result<(), minicbor::encode::Error<Infallible>> {
    match node {
        Node::Text(text) => encoder.str(text)?.ok(),
        Node::Integer(number) => encoder.i64(*number)?.ok(),
        Node::Number(number) => encoder.f64(*number)?.ok(),
        Node::Bool(flag) => encoder.bool(*flag)?.ok(),
        Node::Time(at) => encoder.tag(IanaTag::Timestamp)?.f64(epoch_seconds(*at))?.ok(),
        Node::List(items) => {
            encoder.array(items.len() as u64)?;
            items.iter().try_for_each(|item| write(encoder, item))
        }
        Node::Map(members) => {
            encoder.map(members.len() as u64)?;
            members.iter().try_for_each(|(name, member)| {
                encoder.str(name)?;
                write(encoder, member)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: Vec<u8>) -> Request {
        Request {
            method: "POST".into(),
            path: "/".into(),
            query: String::new(),
            headers: BTreeMap::new(),
            body,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let node = map([
            ("Text", "ä".into()),
            ("Number", Node::Number(1.0)),
            ("Integer", Node::Integer(-3)),
            ("Flag", Node::Bool(true)),
            ("Time", Node::Time(1_768_500_000_123)),
            ("List", Node::List(vec![map([]), Node::List(Vec::new())])),
        ]);
        assert_eq!(input(&request(encode(&node))), Ok(node));
        assert_eq!(encode(&Node::Time(1_000)), [0xc1, 0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(
            encode(&map([("MetricDataResults", Node::List(Vec::new()))]),),
            [&[0xa1, 0x71][..], b"MetricDataResults", &[0x80]].concat()
        );
    }

    #[test]
    fn maps_and_lists_without_a_length_are_read_and_null_was_not_given() {
        // {_ "a": [_ 1, 2], "b": null, "t": 1(2)}
        let body = [
            &[0xbf, 0x61][..],
            b"a",
            &[0x9f, 1, 2, 0xff, 0x61],
            b"b",
            &[0xf6, 0x61],
            b"t",
            &[0xc1, 2, 0xff],
        ];
        let expected = map([
            ("a", Node::List(vec![Node::Integer(1), Node::Integer(2)])),
            ("t", Node::Time(2_000)),
        ]);
        assert_eq!(input(&request(body.concat())), Ok(expected));
    }

    #[test]
    fn what_is_no_cbor_or_bottomless_is_an_error() {
        let deep = vec![0x81; 100_000];
        let endless = vec![0xbf, 0x61];
        for body in [
            deep,
            endless,
            vec![0x80],
            vec![0xa1, 0x01, 0x01],
            b"Action=X".to_vec(),
            vec![0xc2, 0x40],
        ] {
            assert_eq!(input(&request(body)).unwrap_err().code, "SerializationException");
        }
        let mut packed = request(b"no gzip".to_vec());
        packed.headers.insert("content-encoding".into(), "gzip".into());
        assert!(input(&packed).is_err());
    }
}
