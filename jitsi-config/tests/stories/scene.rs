//! A machine in a temporary folder: files, flags and environment, without anything of the machine that runs the tests.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jitsi_config::{ConfigError, Configuration, Configurations, Flags, Platform, Surroundings};
use tempfile::TempDir;

pub(crate) struct Scene {
    root: TempDir,
    pub(crate) flags: Flags,
    pub(crate) surroundings: Surroundings,
}

impl Scene {
    /// The command is started in `/repos/tools/bin`, a folder of the git repository `/repos/tools`.
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let base = root.path().canonicalize().unwrap();
        let surroundings = Surroundings {
            env: Default::default(),
            current_dir: base.join("repos/tools/bin"),
            config_home: Some(base.join("home/.config")),
            uid: Surroundings::of_this_process().uid,
        };
        let scene = Self {
            root,
            flags: Flags::default(),
            surroundings,
        };
        scene.folder("repos/tools/bin");
        scene.folder("repos/tools/.git");
        scene
    }

    /// With this `jitsi.toml` in the ops repository beside the tools.
    pub(crate) fn toml(text: &str) -> Self {
        let scene = Self::new();
        scene.file("repos/jitsi-video-hosting-ops/jitsi.toml", text);
        scene
    }

    /// With this `config.json` in the ops repository beside the tools.
    pub(crate) fn json(text: &str) -> Self {
        let scene = Self::new();
        scene.file("repos/jitsi-video-hosting-ops/config.json", text);
        scene
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.surroundings.env.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn profile(mut self, name: &str) -> Self {
        self.flags.profile = Some(name.to_owned());
        self
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(path)
    }

    /// Makes a folder that only its owner can write, whatever the umask.
    pub(crate) fn folder(&self, path: &str) -> PathBuf {
        let folder = self.path(path);
        fs::create_dir_all(&folder).unwrap();
        let mut made = folder.clone();
        while made.starts_with(self.root.path()) {
            mode(&made, 0o755);
            made.pop();
        }
        folder
    }

    /// Writes a file that only its owner can write, and the folders around it.
    pub(crate) fn file(&self, path: &str, text: &str) -> PathBuf {
        let file = self.path(path);
        self.folder(Path::new(path).parent().unwrap().to_str().unwrap());
        fs::write(&file, text).unwrap();
        mode(&file, 0o644);
        file
    }

    pub(crate) fn load(&self) -> Result<Configuration, ConfigError> {
        jitsi_config::load(&self.flags, &self.surroundings)
    }

    pub(crate) fn load_all(&self) -> Result<Configurations, ConfigError> {
        jitsi_config::load_all(&self.flags, &self.surroundings)
    }

    /// The platform of a configuration that is right.
    pub(crate) fn platform(&self) -> Platform {
        self.load().unwrap_or_else(|error| panic!("{error}")).platform
    }

    /// What is told about a configuration that is wrong, with the temporary folder left out.
    pub(crate) fn told(&self) -> String {
        match self.load() {
            Ok(configuration) => panic!("it was accepted: {configuration:#?}"),
            Err(error) => self.plain(&error.to_string()),
        }
    }

    /// The warnings of a configuration that is right, a line each, with the temporary folder left out.
    pub(crate) fn warnings(&self) -> String {
        let configuration = self.load().unwrap_or_else(|error| panic!("{error}"));
        let lines = configuration.warnings.iter().map(|warning| {
            let hint = warning.hint.as_ref().map(|hint| format!("\n  hint: {hint}"));
            format!("{}{}", warning.message, hint.unwrap_or_default())
        });
        self.plain(&lines.collect::<Vec<_>>().join("\n"))
    }

    /// Where a value came from, with the temporary folder left out.
    pub(crate) fn origin(&self, key: &str) -> String {
        let platform = self.platform();
        self.plain(&platform.origins.get(key).unwrap().origin.to_string())
    }

    pub(crate) fn plain(&self, text: &str) -> String {
        text.replace(self.root.path().canonicalize().unwrap().to_str().unwrap(), "")
    }
}

pub(crate) fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}
