//! Which service and operation a request is for, who sent it, and to which region: everything on one port.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::{ApiError, Request, query, zone_path};
use crate::world::DEFAULT_REGION;

/// The services there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Ecs,
    Ssm,
    Elbv2,
    Sts,
    S3,
    CloudWatch,
    Route53,
    CostExplorer,
}

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// awsJson1.1.
    Json,
    /// awsQuery, with answers in XML.
    Query,
    /// REST with XML: S3.
    Rest,
    /// REST with XML, whose errors are as in the query protocol: Route 53.
    WrappedRest,
    /// awsJson1.0 of a service that was a query service: errors are as in the query protocol.
    SucceedingJson,
    /// Smithy RPC v2 CBOR of such a service.
    Cbor,
}

impl Service {
    /// The name in credential scopes, ARNs and the call log.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::Ecs => "ecs",
            Self::Ssm => "ssm",
            Self::Elbv2 => "elasticloadbalancing",
            Self::Sts => "sts",
            Self::S3 => "s3",
            Self::CloudWatch => "monitoring",
            Self::Route53 => "route53",
            Self::CostExplorer => "ce",
        }
    }

    /// The prefix of its actions in policies.
    pub(crate) fn action_prefix(self) -> &'static str {
        match self {
            Self::CloudWatch => "cloudwatch",
            other => other.signing_name(),
        }
    }

    /// The XML namespace of its answers.
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::Elbv2 => "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/",
            Self::Sts => "https://sts.amazonaws.com/doc/2011-06-15/",
            Self::CloudWatch => "http://monitoring.amazonaws.com/doc/2010-08-01/",
            Self::Route53 => "https://route53.amazonaws.com/doc/2013-04-01/",
            _ => "http://s3.amazonaws.com/doc/2006-03-01/",
        }
    }
}

/// The region that requests of global services are signed for.
const GLOBAL_REGION: &str = "us-east-1";

/// Where a request goes.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) service: Service,
    pub(crate) operation: String,
    /// From the Authorization header or a presigned query; `None`: the request is not signed.
    pub(crate) access_key: Option<String>,
    pub(crate) region: String,
    /// The bucket and key of an S3 request.
    pub(crate) bucket: String,
    pub(crate) key: String,
    /// The hosted zone or change of a Route 53 request.
    pub(crate) id: String,
    /// The parameters of a query request.
    pub(crate) form: BTreeMap<String, String>,
    /// The protocol, where a service speaks several.
    spoken: Option<Protocol>,
}

impl Route {
    /// How the caller speaks.
    pub(crate) fn protocol(&self) -> Protocol {
        self.spoken.unwrap_or(match self.service {
            Service::Ecs | Service::Ssm | Service::CostExplorer => Protocol::Json,
            Service::Elbv2 | Service::Sts | Service::CloudWatch => Protocol::Query,
            Service::S3 => Protocol::Rest,
            Service::Route53 => Protocol::WrappedRest,
        })
    }

    /// Whether the operation changes anything.
    pub(crate) fn mutating(&self) -> bool {
        !["Describe", "List", "Get", "Head"]
            .iter()
            .any(|verb| self.operation.starts_with(verb))
    }

    /// Whether the operation makes something: these take AWS longer.
    pub(crate) fn creating(&self) -> bool {
        self.operation.starts_with("Create") || self.operation.starts_with("Register") && self.service == Service::Ecs
    }
}

