//! Platforms for the lint: correct ones, and ways to spoil them.

use std::collections::BTreeMap;

use jitsi_ops::lint::{Finding, lint};
use jitsi_ops::observation::{ContainerDefinition, Port, SecretVariable, Service, Tags, TaskDefinition};
use jitsi_ops::wanted::Wanted;

/// All that the lint looks at.
#[derive(Clone)]
pub(super) struct Platform {
    pub(super) definition: TaskDefinition,
    pub(super) service: Service,
    pub(super) wanted: Wanted,
}

/// What a configuration with these listeners and nothing else asks for.
pub(super) fn wanted(nlb: &str) -> Wanted {
    let text = format!("[profiles.ops]\ndomain = \"meet.example.org\"\n{nlb}\n");
    let configuration = jitsi_config::load_text("jitsi.toml".as_ref(), &text, None).unwrap();
    Wanted::of(&configuration.platform, 1, false)
}

/// A listener for the web page, none for media.
pub(super) fn web_only(target: u16) -> Wanted {
    wanted(&format!(
        "nlb.listeners = [\"tls:443->{target}\"]\n\
         nlb.certificate_arn = \"arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\"",
    ))
}

pub(super) fn service() -> Service {
    Service {
        arn: "arn:aws:ecs:us-west-2:123456789012:service/c/s".to_owned(),
        status: "ACTIVE".to_owned(),
        desired: 0,
        running: 0,
        pending: 0,
        task_definition: "jitsi-task:1".to_owned(),
        rollout_state: None,
        rollout_reason: None,
        subnets: Vec::new(),
        public_ip: Some(true),
        minimum_healthy_percent: Some(0),
        maximum_percent: Some(100),
        zone_rebalancing: Some("DISABLED".to_owned()),
        platform_version: None,
        attached_groups: Vec::new(),
        events: Vec::new(),
        tags: Tags::new(),
    }
}

/// A container as `name image ports`, its variables and its secrets.
pub(super) fn container(
    name: &str,
    image: &str,
    ports: &[(u16, &str)],
    variables: &[(&str, &str)],
    secrets: &[&str],
) -> ContainerDefinition {
    let port = |&(number, protocol): &(u16, &str)| Port {
        number,
        protocol: protocol.to_owned(),
    };
    let kept = |&(name, value): &(&str, &str)| (name.to_owned(), ContainerDefinition::keep(name, value));
    ContainerDefinition {
        name: name.to_owned(),
        image: image.to_owned(),
        essential: true,
        ports: ports.iter().map(port).collect(),
        environment: variables.iter().map(kept).collect::<BTreeMap<_, _>>(),
        secrets: secrets.iter().map(|variable| secret(variable)).collect(),
        ..ContainerDefinition::default()
    }
}

pub(super) fn secret(variable: &str) -> SecretVariable {
    let name = variable.to_lowercase();
    SecretVariable {
        variable: variable.to_owned(),
        reference: format!("arn:aws:ssm:us-west-2:123456789012:parameter/jitsi/{name}"),
    }
}

pub(super) fn check(command: &str) -> Option<Vec<String>> {
    Some(vec!["CMD-SHELL".to_owned(), command.to_owned()])
}

/// A platform of one release, with nothing to find.
fn correct(image: impl Fn(&str) -> String, web_port: u16) -> Platform {
    let checked = |mut container: ContainerDefinition, command: &str| {
        container.health_check = check(command);
        container
    };
    let script = "/usr/local/bin/healthcheck.sh";
    let nginx = format!("curl -f http://localhost:{web_port}/ || exit 1");
    let auth = [("ENABLE_AUTH", "1"), ("AUTH_TYPE", "jwt")];
    let jicofo = [
        auth[0],
        auth[1],
        ("JICOFO_ENABLE_HEALTH_CHECKS", "1"),
        ("JICOFO_MAX_MEMORY", "512m"),
    ];
    let jvb = [
        ("JVB_PORT", "10000"),
        ("JVB_ADVERTISE_PRIVATE_CANDIDATES", "false"),
        ("JVB_ADVERTISE_IPS", ""),
        ("COLIBRI_REST_ENABLED", "1"),
        ("VIDEOBRIDGE_MAX_MEMORY", "1024m"),
    ];
    let passwords = [
        "JICOFO_AUTH_PASSWORD",
        "JVB_AUTH_PASSWORD",
        "JIGASI_XMPP_PASSWORD",
        "JWT_APP_SECRET",
    ];
    let containers = vec![
        checked(
            container("jitsi-web", &image("web"), &[(web_port, "tcp")], &auth, &[]),
            &nginx,
        ),
        checked(
            container("prosody", &image("prosody"), &[(5222, "tcp")], &auth, &passwords),
            script,
        ),
        checked(
            container("jicofo", &image("jicofo"), &[], &jicofo, &passwords[..1]),
            script,
        ),
        checked(
            container("jvb", &image("jvb"), &[(10000, "udp")], &jvb, &passwords[1..2]),
            script,
        ),
        container("meeting-sentinel", "ghcr.io/example/meeting-sentinel:1", &[], &[], &[]),
    ];
    Platform {
        definition: TaskDefinition {
            name: "jitsi-task:1".to_owned(),
            cpu: Some(2048),
            memory: Some(4096),
            containers,
            ..TaskDefinition::default()
        },
        service: service(),
        wanted: web_only(web_port),
    }
}

pub(super) fn new() -> Platform {
    correct(|name| format!("ghcr.io/jitsi/{name}:stable-11146-2"), 8000)
}

/// The last generation that listens on 80, mirrored.
pub(super) fn old() -> Platform {
    correct(
        |name| format!("123456789012.dkr.ecr.us-west-2.amazonaws.com/jitsi/{name}:stable-11031"),
        80,
    )
}

impl Platform {
    pub(super) fn findings(&self) -> Vec<Finding> {
        lint(&self.definition, &self.service, &self.wanted)
    }

    pub(super) fn codes(&self) -> Vec<&'static str> {
        self.findings().iter().map(|finding| finding.code).collect()
    }

    pub(super) fn of(&mut self, name: &str) -> &mut ContainerDefinition {
        let mut containers = self.definition.containers.iter_mut();
        containers.find(|container| container.name == name).unwrap()
    }

    pub(super) fn set(&mut self, name: &str, variable: &str, value: &str) {
        let kept = ContainerDefinition::keep(variable, value);
        self.of(name).environment.insert(variable.to_owned(), kept);
    }

    pub(super) fn unset(&mut self, name: &str, variable: &str) {
        self.of(name).environment.remove(variable).unwrap();
    }

    pub(super) fn images(&mut self, image: impl Fn(&str) -> String) {
        for (container, name) in ["jitsi-web", "prosody", "jicofo", "jvb"]
            .iter()
            .zip(["web", "prosody", "jicofo", "jvb"])
        {
            self.of(container).image = image(name);
        }
    }
}
