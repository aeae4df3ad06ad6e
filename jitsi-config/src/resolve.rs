//! From settled texts to the typed platform, and the rules that take two keys to judge.

use std::str::FromStr;

use crate::aws_values::{AccountId, EipAllocationId, Region, SubnetId};
use crate::certificate::CertificateArn;
use crate::cost::{Money, StatedPrices};
use crate::guard::{Guard, GuardSource};
use crate::jwt::{Jwt, JwtName};
use crate::listener::{Listener, Protocol};
use crate::metric::GuardMetric;
use crate::origin::Origin;
use crate::platform::{Advertise, Dns, Nlb, Platform};
use crate::problem::{Malformed, Problem};
use crate::settings::{Settings, Subject, Value};

/// Makes the typed platform and judges what takes two keys. `None` exactly when something is wrong, here or in `settings`.
pub(crate) fn build(
    profile: Option<&str>,
    settings: &Settings,
    subject: &Subject,
    problems: &mut Vec<Problem>,
) -> Option<Platform> {
    let before = problems.len();
    problems.extend(settings.problems.iter().cloned());
    let mut read = Reader {
        settings,
        subject,
        problems,
    };
    let domain = read.text("domain");
    let aws_profile = read.optional("aws_profile");
    let region = read.text("aws_region");
    let account_id = read.optional("account_id");
    let project_name = read.text("project_name");
    let environment = read.text("environment");
    let cluster_name = read.text("cluster_name");
    let service_name = read.text("service_name");
    let nlb_name = read.text("nlb_name");
    let bucket = read.optional("bucket");
    let allow_multiple_tasks = read.flag("allow_multiple_tasks");
    let listeners = read.list("nlb.listeners");
    let health_check = read.text("nlb.health_check");
    let subnets = read.list("nlb.subnets");
    let eip_allocations = read.list("nlb.eip_allocations");
    let certificate_arn = read.optional("nlb.certificate_arn");
    let advertise = read.text("nlb.advertise");
    let hosted_zone_id = read.optional("dns.hosted_zone_id");
    let record = read.text("dns.record");
    let dns_aws_profile = read.optional("dns.aws_profile");
    let on_down = read.text("dns.on_down");
    let guard = read.guard();
    let jwt = read.jwt();
    let money = read.money();

    if let (Some(certificate), Some(region), Some(account_id)) = (&certificate_arn, &region, &account_id) {
        read.judge_certificate(certificate.as_ref(), region, account_id.as_ref());
    }
    if let (Some(listeners), Some(certificate)) = (&listeners, &certificate_arn) {
        read.judge_tls(listeners, certificate.as_ref());
    }
    if let (Some(listeners), Some(Some(_))) = (&listeners, &hosted_zone_id) {
        read.judge_dns(listeners);
    }
    if let (Some(listeners), Some(Advertise::Nlb)) = (&listeners, advertise) {
        read.judge_advertise(listeners);
    }
    if let (Some(eip_allocations), Some(subnets)) = (&eip_allocations, &subnets) {
        read.judge_addresses(eip_allocations, subnets);
    }
    if problems.len() > before {
        return None;
    }
    let (record, dns_aws_profile, on_down) = (record?, dns_aws_profile?, on_down?);
    Some(Platform {
        profile: profile.map(str::to_owned),
        domain: domain?,
        aws_profile: aws_profile?,
        region: region?,
        account_id: account_id?,
        project_name: project_name?,
        environment: environment?,
        cluster_name: cluster_name?,
        service_name: service_name?,
        nlb_name: nlb_name?,
        bucket: bucket?,
        allow_multiple_tasks: allow_multiple_tasks?,
        nlb: Nlb {
            listeners: listeners?,
            health_check: health_check?,
            subnets: subnets?,
            eip_allocations: eip_allocations?,
            certificate_arn: certificate_arn?,
            advertise: advertise?,
        },
        dns: hosted_zone_id?.map(|hosted_zone_id| Dns {
            hosted_zone_id,
            record,
            aws_profile: dns_aws_profile,
            on_down,
        }),
        guard: guard?,
        jwt: jwt?,
        money: money?,
        origins: settings.origins(),
    })
}

/// Reads typed values. An outer `None` is a bad value, which has been reported; an inner one is an absent value.
struct Reader<'r> {
    settings: &'r Settings,
    subject: &'r Subject,
    problems: &'r mut Vec<Problem>,
}