/// Finds out where a request goes.
///
/// # Errors
/// When it is for no service of this sandbox.
pub(crate) fn route(request: &Request) -> Result<Route, ApiError> {
    let (access_key, region, signed_for) = credential_scope(request);
    let route = |service, operation: &str, form| Route {
        service,
        operation: operation.to_owned(),
        access_key: access_key.clone(),
        region: region.clone(),
        bucket: String::new(),
        key: String::new(),
        id: String::new(),
        form,
        spoken: None,
    };
    if let Some((prefix, operation)) = request.header("x-amz-target").split_once('.') {
        let service = match prefix {
            "AmazonEC2ContainerServiceV20141113" => Service::Ecs,
            "AmazonSSM" => Service::Ssm,
            "AWSInsightsIndexService" => Service::CostExplorer,
            "GraniteServiceVersion20100801" => {
                return Ok(Route {
                    spoken: Some(Protocol::SucceedingJson),
                    ..route(Service::CloudWatch, operation, BTreeMap::new())
                });
            }
            _ => {
                return Err(ApiError::client(
                    "UnknownOperationException",
                    format!("no service for `{prefix}` here"),
                ));
            }
        };
        return Ok(route(service, operation, BTreeMap::new()));
    }
    if request.path.starts_with("/service/") {
        let operation = request
            .path
            .strip_prefix("/service/GraniteServiceVersion20100801/operation/");
        if let Some(operation) = operation.filter(|_| request.method == "POST") {
            return Ok(Route {
                spoken: Some(Protocol::Cbor),
                ..route(Service::CloudWatch, operation, BTreeMap::new())
            });
        }
        return Err(ApiError::new(
            404,
            "UnknownOperationException",
            format!("no service for `{}` here", request.path),
        ));
    }
    // A bucket could have the name of the version; its requests are signed for S3.
    if signed_for == "route53" || request.path.starts_with(zone_path::VERSION) && signed_for != "s3" {
        let (operation, id) = zone_path::operation(&request.method, &request.path);
        return Ok(Route {
            id,
            region: GLOBAL_REGION.to_owned(),
            ..route(Service::Route53, operation, BTreeMap::new())
        });
    }
    let is_form = request
        .header("content-type")
        .starts_with("application/x-www-form-urlencoded");
    let form = match request.method.as_str() {
        "POST" if is_form => query::parse_form(&request.body),
        "GET" if request.path == "/" => request.query_parameters(),
        _ => BTreeMap::new(),
    };
    if let Some(action) = form.get("Action") {
        let action = action.clone();
        let version = form.get("Version").map_or("", String::as_str);
        let service = match (version, signed_for.as_str()) {
            ("2015-12-01", _) | ("", "elasticloadbalancing") => Service::Elbv2,
            ("2011-06-15", _) | ("", "sts") => Service::Sts,
            ("2010-08-01", _) | ("", "monitoring") => Service::CloudWatch,
            _ => {
                let message = format!("Could not find operation {action} for version {version}");
                return Err(ApiError::client("InvalidAction", message));
            }
        };
        return Ok(route(service, &action, form));
    }
    match signed_for.as_str() {
        "" | "s3" => {
            let (bucket, key) = bucket_and_key(request);
            let operation = s3_operation(request, &bucket, &key);
            Ok(Route {
                bucket,
                key,
                ..route(Service::S3, operation, BTreeMap::new())
            })
        }
        other => Err(ApiError::client(
            "UnknownOperationException",
            format!("no service for `{other}` here"),
        )),
    }
}

/// Access key, region and service of `Credential=AKID/20260115/us-west-2/ecs/aws4_request`.
fn credential_scope(request: &Request) -> (Option<String>, String, String) {
    let header = request.header("authorization");
    let from_header = header.split_once("Credential=").map(|(_, rest)| rest.to_owned());
    let scope = from_header.or_else(|| request.query_parameters().remove("X-Amz-Credential"));
    let Some(scope) = scope else {
        return (None, DEFAULT_REGION.to_owned(), String::new());
    };
    let scope = scope.split([',', ' ']).next().unwrap_or_default();
    // The access key itself has no slash; the region of a request that is signed for several (`*`) is not known.
    let mut parts = scope.split('/');
    let access_key = parts.next().filter(|key| !key.is_empty()).map(str::to_owned);
    let region = parts
        .nth(1)
        .filter(|region| !region.is_empty() && *region != "*")
        .unwrap_or(DEFAULT_REGION);
    (
        access_key,
        region.to_owned(),
        parts.next().unwrap_or_default().to_owned(),
    )
}

