//! The operations of Route 53, which stand in method and path.

/// Every path of Route 53 begins with its version.
pub(super) const VERSION: &str = "/2013-04-01/";

/// The operation of a request, and the id of the hosted zone or change in its path; `Unknown` where this sandbox has none.
pub(super) fn operation(method: &str, path: &str) -> (&'static str, String) {
    let rest = path.strip_prefix(VERSION).unwrap_or_default().trim_end_matches('/');
    let parts: Vec<&str> = rest.split('/').collect();
    let (operation, id) = match (method, &parts[..]) {
        ("POST", ["hostedzone"]) => ("CreateHostedZone", ""),
        ("GET", ["hostedzone"]) => ("ListHostedZones", ""),
        ("GET", ["hostedzonesbyname"]) => ("ListHostedZonesByName", ""),
        ("GET", ["hostedzone", id]) => ("GetHostedZone", *id),
        ("GET", ["hostedzone", id, "rrset"]) => ("ListResourceRecordSets", *id),
        ("POST", ["hostedzone", id, "rrset"]) => ("ChangeResourceRecordSets", *id),
        ("GET", ["change", id]) => ("GetChange", *id),
        _ => ("Unknown", ""),
    };
    (operation, id.to_owned())
}
