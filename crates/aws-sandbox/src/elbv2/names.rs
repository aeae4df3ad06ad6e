//! Names, ARNs and the answers to unknown ones.

use crate::wire::ApiError;
use crate::wire::query::validation;
use crate::world::{Place, Region};

use super::{Listener, LoadBalancer, TargetGroup};

pub(super) fn load_balancer_not_found() -> ApiError {
    ApiError::client("LoadBalancerNotFound", "One or more load balancers not found")
}

pub(super) fn target_group_not_found() -> ApiError {
    ApiError::client("TargetGroupNotFound", "One or more target groups not found")
}

pub(super) fn listener_not_found() -> ApiError {
    ApiError::client("ListenerNotFound", "One or more listeners not found")
}

/// `InvalidConfigurationRequest`, HTTP 400.
pub(super) fn configuration(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidConfigurationRequest", message)
}

pub(super) fn arn(place: &Place, rest: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{}:{}:{rest}", place.region, place.account)
}

/// Checks that an ARN is one of this service and of a kind, such as `loadbalancer`.
///
/// # Errors
/// `ValidationError`.
pub(super) fn check_arn(arn: &str, kind: &str) -> Result<(), ApiError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let fits =
        matches!(parts[..], ["arn", _, "elasticloadbalancing", _, _, rest] if rest.starts_with(&format!("{kind}/")));
    let what = match kind {
        "loadbalancer" => "load balancer",
        "targetgroup" => "target group",
        other => other,
    };
    if fits {
        Ok(())
    } else {
        Err(validation(format!("'{arn}' is not a valid {what} ARN")))
    }
}

/// # Errors
/// `LoadBalancerNotFound`, `ValidationError`.
pub(super) fn load_balancer<'a>(region: &'a mut Region, arn: &str) -> Result<&'a mut LoadBalancer, ApiError> {
    check_arn(arn, "loadbalancer")?;
    region
        .elbv2
        .load_balancers
        .iter_mut()
        .find(|it| it.arn == arn)
        .ok_or_else(load_balancer_not_found)
}

/// # Errors
/// `TargetGroupNotFound`, `ValidationError`.
pub(super) fn target_group<'a>(region: &'a mut Region, arn: &str) -> Result<&'a mut TargetGroup, ApiError> {
    check_arn(arn, "targetgroup")?;
    region.elbv2.target_group_mut(arn).ok_or_else(target_group_not_found)
}

/// # Errors
/// `ListenerNotFound`, `ValidationError`.
pub(super) fn listener<'a>(region: &'a mut Region, arn: &str) -> Result<&'a mut Listener, ApiError> {
    check_arn(arn, "listener")?;
    region
        .elbv2
        .listeners
        .iter_mut()
        .find(|it| it.arn == arn)
        .ok_or_else(listener_not_found)
}

/// Names of load balancers and target groups: up to 32 letters, digits and hyphens, no hyphen at either end.
///
/// # Errors
/// `ValidationError`.
pub(super) fn check_name(kind: &str, name: &str) -> Result<(), ApiError> {
    let separator = if kind == "target group" { "or" } else { "and" };
    let fault = if name.len() > 32 {
        "cannot be longer than '32' characters".to_owned()
    } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        format!("can only contain characters that are alphanumeric characters {separator} hyphens(-)")
    } else if name.starts_with('-') || name.ends_with('-') {
        "cannot begin or end with '-'".to_owned()
    } else if kind == "load balancer" && name.starts_with("internal-") {
        "cannot begin with 'internal-'".to_owned()
    } else {
        return Ok(());
    };
    let mut kind = kind.to_owned();
    kind[..1].make_ascii_uppercase();
    Err(validation(format!("{kind} name '{name}' {fault}")))
}

/// The hosted zone ids that Route 53 aliases of network load balancers need. Regions that are not listed get an id that
/// is made up.
const NETWORK_ZONES: &[(&str, &str)] = &[
    ("us-east-1", "Z26RNL4JYFTOTI"),
    ("us-east-2", "ZLMOA37VPKANP"),
    ("us-west-1", "Z24FKFUX50B4VW"),
    ("us-west-2", "Z18D5FSROUN65G"),
    ("ca-central-1", "Z2EPGBW3API2WT"),
    ("eu-central-1", "Z3F0SRJ5LGBH90"),
    ("eu-north-1", "Z1UDT6IFJ4EJM"),
    ("eu-west-1", "Z2IFOLAFXWLO4F"),
    ("eu-west-2", "ZD4D7Y8KGAS4G"),
    ("eu-west-3", "Z1CMS0P5QUZ6D5"),
    ("ap-northeast-1", "Z31USIVHYNEOWT"),
    ("ap-northeast-2", "ZIBE1TIR4HY56"),
    ("ap-south-1", "ZVDDRBQ08TROA"),
    ("ap-southeast-1", "ZKVM4W9LS7TM"),
    ("ap-southeast-2", "ZCT6FZBF4DROD"),
    ("sa-east-1", "ZTK26PT1VY4CU"),
];

/// The same for application load balancers.
const APPLICATION_ZONES: &[(&str, &str)] = &[
    ("us-east-1", "Z35SXDOTRQ7X7K"),
    ("us-east-2", "Z3AADJGX6KTTL2"),
    ("us-west-1", "Z368ELLRRE2KJ0"),
    ("us-west-2", "Z1H1FL5HABSF5"),
    ("eu-central-1", "Z215JYRZR1TBD5"),
    ("eu-west-1", "Z32O12XQLNTSW2"),
    ("ap-northeast-1", "Z14GRHDCWA56QT"),
];

/// The hosted zone in which the name of a load balancer lies, whether there is one of this name or not; `None` of a name
/// that no load balancer can have.
pub(crate) fn hosted_zone_of_name(dns_name: &str) -> Option<String> {
    let rest = dns_name.trim_end_matches('.').strip_suffix(".amazonaws.com")?;
    match rest.split('.').collect::<Vec<_>>()[..] {
        [.., _, "elb", region] => Some(hosted_zone(region, true)),
        [.., _, region, "elb"] => Some(hosted_zone(region, false)),
        _ => None,
    }
}

/// The canonical hosted zone id of load balancers in a region.
pub(super) fn hosted_zone(region: &str, network: bool) -> String {
    let known = if network { NETWORK_ZONES } else { APPLICATION_ZONES };
    let id = known
        .iter()
        .find(|(name, _)| *name == region)
        .map(|(_, id)| (*id).to_owned());
    id.unwrap_or_else(|| format!("Z{}", crate::world::hex_of(&["zone", region])[..13].to_uppercase()))
}