/// Virtual-host style where the host says so (`bucket.s3.us-west-2.amazonaws.com`, `bucket.localhost`), else path style.
fn bucket_and_key(request: &Request) -> (String, String) {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let path = request.path.strip_prefix('/').unwrap_or(&request.path);
    let host = request.header("host").split(':').next().unwrap_or_default();
    let by_host = host.strip_suffix(".localhost").or_else(|| {
        let (bucket, rest) = host.split_once(".s3")?;
        (rest.ends_with(".amazonaws.com") && !bucket.is_empty()).then_some(bucket)
    });
    if let Some(bucket) = by_host {
        return (bucket.to_owned(), decode(path));
    }
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    (decode(bucket), decode(key))
}

/// The names of the S3 operations that this sandbox knows; the others are `Unknown`.
fn s3_operation(request: &Request, bucket: &str, key: &str) -> &'static str {
    let query = request.query_parameters();
    let plain = !query.keys().any(|name| SUBRESOURCES.contains(&name.as_str()));
    match (request.method.as_str(), bucket.is_empty(), key.is_empty()) {
        _ if !plain => "Unknown",
        ("GET", true, true) => "ListBuckets",
        ("HEAD", false, true) => "HeadBucket",
        ("PUT", false, true) => "CreateBucket",
        ("DELETE", false, true) => "DeleteBucket",
        ("GET", false, true) if query.get("list-type").is_some_and(|kind| kind == "2") => "ListObjectsV2",
        ("PUT", false, false) if request.headers.contains_key("x-amz-copy-source") => "Unknown",
        ("PUT", false, false) => "PutObject",
        ("GET", false, false) => "GetObject",
        ("HEAD", false, false) => "HeadObject",
        ("DELETE", false, false) => "DeleteObject",
        _ => "Unknown",
    }
}

