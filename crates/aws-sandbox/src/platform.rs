//! A Jitsi platform at rest: what `scale-up` finds on a fresh sandbox.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clock::Ms;
use crate::s3::Bucket;
use crate::world::{DEFAULT_ACCOUNT, DEFAULT_REGION, Place, World, hex_of};
use crate::{ecs, wire};

/// Names of a platform. The default is the original's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformSpec {
    /// Twelve digits.
    pub account: String,
    /// Such as `us-west-2`.
    pub region: String,
    /// The project: prefix of parameters, bucket and task family.
    pub project: String,
    /// The `Environment` tag.
    pub environment: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub service: String,
    /// The bucket's name; `None`: `<project>-recordings-` and eight hex digits.
    pub bucket: Option<String>,
    /// The subnets of its tasks; none: the first two of the default VPC. Those that do not exist are made.
    pub subnets: Vec<String>,
    /// Elastic addresses that there are, by their allocation ids.
    pub eip_allocations: Vec<String>,
    /// The desired count.
    pub desired: u32,
    /// The hosted zone of its domain, if there is one.
    pub hosted_zone: Option<HostedZoneSpec>,
    /// Whether its task definition has the `meeting-sentinel` container.
    pub sentinel: bool,
}

/// A hosted zone that is there already: name servers, start of authority, and no other records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZoneSpec {
    /// Such as `Z0SANDBOX`.
    pub id: String,
    /// Such as `sandbox.example`.
    pub name: String,
    /// Twelve digits; `None`: the account of the platform.
    pub account: Option<String>,
}

impl Default for HostedZoneSpec {
    /// That of the sandbox's own domain, `meet.sandbox.example`.
    fn default() -> Self {
        Self {
            id: "Z0SANDBOX".to_owned(),
            name: "sandbox.example".to_owned(),
            account: None,
        }
    }
}

impl Default for PlatformSpec {
    fn default() -> Self {
        Self::named("jitsi-video-platform")
    }
}

/// The release whose images the containers run.
const RELEASE: &str = "stable-11146-2";

/// The SecureStrings of a platform, below `/<project>/`.
const SECRETS: &[&str] = &[
    "jicofo_component_secret",
    "jicofo_auth_password",
    "jvb_component_secret",
    "jvb_auth_password",
    "jigasi_auth_password",
];

impl PlatformSpec {
    /// A platform in the default account and region whose names follow from its project.
    pub fn named(project: &str) -> Self {
        Self {
            account: DEFAULT_ACCOUNT.to_owned(),
            region: DEFAULT_REGION.to_owned(),
            project: project.to_owned(),
            environment: "prod".to_owned(),
            cluster: format!("{project}-cluster"),
            service: format!("{project}-service"),
            bucket: None,
            subnets: Vec::new(),
            eip_allocations: Vec::new(),
            desired: 0,
            hosted_zone: Some(HostedZoneSpec::default()),
            sentinel: true,
        }
    }

    /// The ARN of its service, by which controls name it.
    pub fn service_arn(&self) -> String {
        format!(
            "arn:aws:ecs:{}:{}:service/{}/{}",
            self.region, self.account, self.cluster, self.service
        )
    }

    /// The name of its bucket.
    pub fn bucket_name(&self) -> String {
        let digits = &hex_of(&["bucket", &self.account, &self.region, &self.project])[..8];
        self.bucket
            .clone()
            .unwrap_or_else(|| format!("{}-recordings-{digits}", self.project))
    }

    fn place(&self) -> Place {
        Place {
            account: self.account.clone(),
            region: self.region.clone(),
        }
    }

    fn tags(&self) -> Value {
        json!([
            { "key": "Project", "value": self.project },
            { "key": "Environment", "value": self.environment },
            { "key": "Name", "value": self.service },
        ])
    }

    /// The task definition: four Jitsi containers, and the sentinel where it is wanted. Two of the original's five secrets
    /// are not in it, because nothing reads them.
    fn task_definition(&self) -> Value {
        let secret = |name: &str, parameter: &str| {
            let arn = format!(
                "arn:aws:ssm:{}:{}:parameter/{}/{parameter}",
                self.region, self.account, self.project
            );
            json!({ "name": name, "valueFrom": arn })
        };
        let container = |name: &str, image: &str, ports: Value, check: Value, secrets: Value| {
            let mut container = json!({
                "name": name,
                "image": image,
                "essential": name != ecs::SENTINEL,
                "portMappings": ports,
                "secrets": secrets,
                "stopTimeout": 120,
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": format!("/ecs/{}", self.project),
                        "awslogs-region": self.region,
                        "awslogs-stream-prefix": name,
                    },
                },
            });
            if !check.is_null() {
                container["healthCheck"] =
                    json!({ "command": check, "interval": 30, "timeout": 5, "retries": 3, "startPeriod": 60 });
            }
            container
        };
        let jitsi = |name: &str| format!("ghcr.io/jitsi/{name}:{RELEASE}");
        let port = |port: u16, protocol: &str| json!({ "containerPort": port, "protocol": protocol });
        let script = json!(["CMD-SHELL", "/usr/local/bin/healthcheck.sh"]);
        let sentinel = || {
            let image = format!(
                "{}.dkr.ecr.{}.amazonaws.com/meeting-sentinel:1",
                self.account, self.region
            );
            let check = json!(["CMD", "/meeting-sentinel", "--healthy"]);
            container(ecs::SENTINEL, &image, json!([]), check, json!([]))
        };
        let role = |name: &str| format!("arn:aws:iam::{}:role/{}-{name}", self.account, self.project);
        let mut definition = json!({
            "family": format!("{}-task", self.project),
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "4096",
            "memory": "8192",
            "executionRoleArn": role("execution"),
            "taskRoleArn": role("task"),
            "containerDefinitions": [
                container(
                    "jitsi-web", &jitsi("web"), json!([port(8000, "tcp")]),
                    json!(["CMD-SHELL", "curl -f http://localhost:8000/ || exit 1"]), json!([])),
                container(
                    "prosody", &jitsi("prosody"), json!([port(5222, "tcp"), port(5280, "tcp"), port(5347, "tcp")]),
                    script.clone(),
                    json!([
                        secret("JICOFO_AUTH_PASSWORD", SECRETS[1]), secret("JVB_AUTH_PASSWORD", SECRETS[3]),
                        secret("JIGASI_XMPP_PASSWORD", SECRETS[4]),
                    ])),
                container(
                    "jicofo", &jitsi("jicofo"), json!([port(8888, "tcp")]), script.clone(),
                    json!([secret("JICOFO_AUTH_PASSWORD", SECRETS[1])])),
                container(
                    "jvb", &jitsi("jvb"), json!([port(10000, "udp"), port(8080, "tcp")]), script,
                    json!([secret("JVB_AUTH_PASSWORD", SECRETS[3])])),
            ],
            "tags": self.tags(),
        });
        // Without it jicofo answers 404 to its health check.
        definition["containerDefinitions"][2]["environment"] =
            json!([{ "name": "JICOFO_ENABLE_HEALTH_CHECKS", "value": "1" }]);
        let containers = definition["containerDefinitions"].as_array_mut();
        if let Some(containers) = containers.filter(|_| self.sentinel) {
            containers.push(sentinel());
        }
        definition
    }
}

