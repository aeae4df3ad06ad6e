//! The identifiers that AWS gives to things: region, account, profile, bucket, subnet, elastic address, hosted zone.
//!
//! Their form is checked here; whether the thing exists only AWS can say.

use crate::problem::Malformed;
use crate::text_type::text_type;

text_type! {
    /// A region, such as `us-west-2` or `us-gov-west-1`: by its form, not by a list, so that new regions just work.
    Region, region
}
text_type! {
    /// An AWS account: 12 digits. A text, because a number would lose leading zeros.
    AccountId, account_id
}
text_type! {
    /// A named profile of the AWS CLI's configuration files.
    AwsProfile, aws_profile
}
text_type! {
    /// A general purpose S3 bucket, by S3's naming rules: 3 to 63 lower-case letters, digits, hyphens and dots.
    BucketName, bucket
}
text_type! {
    /// A VPC subnet: `subnet-` and 8 or 17 hexadecimal digits.
    SubnetId, subnet
}
text_type! {
    /// An elastic address, by the id of its allocation: `eipalloc-` and 8 or 17 hexadecimal digits.
    EipAllocationId, eip_allocation
}
text_type! {
    /// A Route 53 hosted zone, without the `/hostedzone/` that the API puts before it: at most 32 characters.
    HostedZoneId, hosted_zone_id
}

fn region(text: &str) -> Result<String, Malformed> {
    const EXPECTED: &str = "an AWS region such as `us-west-2`";
    if is_region(text) {
        return Ok(text.to_owned());
    }
    let without_zone = text
        .strip_suffix(|c: char| c.is_ascii_lowercase())
        .filter(|rest| is_region(rest));
    let hint = without_zone.map(|rest| format!("`{text}` is an availability zone; its region is `{rest}`"));
    Err(Malformed::hinting(EXPECTED, hint))
}

pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [first, middle @ .., last] = parts.as_slice() else {
        return false;
    };
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    (2..=5).contains(&first.len())
        && letters(first)
        && !middle.is_empty()
        && middle.iter().all(letters)
        && (1..=2).contains(&last.len())
        && last.bytes().all(|b| b.is_ascii_digit())
}

fn account_id(text: &str) -> Result<String, Malformed> {
    if is_account_id(text) {
        return Ok(text.to_owned());
    }
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let hint = is_account_id(&digits).then(|| format!("write it without separators: `{digits}`"));
    Err(Malformed::hinting("an AWS account id of 12 digits", hint))
}

pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn aws_profile(text: &str) -> Result<String, Malformed> {
    let legal =
        !text.is_empty() && text.trim() == text && !text.chars().any(|c| c.is_control() || matches!(c, '[' | ']'));
    if legal {
        return Ok(text.to_owned());
    }
    Err(Malformed::new(
        "the name of an AWS profile, as `aws configure list-profiles` prints it",
    ))
}

fn bucket(text: &str) -> Result<String, Malformed> {
    const EXPECTED: &str = "an S3 bucket name: 3 to 63 lower-case letters, digits, hyphens and dots";
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    let at_the_ends = |c: char| c == '-' || c == '.';
    // Prefixes and suffixes that S3 keeps for itself ("Bucket naming rules").
    let reserved = ["xn--", "sthree-", "amzn-s3-demo-"]
        .iter()
        .any(|prefix| text.starts_with(prefix))
        || ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"]
            .iter()
            .any(|suffix| text.ends_with(suffix));
    let valid = (3..=63).contains(&text.len())
        && text.bytes().all(legal)
        && !text.starts_with(at_the_ends)
        && !text.ends_with(at_the_ends)
        && !text.contains("..")
        && !reserved
        && text.parse::<std::net::Ipv4Addr>().is_err();
    if valid {
        return Ok(text.to_owned());
    }
    let name = text
        .strip_prefix("s3://")
        .map(|rest| rest.split('/').next().unwrap_or_default());
    let hint = name
        .filter(|name| bucket(name).is_ok())
        .map(|name| format!("only the name: `{name}`"));
    Err(Malformed::hinting(EXPECTED, hint))
}

fn subnet(text: &str) -> Result<String, Malformed> {
    if is_ec2_id(text, "subnet-") {
        return Ok(text.to_owned());
    }
    Err(Malformed::new("a subnet id such as `subnet-0123456789abcdef0`"))
}

fn eip_allocation(text: &str) -> Result<String, Malformed> {
    if is_ec2_id(text, "eipalloc-") {
        return Ok(text.to_owned());
    }
    let address = text.parse::<std::net::Ipv4Addr>().ok();
    let hint =
        address.map(|address| format!("`aws ec2 describe-addresses --public-ips {address}` shows its allocation id"));
    Err(Malformed::hinting(
        "the allocation id of an elastic address such as `eipalloc-0123456789abcdef0`",
        hint,
    ))
}