/// Query parameters that make another operation of a request.
const SUBRESOURCES: &[&str] = &[
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versioning",
    "versions",
    "versionId",
    "website",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        Request {
            method: method.into(),
            path: path.into(),
            query: query.into(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
            body: body.into(),
        }
    }

    #[test]
    fn a_json_request_is_routed_by_its_target() {
        let signed = "AWS4-HMAC-SHA256 Credential=210987654321/20260115/eu-west-1/ecs/aws4_request, SignedHeaders=host";
        let target = ("x-amz-target", "AmazonEC2ContainerServiceV20141113.UpdateService");
        let found = route(&request("POST", "/", &[target, ("authorization", signed)], "{}")).unwrap();
        assert_eq!(
            (found.service, found.operation.as_str()),
            (Service::Ecs, "UpdateService")
        );
        assert_eq!(
            (found.access_key.as_deref(), found.region.as_str()),
            (Some("210987654321"), "eu-west-1")
        );
        assert!(found.mutating() && !found.creating());
    }

    #[test]
    fn a_query_request_is_routed_by_its_version() {
        let form = ("content-type", "application/x-www-form-urlencoded");
        let body = "Action=DescribeLoadBalancers&Version=2015-12-01";
        let found = route(&request("POST", "/", &[form], body)).unwrap();
        assert_eq!(
            (found.service, found.operation.as_str()),
            (Service::Elbv2, "DescribeLoadBalancers")
        );
        let unknown = route(&request("POST", "/", &[form], "Action=Dance&Version=1999-01-01")).unwrap_err();
        assert_eq!(unknown.code, "InvalidAction");
    }

    #[test]
    fn cloudwatch_is_routed_in_each_of_its_protocols() {
        let path = "/service/GraniteServiceVersion20100801/operation/GetMetricData";
        let cbor = route(&request("POST", path, &[], "")).unwrap();
        let form = ("content-type", "application/x-www-form-urlencoded");
        let query = route(&request(
            "POST",
            "/",
            &[form],
            "Action=GetMetricData&Version=2010-08-01",
        ))
        .unwrap();
        assert_eq!((cbor.service, cbor.protocol()), (Service::CloudWatch, Protocol::Cbor));
        assert_eq!(
            (query.service, query.protocol()),
            (Service::CloudWatch, Protocol::Query)
        );
        assert_eq!(
            (cbor.operation.as_str(), query.operation.as_str()),
            ("GetMetricData", "GetMetricData")
        );
        let target = ("x-amz-target", "GraniteServiceVersion20100801.GetMetricData");
        let json = route(&request("POST", "/", &[target], "{}")).unwrap();
        assert_eq!(
            (json.service, json.protocol()),
            (Service::CloudWatch, Protocol::SucceedingJson)
        );
        assert!(route(&request("GET", path, &[], "")).is_err());
    }

    #[test]
    fn a_bucket_stands_in_the_path_or_in_the_host() {
        let path = route(&request("PUT", "/bucket/a%20key/part", &[("host", "127.0.0.1:80")], "")).unwrap();
        assert_eq!(
            (path.bucket.as_str(), path.key.as_str(), path.operation.as_str()),
            ("bucket", "a key/part", "PutObject")
        );
        let host = route(&request(
            "GET",
            "/?list-type=2",
            &[("host", "bucket.s3.us-west-2.amazonaws.com")],
            "",
        ))
        .unwrap();
        assert_eq!(
            (host.bucket.as_str(), host.operation.as_str()),
            ("bucket", "ListObjectsV2")
        );
        let local = route(&request("HEAD", "/", &[("host", "bucket.localhost:4566")], "")).unwrap();
        assert_eq!(
            (local.bucket.as_str(), local.operation.as_str()),
            ("bucket", "HeadBucket")
        );
    }

    #[test]
    fn route_53_is_known_by_its_path_and_belongs_to_no_region() {
        let signed = "AWS4-HMAC-SHA256 Credential=210987654321/20260115/us-east-1/route53/aws4_request";
        for (method, path, operation, id) in [
            ("POST", "/2013-04-01/hostedzone", "CreateHostedZone", ""),
            ("GET", "/2013-04-01/hostedzone?maxitems=1", "ListHostedZones", ""),
            ("GET", "/2013-04-01/hostedzonesbyname", "ListHostedZonesByName", ""),
            ("GET", "/2013-04-01/hostedzone/Z1", "GetHostedZone", "Z1"),
            (
                "POST",
                "/2013-04-01/hostedzone/Z1/rrset/",
                "ChangeResourceRecordSets",
                "Z1",
            ),
            ("GET", "/2013-04-01/hostedzone/Z1/rrset", "ListResourceRecordSets", "Z1"),
            ("GET", "/2013-04-01/change/C1", "GetChange", "C1"),
            ("DELETE", "/2013-04-01/hostedzone/Z1", "Unknown", ""),
        ] {
            let found = route(&request(method, path, &[("authorization", signed)], "")).unwrap();
            assert_eq!((found.service, found.operation.as_str()), (Service::Route53, operation));
            assert_eq!((found.id.as_str(), found.region.as_str()), (id, "us-east-1"));
        }
        let unsigned = route(&request("GET", "/2013-04-01/hostedzone", &[], "")).unwrap();
        assert_eq!((unsigned.service, unsigned.access_key), (Service::Route53, None));
        let bucket = "AWS4-HMAC-SHA256 Credential=210987654321/20260115/us-west-2/s3/aws4_request";
        let found = route(&request(
            "GET",
            "/2013-04-01/hostedzone",
            &[("authorization", bucket)],
            "",
        ))
        .unwrap();
        assert_eq!((found.service, found.bucket.as_str()), (Service::S3, "2013-04-01"));
    }

    #[test]
    fn what_is_for_no_service_is_an_error_and_no_panic() {
        let cbor = request("POST", "/service/Nonsense/operation/GetMetricData", &[], "");
        assert_eq!(route(&cbor).unwrap_err().status, 404);
        assert!(route(&request("POST", "/", &[("x-amz-target", "Nonsense.Dance")], "")).is_err());
        assert_eq!(
            route(&request("BREW", "/pot", &[("authorization", "Credential=")], ""))
                .unwrap()
                .operation,
            "Unknown"
        );
    }
}