impl Reader<'_> {
    fn optional<T: FromStr<Err = Malformed>>(&mut self, path: &'static str) -> Option<Option<T>> {
        match &self.settings.get(path).value {
            Value::Text(text) => self.parse(path, None, text).map(Some),
            Value::Absent => Some(None),
            Value::Flag(_) | Value::List(_) | Value::Bad => None,
        }
    }

    fn text<T: FromStr<Err = Malformed>>(&mut self, path: &'static str) -> Option<T> {
        self.optional(path).flatten()
    }

    fn flag(&self, path: &'static str) -> Option<bool> {
        match &self.settings.get(path).value {
            Value::Flag(flag) => Some(*flag),
            Value::Text(_) | Value::List(_) | Value::Absent | Value::Bad => None,
        }
    }

    fn list<T: FromStr<Err = Malformed>>(&mut self, path: &'static str) -> Option<Vec<T>> {
        match &self.settings.get(path).value {
            Value::List(items) => items
                .iter()
                .map(|item| self.parse(path, item.line, &item.text))
                .collect(),
            Value::Absent => Some(Vec::new()),
            Value::Text(_) | Value::Flag(_) | Value::Bad => None,
        }
    }

    /// The text passed the check of its key, so this fails only where the table of keys and the platform disagree.
    fn parse<T: FromStr<Err = Malformed>>(&mut self, path: &'static str, line: Option<usize>, text: &str) -> Option<T> {
        let (line, name) = (line.or_else(|| self.line(path)), self.name(path));
        text.parse()
            .map_err(|wrong| self.problems.push(Problem::malformed(line, &name, text, wrong)))
            .ok()
    }

    /// The key as messages call it: by the place where its value stands.
    fn name(&self, path: &'static str) -> String {
        match self.settings.get(path).origin {
            Origin::Flag(source) | Origin::Environment(source) => source.to_owned(),
            Origin::Defaults { .. } => format!("defaults.{path}"),
            Origin::Profile { .. } | Origin::BuiltIn | Origin::Derived { .. } => self.subject.key(path),
        }
    }

    fn line(&self, path: &'static str) -> Option<usize> {
        self.settings.get(path).origin.line()
    }

    fn guard(&mut self) -> Option<Guard> {
        let source = self.text("guard.source");
        let reporter = self.text("guard.reporter");
        let stats_url = self.optional("guard.stats_url");
        let namespace = self.text("guard.cloudwatch_namespace");
        let metric = self.text("guard.cloudwatch_metric");
        let dimensions = self.list("guard.cloudwatch_dimensions");
        if let (Some(GuardSource::StatsUrl), Some(None)) = (source, &stats_url) {
            let line = self.line("guard.source");
            let what = "`stats-url` needs an address, and there is no `guard.stats_url`";
            let hint = "set `guard.stats_url` to where jicofo's `/stats` or the bridge's `/colibri/stats` is answered";
            let problem = Problem::of_key(line, &self.name("guard.source"), what, Some(hint.to_owned()));
            self.problems.push(problem);
        }
        Some(Guard {
            source: source?,
            reporter: reporter?,
            stats_url: stats_url?,
            cloudwatch: GuardMetric {
                namespace: namespace?,
                metric: metric?,
                dimensions: dimensions?,
            },
        })
    }

    /// A token takes an issuer and a secret.
    fn jwt(&mut self) -> Option<Option<Jwt>> {
        let app_id: Option<JwtName> = self.optional("jwt.app_id")?;
        let audience = self.optional("jwt.audience")?;
        let secret = self.optional("jwt.secret_parameter")?;
        let (set, what, hint) = match (app_id, secret) {
            (Some(app_id), Some(secret_parameter)) => {
                let audience = audience.unwrap_or_else(|| app_id.clone());
                return Some(Some(Jwt {
                    app_id,
                    audience,
                    secret_parameter,
                }));
            }
            (None, None) => return Some(None),
            (Some(_), None) => (
                "jwt.app_id",
                "a token needs a secret, and there is no `jwt.secret_parameter`",
                "set `jwt.secret_parameter` to the SSM parameter that has the platform's `JWT_APP_SECRET`",
            ),
            (None, Some(_)) => (
                "jwt.secret_parameter",
                "a token needs an issuer, and there is no `jwt.app_id`",
                "set `jwt.app_id` to the platform's `JWT_APP_ID`",
            ),
        };
        let problem = Problem::of_key(self.line(set), &self.name(set), what, Some(hint.to_owned()));
        self.problems.push(problem);
        None
    }

    fn money(&mut self) -> Option<Money> {
        Some(Money {
            budget: self.optional("cost.budget")?,
            storage_gb: self.optional("cost.storage_gb")?,
            log_gb: self.optional("cost.log_gb")?,
            secrets: self.optional("cost.secrets")?,
            prices: StatedPrices::default(),
        })
    }

    fn judge_tls(&mut self, listeners: &[Listener], certificate: Option<&CertificateArn>) {
        let Some(position) = listeners.iter().position(|listener| listener.protocol == Protocol::Tls) else {
            return;
        };
        if certificate.is_some() {
            return;
        }
        let line = self.item_line("nlb.listeners", position);
        let what = format!(
            "`{}` needs a certificate, and there is no `nlb.certificate_arn`",
            listeners[position]
        );
        let hint = "set `nlb.certificate_arn` to a certificate of ACM in the platform's region".to_owned();
        self.problems
            .push(Problem::of_key(line, &self.name("nlb.listeners"), what, Some(hint)));
    }

    /// A load balancer takes certificates of its own region and account only.
    fn judge_certificate(
        &mut self,
        certificate: Option<&CertificateArn>,
        region: &Region,
        account: Option<&AccountId>,
    ) {
        let Some(certificate) = certificate else {
            return;
        };
        let key = self.name("nlb.certificate_arn");
        let line = self.line("nlb.certificate_arn");
        if let Some(other) = certificate.region().filter(|other| *other != region.as_str()) {
            let what = format!("the certificate is in `{other}`, but the platform in `{region}`");
            let hint = "ask ACM for one in the platform's region".to_owned();
            self.problems.push(Problem::of_key(line, &key, what, Some(hint)));
        }
        let other = certificate.account_id();
        if let Some(account) = account.filter(|account| account.as_str() != other) {
            let what = format!("the certificate belongs to account `{other}`, but `account_id` is `{account}`");
            self.problems.push(Problem::of_key(line, &key, what, None));
        }
    }

    fn judge_dns(&mut self, listeners: &[Listener]) {
        let serves_https = |listener: &Listener| listener.port == 443 && listener.protocol != Protocol::Udp;
        if listeners.iter().any(serves_https) {
            return;
        }
        let line = self.line("dns.hosted_zone_id");
        let what = "the record would point at a load balancer without a listener on port 443";
        let hint = "add `\"tls:443->80\"` (or `\"tcp:443\"`) to `nlb.listeners`, or remove `dns`".to_owned();
        self.problems.push(Problem::of_key(
            line,
            &self.name("dns.hosted_zone_id"),
            what,
            Some(hint),
        ));
    }

    /// The bridge offers the load balancer's addresses with one port.
    fn judge_advertise(&mut self, listeners: &[Listener]) {
        let speaks_udp = |listener: &&Listener| matches!(listener.protocol, Protocol::Udp | Protocol::TcpUdp);
        let found: Vec<String> = listeners
            .iter()
            .filter(speaks_udp)
            .map(|listener| format!("`{listener}`"))
            .collect();
        let (what, hint) = match found.as_slice() {
            [_] => return,
            [] => (
                "`nlb` needs a listener for media, and none speaks UDP".to_owned(),
                "add `\"udp:10000\"` to `nlb.listeners`, or set `nlb.advertise = \"off\"`",
            ),
            several => (
                format!(
                    "`nlb` needs one listener for media, but UDP is spoken by {}",
                    several.join(", ")
                ),
                "leave one of them in `nlb.listeners`, or set `nlb.advertise = \"off\"`",
            ),
        };
        let line = self.line("nlb.advertise");
        let problem = Problem::of_key(line, &self.name("nlb.advertise"), what, Some(hint.to_owned()));
        self.problems.push(problem);
    }

    /// Each address belongs to the subnet at the same position.
    fn judge_addresses(&mut self, addresses: &[EipAllocationId], subnets: &[SubnetId]) {
        let (what, hint) = match (addresses.len(), subnets.len()) {
            (addresses, subnets) if addresses == 0 || addresses == subnets => return,
            (_, 0) => (
                "the addresses belong to subnets, and there is no `nlb.subnets`".to_owned(),
                "set `nlb.subnets`, for each address the subnet at the same position",
            ),
            (addresses, subnets) => (
                format!("the number of addresses is {addresses}, that of `nlb.subnets` {subnets}"),
                "name for each subnet the address at the same position",
            ),
        };
        let line = self.line("nlb.eip_allocations");
        let problem = Problem::of_key(line, &self.name("nlb.eip_allocations"), what, Some(hint.to_owned()));
        self.problems.push(problem);
    }

    fn item_line(&self, path: &'static str, position: usize) -> Option<usize> {
        let setting = self.settings.get(path);
        let Value::List(items) = &setting.value else {
            return None;
        };
        items
            .get(position)
            .and_then(|item| item.line)
            .or_else(|| setting.origin.line())
    }
}