fn is_ec2_id(text: &str, prefix: &str) -> bool {
    let is_lower_hex = |b: u8| b.is_ascii_digit() || matches!(b, b'a'..=b'f');
    text.strip_prefix(prefix)
        .is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(is_lower_hex))
}

fn hosted_zone_id(text: &str) -> Result<String, Malformed> {
    if is_hosted_zone_id(text) {
        return Ok(text.to_owned());
    }
    let id = text.rsplit('/').next().unwrap_or_default();
    let hint = is_hosted_zone_id(id).then(|| format!("only the id: `{id}`"));
    Err(Malformed::hinting(
        "a Route 53 hosted zone id such as `Z0123456789ABCDEFGHIJ`",
        hint,
    ))
}

fn is_hosted_zone_id(text: &str) -> bool {
    (2..=32).contains(&text.len())
        && text.starts_with('Z')
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    fn accepts<T: FromStr<Err = Malformed> + AsRef<str>>(good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(
                text.parse::<T>().unwrap_or_else(|e| panic!("{text}: {e}")).as_ref(),
                *text
            );
        }
        for text in bad {
            assert!(text.parse::<T>().is_err(), "{text} was accepted");
        }
    }

    fn hint_of<T: FromStr<Err = Malformed> + std::fmt::Debug>(text: &str) -> Option<String> {
        text.parse::<T>().unwrap_err().hint
    }

    #[test]
    fn a_region_is_known_by_its_form() {
        accepts::<Region>(
            &[
                "us-west-2",
                "us-gov-west-1",
                "ap-southeast-7",
                "us-isob-east-1",
                "eusc-de-east-1",
                "cn-north-1",
            ],
            &[
                "",
                "us-west",
                "us-west-",
                "uswest2",
                "US-WEST-2",
                "us_west_2",
                "us-west-2a",
                "us--2",
                "oregon",
                "2-a-1",
            ],
        );
        assert_eq!(
            hint_of::<Region>("us-west-2a").as_deref(),
            Some("`us-west-2a` is an availability zone; its region is `us-west-2`")
        );
    }

    #[test]
    fn an_account_id_is_twelve_digits() {
        accepts::<AccountId>(
            &["123456789012", "000000000001"],
            &["", "12345678901", "1234567890123", "12345678901a"],
        );
        assert_eq!(
            hint_of::<AccountId>("1234-5678-9012").as_deref(),
            Some("write it without separators: `123456789012`")
        );
    }

    #[test]
    fn an_aws_profile_may_have_spaces_but_no_brackets() {
        accepts::<AwsProfile>(&["jitsi-hosting", "my profile", "a@b.c/d"], &["", " a", "a\n", "[a]"]);
    }

    #[test]
    fn a_bucket_name_obeys_the_rules_of_s3() {
        let longest = "a".repeat(63);
        let too_long = "a".repeat(64);
        accepts::<BucketName>(
            &["jitsi-video-platform-recordings-1a2b3c4d", "a.b", "123", &longest],
            &[
                "",
                "ab",
                "Abc",
                "a_b",
                "-abc",
                "abc-",
                ".abc",
                "abc.",
                "a..b",
                "192.0.2.1",
                "xn--abc",
                "sthree-a",
                "abc-s3alias",
                &too_long,
            ],
        );
        assert_eq!(
            hint_of::<BucketName>("s3://recordings/2026/").as_deref(),
            Some("only the name: `recordings`")
        );
    }

    #[test]
    fn a_subnet_id_has_eight_or_seventeen_digits() {
        accepts::<SubnetId>(
            &["subnet-0a1b2c3d", "subnet-0123456789abcdef0"],
            &[
                "",
                "subnet-",
                "subnet-1",
                "subnet-0A1B2C3D",
                "vpc-0a1b2c3d",
                "subnet-0a1b2c3g",
            ],
        );
    }

    #[test]
    fn an_elastic_address_is_named_by_its_allocation() {
        accepts::<EipAllocationId>(
            &["eipalloc-0a1b2c3d", "eipalloc-0123456789abcdef0"],
            &[
                "",
                "eipalloc-",
                "eipalloc-1",
                "eipalloc-0A1B2C3D",
                "eipassoc-0a1b2c3d",
                "eipalloc-0a1b2c3g",
            ],
        );
        assert_eq!(
            hint_of::<EipAllocationId>("192.0.2.1").as_deref(),
            Some("`aws ec2 describe-addresses --public-ips 192.0.2.1` shows its allocation id")
        );
    }

    #[test]
    fn a_hosted_zone_id_comes_without_its_path() {
        accepts::<HostedZoneId>(
            &["Z0123456789ABCDEFGHIJ", "Z1D633PJN98FT9"],
            &["", "Z", "z123", "example.org", "Z-1"],
        );
        assert_eq!(
            hint_of::<HostedZoneId>("/hostedzone/Z1D633PJN98FT9").as_deref(),
            Some("only the id: `Z1D633PJN98FT9`")
        );
    }
}
