//! The four Jitsi containers of a task definition, and the settings that reach them.

use super::image::{Image, Releases};
use crate::observation::{ContainerDefinition, TaskDefinition};

/// What a container is in a Jitsi.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Web,
    Prosody,
    Jicofo,
    Jvb,
}

impl Role {
    const ALL: [Self; 4] = [Self::Web, Self::Prosody, Self::Jicofo, Self::Jvb];

    fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Prosody => "prosody",
            Self::Jicofo => "jicofo",
            Self::Jvb => "jvb",
        }
    }

    /// `jvb`, `jitsi-jvb`, `docker-jitsi-meet-jvb`.
    fn is_named(self, name: &str) -> bool {
        let prefixes = ["docker-jitsi-meet-", "jitsi-meet-", "jitsi-", "jitsi_"];
        let bare = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix));
        bare.unwrap_or(name) == self.name()
    }

    /// Everybody has an image `web`; nobody else has a `jvb`.
    fn is_image(self, image: &Image<'_>) -> bool {
        self.is_named(image.name()) && (self != Self::Web || image.repository.contains("jitsi"))
    }
}

/// One of the four.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(super) role: Role,
    pub(crate) container: &'a ContainerDefinition,
    pub(super) image: Image<'a>,
}

/// What a container is told by a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting<'a> {
    /// Not there, or empty, which is the same to the images.
    Unset,
    /// This.
    Is(&'a str),
    /// It comes from a secret store, or may come from where the task definition does not show it.
    Unknown,
}

impl<'a> Part<'a> {
    pub(crate) fn name(&self) -> &'a str {
        &self.container.name
    }

    pub(super) fn releases(&self) -> Releases {
        self.image.releases()
    }

    pub(super) fn setting(&self, variable: &str) -> Setting<'a> {
        if self.container.secrets.iter().any(|secret| secret.variable == variable) {
            return Setting::Unknown;
        }
        match self.container.environment.get(variable) {
            Some(Some(value)) if value.trim().is_empty() => Setting::Unset,
            Some(Some(value)) => Setting::Is(value.trim()),
            Some(None) => Setting::Unknown,
            None if self.container.other_environment => Setting::Unknown,
            None => Setting::Unset,
        }
    }
}

/// The Jitsi containers of a task definition; any of them may be missing.
#[derive(Clone, Debug)]
pub(crate) struct Jitsi<'a> {
    /// At most one of each role.
    pub(super) parts: Vec<Part<'a>>,
}

impl<'a> Jitsi<'a> {
    /// Finds them by image, and what is left by container name: mirrors and images of one's own have other names.
    pub(crate) fn of(definition: &'a TaskDefinition) -> Self {
        let images = definition.containers.iter().map(|c| (c, Image::parse(&c.image)));
        let images: Vec<(&ContainerDefinition, Image<'_>)> = images.collect();
        let mut parts: Vec<Part<'a>> = Vec::new();
        for by_image in [true, false] {
            for role in Role::ALL {
                let taken = |c: &ContainerDefinition| parts.iter().any(|p| p.name() == c.name);
                if parts.iter().any(|part| part.role == role) {
                    continue;
                }
                let is_it = |(container, image): &&(&ContainerDefinition, Image<'_>)| {
                    let found = if by_image {
                        role.is_image(image)
                    } else {
                        role.is_named(&container.name)
                    };
                    found && !taken(container)
                };
                if let Some(&(container, image)) = images.iter().find(is_it) {
                    parts.push(Part { role, container, image });
                }
            }
        }
        parts.sort_by_key(|part| part.role as usize);
        Self { parts }
    }

    pub(crate) fn get(&self, role: Role) -> Option<&Part<'a>> {
        self.parts.iter().find(|part| part.role == role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(containers: &[(&str, &str)]) -> Vec<(Role, String)> {
        let containers = containers.iter().map(|(name, image)| ContainerDefinition {
            name: (*name).to_owned(),
            image: (*image).to_owned(),
            ..ContainerDefinition::default()
        });
        let definition = TaskDefinition {
            containers: containers.collect(),
            ..TaskDefinition::default()
        };
        let jitsi = Jitsi::of(&definition);
        jitsi.parts.iter().map(|p| (p.role, p.name().to_owned())).collect()
    }

    #[test]
    fn the_four_are_found_by_image_and_else_by_name() {
        let names = [
            (Role::Web, "front"),
            (Role::Prosody, "prosody"),
            (Role::Jicofo, "focus"),
            (Role::Jvb, "bridge"),
        ];
        assert_eq!(
            found(&[
                ("bridge", "1.dkr.ecr.us-west-2.amazonaws.com/mirror/jitsi-jvb:7"),
                ("web", "example.org/acme/web:7"),
                ("front", "ghcr.io/jitsi/web:stable-11146-2"),
                ("prosody", "example.org/acme/chat:7"),
                ("focus", "jicofo"),
                ("jvb", "example.org/exporter:7"),
            ]),
            names.map(|(role, name)| (role, name.to_owned()))
        );
        assert_eq!(found(&[("nginx", "nginx:1"), ("db", "postgres")]), []);
    }
}
