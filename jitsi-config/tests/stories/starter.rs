//! The starter file.

use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Command;

use jitsi_config::{KEYS, STARTER, StarterError, load_text, write_starter};

use crate::scene::Scene;

#[test]
fn the_starter_file_is_valid_as_it_stands() {
    let configuration = load_text(Path::new("jitsi.toml"), STARTER, None).unwrap();
    assert_eq!(configuration.platform.domain.as_str(), "meet.example.org");
    assert_eq!(configuration.profiles, ["ops"]);
    assert_eq!(configuration.warnings, []);
}

/// A line that begins with `#` and no blank is a key or a table that is switched off.
fn switched_on(line: &str) -> &str {
    line.strip_prefix('#')
        .filter(|rest| !rest.starts_with(' '))
        .unwrap_or(line)
}

#[test]
fn the_starter_file_is_valid_too_with_everything_in_it_switched_on() {
    // Of the two lists of listeners the one for a certificate stays.
    let text: Vec<&str> = STARTER
        .lines()
        .filter(|line| *line != "listeners = [\"udp:10000\", \"tcp:4443\"]")
        .map(switched_on)
        .collect();
    let configuration = load_text(Path::new("jitsi.toml"), &text.join("\n"), None).unwrap_or_else(|e| panic!("{e}"));
    for shown in &configuration.platform.origins {
        assert!(
            shown.origin.line().is_some(),
            "{} is not in the starter file",
            shown.key
        );
    }
}

#[test]
fn the_starter_file_switches_off_the_values_that_are_built_in() {
    let configuration = load_text(Path::new("jitsi.toml"), STARTER, None).unwrap();
    let bare = load_text(
        Path::new("jitsi.toml"),
        "[defaults]\ndomain = \"meet.example.org\"\n",
        None,
    )
    .unwrap();
    for key in KEYS {
        let value = |of: &jitsi_config::Configuration| of.platform.origins.get(key.path).unwrap().value.clone();
        assert_eq!(value(&configuration), value(&bare), "{}", key.path);
    }
}

#[test]
fn a_starter_file_is_written_so_that_it_is_found_and_believed() {
    let scene = Scene::new();
    let file = scene.path("home/.config/jitsi-ops/jitsi.toml");
    write_starter(&file).unwrap();
    assert_eq!(file.metadata().unwrap().mode() & 0o022, 0);
    assert_eq!(scene.warnings(), "");
    assert_eq!(scene.load().unwrap().file, Some(file));
}

/// The umask belongs to the whole process, so the test runs itself again in a shell that has set it.
#[test]
fn a_starter_file_and_its_folder_are_writable_by_nobody_else_whatever_the_umask() {
    const NAME: &str = "starter::a_starter_file_and_its_folder_are_writable_by_nobody_else_whatever_the_umask";
    const INNER: &str = "WITHOUT_UMASK";
    if std::env::var_os(INNER).is_none() {
        let script = format!("umask 000 && {INNER}=1 exec \"$0\" --exact {NAME}");
        let this_program = std::env::current_exe().unwrap();
        let output = Command::new("sh")
            .arg("-c")
            .arg(script)
            .arg(this_program)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && told.contains("1 passed"), "{told}");
        return;
    }
    let scene = Scene::new();
    let file = scene.path("new/folder/jitsi.toml");
    write_starter(&file).unwrap();
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o644);
    assert_eq!(scene.path("new/folder").metadata().unwrap().mode() & 0o777, 0o755);
}

#[test]
fn a_starter_file_is_never_written_over_anything() {
    let scene = Scene::toml("# precious\n");
    let file = scene.path("repos/jitsi-video-hosting-ops/jitsi.toml");
    assert!(matches!(write_starter(&file), Err(StarterError::Exists(path)) if path == file));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "# precious\n");
    let link = scene.path("link.toml");
    symlink(scene.path("target.toml"), &link).unwrap();
    assert!(matches!(write_starter(&link), Err(StarterError::Exists(_))));
    assert!(!scene.path("target.toml").exists());
}

#[test]
fn a_starter_file_that_cannot_be_written_says_why() {
    let scene = Scene::new();
    scene.file("plain", "");
    let error = write_starter(&scene.path("plain/jitsi.toml")).unwrap_err();
    insta::assert_snapshot!(scene.plain(&error.to_string()), @"cannot write `/plain/jitsi.toml`");
    assert!(std::error::Error::source(&error).is_some());
}
