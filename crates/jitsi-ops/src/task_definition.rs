//! A task definition as plain values: what a task would be made of.

use std::collections::BTreeMap;

/// The parts of a task definition that preflight and the lint need.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskDefinition {
    /// Its ARN, with the revision.
    pub arn: String,
    /// Family and revision, `jitsi-task:7`.
    pub name: String,
    /// CPU units of the task, 1024 to the vCPU.
    pub cpu: Option<u32>,
    /// Memory of the task, in MiB.
    pub memory: Option<u32>,
    /// Ephemeral storage of the task in GiB, where it is another than the 20 that every task has.
    pub storage_gib: Option<u32>,
    /// Whether it asks for an ARM processor.
    pub arm: bool,
    /// Its containers, in their order.
    pub containers: Vec<ContainerDefinition>,
    /// SSM parameters from which containers take secrets, as they stand there: names or ARNs.
    pub parameters: Vec<String>,
    /// Secrets that come from elsewhere (Secrets Manager), which preflight does not check.
    pub other_secrets: Vec<String>,
}

/// A revision that this run has registered and that the service does not use yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its ARN.
    pub arn: String,
    /// The ARN of the revision that it was made from.
    pub from: String,
    /// The container whose variables were set.
    pub container: String,
    /// These, by name.
    pub variables: BTreeMap<String, String>,
}

/// One container of a task definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerDefinition {
    /// Its name.
    pub name: String,
    /// The image reference, as it stands there.
    pub image: String,
    /// Whether the task stops when it stops.
    pub essential: bool,
    /// The ports that it declares.
    pub ports: Vec<Port>,
    /// Its plain variables. `None`: the value is a secret by its looks, and was not kept.
    pub environment: BTreeMap<String, Option<String>>,
    /// Whether it may have variables beside these: from environment files, or from a command or entry point of its own.
    pub other_environment: bool,
    /// Its variables that come from a secret store.
    pub secrets: Vec<SecretVariable>,
    /// The command of its health check, where it has one.
    pub health_check: Option<Vec<String>>,
    /// The hard limit of its memory, in MiB.
    pub memory: Option<u32>,
}

/// A port that a container declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// 1 to 65535; 0 where a range is declared instead.
    pub number: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// A variable that comes from a secret store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVariable {
    /// The variable.
    pub variable: String,
    /// `valueFrom`: the name or ARN of an SSM parameter, or the ARN of a secret.
    pub reference: String,
}

/// How names of variables end whose values are nobody's business.
const SECRET_ENDINGS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "_PASS",
    "_PW",
    "BINDPW",
    "SECRET",
    "TOKEN",
    "KEY",
    "CREDENTIAL",
    "CREDENTIALS",
];

impl ContainerDefinition {
    /// What may be kept of a variable's value: all of it, unless it is a secret by its name, or carries a password.
    pub fn keep(variable: &str, value: &str) -> Option<String> {
        let name = variable.to_ascii_uppercase();
        let by_name = SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending)) && !name.ends_with("PUBLIC_KEY");
        // `postgres://user:password@host`
        let by_value = value.split_once("://").is_some_and(|(_, rest)| {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
            authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
        });
        let secret = !value.trim().is_empty() && (by_name || by_value);
        (!secret).then(|| value.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::ContainerDefinition;

    #[test]
    fn values_of_variables_that_look_secret_are_not_kept() {
        for (variable, value) in [
            ("JVB_AUTH_PASSWORD", "hush"),
            ("JWT_APP_SECRET", "hush"),
            ("AWS_SECRET_ACCESS_KEY", "hush"),
            ("ldap_bindpw", "hush"),
            ("TURN_CREDENTIALS", "hush"),
            ("DATABASE_URL", "postgres://jitsi:hush@db.example.org/x?y=z"),
        ] {
            assert_eq!(ContainerDefinition::keep(variable, value), None, "{variable}");
        }
        for (variable, value) in [
            ("JVB_PORT", "10000"),
            ("JVB_AUTH_PASSWORD", ""),
            ("JWT_TOKEN_AUTH_MODULE", "token_verification"),
            ("JWT_ASAP_KEYSERVER", "https://keys.example.org/"),
            ("SSH_PUBLIC_KEY", "ssh-ed25519 AAAA"),
            ("XMPP_BOSH_URL_BASE", "http://127.0.0.1:5280"),
            ("PUBLIC_URL", "https://meet.example.org/a:b@c"),
        ] {
            assert_eq!(
                ContainerDefinition::keep(variable, value).as_deref(),
                Some(value),
                "{variable}"
            );
        }
    }
}
