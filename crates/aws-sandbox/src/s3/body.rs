//! Bodies of PutObject: the aws-chunked encoding, and checksums.

use std::collections::BTreeMap;

use aws_smithy_types::base64;
use md5::{Digest, Md5};

use crate::wire::{ApiError, Request};

/// The content of an upload, and the headers that came after it.
pub(super) struct Upload {
    pub(super) content: Vec<u8>,
    trailers: BTreeMap<String, String>,
}

/// Decodes the body of a request.
///
/// # Errors
/// `IncompleteBody` 400 when a chunk is cut off or malformed.
pub(super) fn decode(request: &Request) -> Result<Upload, ApiError> {
    let chunked = request.header("content-encoding").contains("aws-chunked")
        || request.header("x-amz-content-sha256").starts_with("STREAMING-");
    if !chunked {
        return Ok(Upload {
            content: request.body.clone(),
            trailers: BTreeMap::new(),
        });
    }
    let incomplete = || {
        let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
        ApiError::new(400, "IncompleteBody", message)
    };
    let mut rest = &request.body[..];
    let mut content = Vec::new();
    loop {
        // SIZE;chunk-signature=... CRLF, then the chunk and another CRLF; a chunk of no bytes is the last.
        let head = line(&mut rest).ok_or_else(incomplete)?;
        let size = head.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| incomplete())?;
        if size == 0 {
            break;
        }
        content.extend_from_slice(rest.get(..size).ok_or_else(incomplete)?);
        rest = rest
            .get(size..)
            .and_then(|rest| rest.strip_prefix(b"\r\n"))
            .ok_or_else(incomplete)?;
    }
    let mut trailers = BTreeMap::new();
    while let Some(line) = line(&mut rest) {
        if let Some((name, value)) = line.split_once(':') {
            trailers.insert(name.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    Ok(Upload { content, trailers })
}

/// Takes a line off the front.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
    let line = std::str::from_utf8(&rest[..end]).ok()?;
    *rest = &rest[end + 2..];
    Some(line)
}

/// The checksums that S3 knows by these headers. CRC32 is verified; the others are taken as they are.
const CHECKSUMS: &[&str] = &[
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
];

/// The checksum of an upload, in a header or after the body.
///
/// # Errors
/// `BadDigest`, `InvalidDigest` 400.
pub(super) fn checksum(request: &Request, upload: &Upload) -> Result<Option<(String, String)>, ApiError> {
    let md5 = request.header("content-md5");
    if !md5.is_empty() {
        let given = base64::decode(md5).ok().filter(|digest| digest.len() == 16);
        let given =
            given.ok_or_else(|| ApiError::new(400, "InvalidDigest", "The Content-MD5 you specified was invalid."))?;
        if given != Md5::digest(&upload.content).to_vec() {
            return Err(bad_digest("Content-MD5"));
        }
    }
    let given = CHECKSUMS.iter().find_map(|name| {
        let value = request.headers.get(*name).or_else(|| upload.trailers.get(*name))?;
        Some(((*name).to_owned(), value.clone()))
    });
    if let Some((name, value)) = &given
        && name == "x-amz-checksum-crc32"
        && *value != base64::encode(crc32fast::hash(&upload.content).to_be_bytes())
    {
        return Err(bad_digest("CRC32"));
    }
    Ok(given)
}

fn bad_digest(what: &str) -> ApiError {
    ApiError::new(
        400,
        "BadDigest",
        format!("The {what} you specified did not match the calculated checksum."),
    )
}

/// The ETag of content that was put in one piece, with its quotes.
pub(super) fn etag(content: &[u8]) -> String {
    let digits: String = Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body: &str) -> Request {
        let headers = BTreeMap::from([("content-encoding".to_owned(), "aws-chunked".to_owned())]);
        Request {
            method: "PUT".into(),
            path: "/b/k".into(),
            query: String::new(),
            headers,
            body: body.into(),
        }
    }

    #[test]
    fn chunks_are_joined_and_the_trailing_checksum_is_verified() {
        let checksum_of_hello = base64::encode(crc32fast::hash(b"hello").to_be_bytes());
        let body =
            format!("2;chunk-signature=ab\r\nhe\r\n3\r\nllo\r\n0\r\nx-amz-checksum-crc32:{checksum_of_hello}\r\n\r\n");
        let request = request(&body);
        let upload = decode(&request).unwrap();
        assert_eq!(upload.content, b"hello");
        let (name, value) = checksum(&request, &upload).unwrap().unwrap();
        assert_eq!((name.as_str(), value), ("x-amz-checksum-crc32", checksum_of_hello));
    }

    #[test]
    fn a_wrong_checksum_or_a_cut_chunk_is_refused() {
        let wrong = request("1\r\nx\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n");
        let upload = decode(&wrong).unwrap();
        assert_eq!(checksum(&wrong, &upload).unwrap_err().code, "BadDigest");
        assert_eq!(
            decode(&request("5\r\nab")).err().map(|error| error.code),
            Some("IncompleteBody".into())
        );
    }

    #[test]
    fn the_etag_is_the_md5_of_the_content_in_quotes() {
        assert_eq!(etag(b""), "\"d41d8cd98f00b204e9800998ecf8427e\"");
    }
}