impl World {
    /// A world in which one platform exists.
    pub fn with_platform(spec: &PlatformSpec) -> Self {
        let mut world = Self::new();
        world.add_platform(spec);
        world
    }

    /// Puts a platform in place. What exists already is left as it is.
    ///
    /// # Panics
    /// Never; a part that AWS would refuse (such as a bucket name of another account's) is left out.
    pub fn add_platform(&mut self, spec: &PlatformSpec) {
        let now = self.now_ms();
        let place = spec.place();
        let by = format!("arn:aws:iam::{}:root", spec.account);
        let region = self.region(&place);
        for subnet in &spec.subnets {
            region.network.ensure_subnet(subnet, &spec.region);
        }
        for allocation in &spec.eip_allocations {
            region.network.ensure_elastic_address(allocation, &place);
        }
        for secret in SECRETS {
            let name = format!("/{}/{secret}", spec.project);
            let value = hex_of(&["secret", &spec.account, &name]);
            region.ssm.ensure(&name, "SecureString", &value, now, &by);
        }
        let subnets: Vec<String> = if spec.subnets.is_empty() {
            region
                .network
                .subnets
                .iter()
                .take(2)
                .map(|subnet| subnet.id.clone())
                .collect()
        } else {
            spec.subnets.clone()
        };
        let security_groups = region.network.security_groups.clone();
        let has_cluster = region.ecs.clusters.contains_key(&spec.cluster);
        let has_service = region
            .ecs
            .clusters
            .get(&spec.cluster)
            .is_some_and(|cluster| cluster.services.contains_key(&spec.service));
        let family = format!("{}-task", spec.project);
        let has_definition = region.ecs.task_definition(&family).is_some();
        self.ensure_bucket(spec, &place, now);
        if let Some(zone) = &spec.hosted_zone {
            let account = zone.account.as_ref().unwrap_or(&spec.account);
            self.add_hosted_zone(account, &zone.id, &zone.name);
        }
        if !has_cluster {
            self.make(
                &place,
                "CreateCluster",
                &json!({ "clusterName": spec.cluster, "tags": spec.tags() }),
            );
        }
        if !has_definition {
            self.make(&place, "RegisterTaskDefinition", &spec.task_definition());
        }
        if !has_service {
            let service = json!({
                "cluster": spec.cluster,
                "serviceName": spec.service,
                "taskDefinition": family,
                "desiredCount": spec.desired,
                "launchType": "FARGATE",
                "platformVersion": "LATEST",
                "deploymentConfiguration": { "maximumPercent": 100, "minimumHealthyPercent": 0 },
                "availabilityZoneRebalancing": "DISABLED",
                "networkConfiguration": { "awsvpcConfiguration": {
                    "subnets": subnets, "securityGroups": security_groups, "assignPublicIp": "ENABLED",
                } },
                "tags": spec.tags(),
            });
            self.make(&place, "CreateService", &service);
            if let Some(service) = ecs::service_mut(self, &place, &spec.cluster, &spec.service) {
                // As a service that was made long ago.
                service.primary_mut().complete(now);
            }
        }
    }

    fn ensure_bucket(&mut self, spec: &PlatformSpec, place: &Place, now: Ms) {
        let name = spec.bucket_name();
        let taken = self
            .accounts
            .values()
            .any(|account| account.buckets.contains_key(&name));
        if !taken {
            let account = self.accounts.entry(place.account.clone()).or_default();
            account.buckets.insert(name, Bucket::new(&place.region, now));
        }
    }

    /// Carries out an operation of ECS as the account's owner would have.
    fn make(&mut self, place: &Place, operation: &str, input: &Value) {
        let number = self.reserve_request();
        self.begin_request(number);
        let caller = wire::Caller {
            access_key: place.account.clone(),
            place: place.clone(),
            now: self.now_ms(),
            request_id: String::new(),
            call: None,
        };
        let made = ecs::handle(self, &caller, operation, input.to_string().as_bytes());
        debug_assert!(made.is_ok(), "the platform's {operation} was refused: {made:?}");
    }
}
