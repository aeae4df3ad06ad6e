//! Image references, and which Jitsi releases they may be.

/// The last release on Docker Hub; later ones are published to GHCR alone (docker-jitsi-meet 52b4ac89, issue #2294).
const LAST_ON_DOCKER_HUB: u32 = 11031;

/// Names of Docker Hub in an image reference; no name means it too.
const DOCKER_HUB: &[&str] = &[
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "registry.hub.docker.com",
];

/// An image reference, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Image<'a> {
    registry: Option<&'a str>,
    /// Without registry and tag: `jitsi/web`.
    pub(super) repository: &'a str,
    tag: Option<&'a str>,
    digest: bool,
}

/// The releases that an image may be, by the number in `stable-11146-2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Releases {
    /// It is none before this one.
    pub(super) least: u32,
    /// It is none after this one.
    pub(super) most: u32,
}

impl<'a> Image<'a> {
    pub(super) fn parse(reference: &'a str) -> Self {
        let (named, digest) = match reference.split_once('@') {
            Some((named, _)) => (named, true),
            None => (reference, false),
        };
        // A colon after the last slash begins the tag; one before it begins a registry's port.
        let (path, tag) = match named.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (named, None),
        };
        let (registry, repository) = match path.split_once('/') {
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
            _ => (None, path),
        };
        Self {
            registry,
            repository,
            tag,
            digest,
        }
    }

    /// The last part of the repository: `web`.
    pub(super) fn name(&self) -> &'a str {
        self.repository.rsplit('/').next().unwrap_or(self.repository)
    }

    /// Whether it is another image tomorrow.
    pub(super) fn is_floating(&self) -> bool {
        !self.digest && matches!(self.tag, None | Some("latest" | "stable" | "unstable"))
    }

    /// Whether it comes from where Jitsi publishes no more.
    pub(super) fn is_frozen(&self) -> bool {
        self.registry.is_none_or(|registry| DOCKER_HUB.contains(&registry)) && self.repository.starts_with("jitsi/")
    }

    /// The release in its tag, `stable-11146-2`, also behind a name of its own: `web-stable-11146-2`.
    pub(super) fn release(&self) -> Option<&'a str> {
        let tag = self.tag?;
        let release = &tag[tag.find("stable-")?..];
        let before = &tag[..tag.len() - release.len()];
        let mut numbers = release.split('-').skip(1);
        let is_number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
        let plain = numbers.next().is_some_and(is_number)
            && numbers.next().is_none_or(is_number)
            && numbers.next().is_none()
            // `unstable-2026-08-01`
            && !before.ends_with(|c: char| c.is_alphanumeric());
        plain.then_some(release)
    }

    pub(super) fn releases(&self) -> Releases {
        let pinned = self
            .release()
            .and_then(|release| release.split('-').nth(1)?.parse().ok());
        let jitsis_stable = !self.digest && self.tag == Some("stable") && self.repository.starts_with("jitsi/");
        match pinned {
            Some(number) => Releases {
                least: number,
                most: number,
            },
            None if jitsis_stable && self.is_frozen() => Releases {
                least: LAST_ON_DOCKER_HUB,
                most: LAST_ON_DOCKER_HUB,
            },
            None if jitsis_stable && self.registry == Some("ghcr.io") => Releases {
                least: LAST_ON_DOCKER_HUB,
                most: u32::MAX,
            },
            None => Releases {
                least: 0,
                most: u32::MAX,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_image_reference_tells_of_its_release() {
        const ANY: (u32, u32) = (0, u32::MAX);
        for (reference, name, floating, frozen, releases) in [
            ("jitsi/web:stable", "web", true, true, (11031, 11031)),
            ("docker.io/jitsi/jvb:stable-9646", "jvb", false, true, (9646, 9646)),
            ("jitsi/web", "web", true, true, ANY),
            ("jitsi/web:unstable", "web", true, true, ANY),
            ("ghcr.io/jitsi/web:stable-11146-2", "web", false, false, (11146, 11146)),
            ("ghcr.io/jitsi/web:stable", "web", true, false, (11031, u32::MAX)),
            ("ghcr.io/jitsi/web:latest", "web", true, false, ANY),
            ("ghcr.io/jitsi/web:stable@sha256:0a", "web", false, false, ANY),
            (
                "ghcr.io/jitsi/web:stable-11146@sha256:0a",
                "web",
                false,
                false,
                (11146, 11146),
            ),
            ("jitsi/web@sha256:0a", "web", false, true, ANY),
            ("localhost:5000/jitsi-web", "jitsi-web", true, false, ANY),
            ("localhost:5000/web:unstable-2026-08-01", "web", false, false, ANY),
            (
                "1.dkr.ecr.us-west-2.amazonaws.com/meet:web-stable-11146-2",
                "meet",
                false,
                false,
                (11146, 11146),
            ),
            (
                "registry.example.org/web:stable-11146-2-branded",
                "web",
                false,
                false,
                ANY,
            ),
            ("registry.example.org/web:stable-", "web", false, false, ANY),
            ("", "", true, false, ANY),
        ] {
            let image = Image::parse(reference);
            let Releases { least, most } = image.releases();
            assert_eq!(
                (image.name(), image.is_floating(), image.is_frozen(), (least, most)),
                (name, floating, frozen, releases),
                "{reference}"
            );
        }
    }
}
