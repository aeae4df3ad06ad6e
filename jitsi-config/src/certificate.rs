//! The certificate that the load balancer presents.
//!
//! Its form is checked here; whether it exists and is issued only AWS can say.

use crate::aws_values::{is_account_id, is_region};
use crate::problem::Malformed;
use crate::text_type::text_type;

text_type! {
    /// A certificate that a TLS listener can present: of ACM, or an IAM server certificate.
    CertificateArn, certificate_arn
}
impl CertificateArn {
    /// The region of an ACM certificate; an IAM server certificate has none and serves every region.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.as_str().split(':').nth(3).filter(|region| !region.is_empty())
    }

    /// The account that holds the certificate.
    #[must_use]
    pub fn account_id(&self) -> &str {
        self.as_str().split(':').nth(4).unwrap_or_default()
    }
}

fn certificate_arn(text: &str) -> Result<String, Malformed> {
    const EXPECTED: &str = "a certificate ARN such as \
                            `arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012`";
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let valid = match parts.as_slice() {
        ["arn", partition, service, region, account, resource] => {
            let in_partition = *partition == "aws" || partition.starts_with("aws-");
            let named = |prefix| resource.strip_prefix(prefix).is_some_and(is_resource_path);
            in_partition
                && is_account_id(account)
                && match *service {
                    "acm" => is_region(region) && named("certificate/"),
                    "iam" => region.is_empty() && named("server-certificate/"),
                    _ => false,
                }
        }
        _ => false,
    };
    if valid {
        Ok(text.to_owned())
    } else {
        Err(Malformed::new(EXPECTED))
    }
}

fn is_resource_path(path: &str) -> bool {
    !path.is_empty()
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACM: &str = "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    const IAM: &str = "arn:aws:iam::123456789012:server-certificate/web/meet";

    #[test]
    fn a_certificate_is_of_acm_or_of_iam() {
        for good in [ACM, IAM, "arn:aws-us-gov:acm:us-gov-west-1:123456789012:certificate/a"] {
            assert_eq!(good.parse::<CertificateArn>().expect(good).as_str(), good);
        }
        let bad = [
            "",
            "meet",
            "arn:aws:acm:us-west-2:123456789012:certificate/",
            "arn:aws:acm:us-west-2:1:certificate/a",
            "arn:aws:acm::123456789012:certificate/a",
            "arn:aws:s3:::bucket",
            "arn:aws:iam:us-west-2:123456789012:server-certificate/a",
            "arn:amazon:acm:us-west-2:123456789012:certificate/a",
        ];
        for bad in bad {
            assert!(bad.parse::<CertificateArn>().is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn a_certificate_of_acm_knows_its_region_and_both_know_their_account() {
        let of = |text: &str| text.parse::<CertificateArn>().unwrap();
        assert_eq!(
            (of(ACM).region(), of(ACM).account_id()),
            (Some("us-west-2"), "123456789012")
        );
        assert_eq!((of(IAM).region(), of(IAM).account_id()), (None, "123456789012"));
    }
}
