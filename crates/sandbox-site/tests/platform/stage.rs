//! A platform that is brought up by requests by hand, and visits of it.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sandbox::{PlatformSpec, RecordSet, Sandbox, World};
use bytes::Bytes;
use jitsi_probe::{Report, Roots, Visit, probe};
use sandbox_site::Site;
use serde_json::{Value, json};

/// The domain of the default platform.
pub(crate) const DOMAIN: &str = "meet.sandbox.example";
const CERTIFICATE: &str = "arn:aws:acm:us-west-2:123456789012:certificate/5f3a2b1c-0d9e-4c8b-a7f6-123456789abc";

/// A listener on port 443: its protocol, and the port of its target group.
#[derive(Clone, Copy)]
pub(crate) struct Listener(pub(crate) &'static str, pub(crate) u16);

/// As a platform should have it.
pub(crate) const TLS: Listener = Listener("TLS", 8000);

pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) site: Site,
    pub(crate) spec: PlatformSpec,
}

/// The load balancer, and the target group of its listener on 443.
pub(crate) struct Balancer {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) group: String,
}

/// The default platform at zero, in memory.
pub(crate) fn stage() -> Stage {
    stage_of(Sandbox::new(World::with_platform(&PlatformSpec::default())))
}

pub(crate) fn stage_of(sandbox: Sandbox) -> Stage {
    let site = Site::of(sandbox.clone()).unwrap();
    let spec = PlatformSpec::default();
    Stage { sandbox, site, spec }
}

fn tag(text: &str, name: &str) -> String {
    let (_, rest) = text.split_once(&format!("<{name}>")).unwrap();
    rest.split_once("</").unwrap().0.to_owned()
}

impl Stage {
    async fn call(&self, service: &str, headers: &[(&str, String)], body: String) -> String {
        let signature = format!("AWS4-HMAC-SHA256 Credential=123456789012/20260115/us-west-2/{service}/aws4_request");
        let mut request = http::Request::post("http://aws.example/").header("authorization", signature);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = self
            .sandbox
            .handle(request.body(Bytes::from(body)).unwrap())
            .await
            .unwrap();
        let text = String::from_utf8(answer.body().to_vec()).unwrap();
        assert_eq!(answer.status(), 200, "{text}");
        text
    }

    pub(crate) async fn ecs(&self, operation: &str, input: Value) -> Value {
        let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
        let answer = self.call("ecs", &[("x-amz-target", target)], input.to_string()).await;
        serde_json::from_str(&answer).unwrap()
    }

    pub(crate) async fn elb(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let fields: String = fields.iter().map(|(name, value)| format!("&{name}={value}")).collect();
        let body = format!("Action={action}&Version=2015-12-01{fields}");
        let form = "application/x-www-form-urlencoded".to_owned();
        self.call("elasticloadbalancing", &[("content-type", form)], body).await
    }

    pub(crate) async fn pass(&self, seconds: i64) {
        self.sandbox.advance(seconds * 1000).unwrap();
    }

    /// A load balancer with a listener, to which the domain leads; it is provisioning.
    pub(crate) async fn balancer(&self, Listener(protocol, port): Listener) -> Balancer {
        let asked = json!({ "cluster": self.spec.cluster, "services": [self.spec.service] });
        let service = self.ecs("DescribeServices", asked).await;
        let subnets = &service["services"][0]["networkConfiguration"]["awsvpcConfiguration"]["subnets"];
        let (one, two) = (subnets[0].as_str().unwrap(), subnets[1].as_str().unwrap());
        let fields = [
            ("Name", "jvb"),
            ("Type", "network"),
            ("Subnets.member.1", one),
            ("Subnets.member.2", two),
        ];
        let made = self.elb("CreateLoadBalancer", &fields).await;
        let (arn, name) = (tag(&made, "LoadBalancerArn"), tag(&made, "DNSName"));
        let (vpc, zone) = (tag(&made, "VpcId"), tag(&made, "CanonicalHostedZoneId"));
        let fields = [
            ("LoadBalancerArn", arn.as_str()),
            ("Attributes.member.1.Key", "load_balancing.cross_zone.enabled"),
            ("Attributes.member.1.Value", "true"),
        ];
        self.elb("ModifyLoadBalancerAttributes", &fields).await;
        let port = port.to_string();
        let fields = [
            ("Name", "web"),
            ("Protocol", "TCP"),
            ("Port", &port),
            ("VpcId", &vpc),
            ("TargetType", "ip"),
            ("HealthCheckProtocol", "HTTP"),
            ("HealthCheckPort", "8080"),
            ("HealthCheckPath", "/about/health"),
        ];
        let group = tag(&self.elb("CreateTargetGroup", &fields).await, "TargetGroupArn");
        let mut fields = vec![
            ("LoadBalancerArn", arn.as_str()),
            ("Protocol", protocol),
            ("Port", "443"),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &group),
        ];
        if protocol == "TLS" {
            fields.push(("Certificates.member.1.CertificateArn", CERTIFICATE));
        }
        self.elb("CreateListener", &fields).await;
        let alias = RecordSet::alias(DOMAIN, "A", &zone, &name);
        self.sandbox
            .world(|world| world.put_record("Z0SANDBOX", alias).unwrap());
        Balancer { arn, name, group }
    }

    /// A task, registered; five minutes later it is healthy.
    pub(crate) async fn task(&self, balancer: &Balancer) {
        let cluster = &self.spec.cluster;
        let update = json!({ "cluster": cluster, "service": self.spec.service, "desiredCount": 1 });
        self.ecs("UpdateService", update).await;
        self.pass(30).await;
        let tasks = self.ecs("ListTasks", json!({ "cluster": cluster })).await;
        let asked = json!({ "cluster": cluster, "tasks": tasks["taskArns"] });
        let told = self.ecs("DescribeTasks", asked).await;
        let details: BTreeMap<&str, &str> = told["tasks"][0]["attachments"][0]["details"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (it["name"].as_str().unwrap(), it["value"].as_str().unwrap()))
            .collect();
        let target = details["privateIPv4Address"];
        let fields = [
            ("TargetGroupArn", balancer.group.as_str()),
            ("Targets.member.1.Id", target),
        ];
        self.elb("RegisterTargets", &fields).await;
        self.pass(300).await;
    }

    /// All of it.
    pub(crate) async fn up(&self, listener: Listener) -> Balancer {
        let balancer = self.balancer(listener).await;
        self.pass(180).await;
        self.task(&balancer).await;
        balancer
    }

    pub(crate) fn roots(&self) -> Roots {
        Roots::none().with_certificate(self.site.authority()).unwrap()
    }

    /// A visitor who trusts the site's authority.
    pub(crate) async fn visit(&self) -> Report {
        self.visit_of(Visit::of(DOMAIN, self.roots(), self.sandbox.now())).await
    }

    pub(crate) async fn visit_of(&self, visit: Visit) -> Report {
        let report = probe(&self.site, &visit).await;
        assert!(report.took < Duration::from_secs(16), "{:?}", report.took);
        report
    }
}
