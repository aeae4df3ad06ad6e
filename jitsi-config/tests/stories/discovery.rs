//! Where the configuration file is looked for, and in which order.

use std::path::PathBuf;

use crate::scene::Scene;

const A_DOMAIN: &str = "[defaults]\ndomain = \"meet.example.org\"\n";

/// Every place, from the first to the last that counts.
const PLACES: [&str; 5] = [
    "repos/jitsi-video-hosting-ops/jitsi.toml",
    "jitsi-video-hosting-ops/jitsi.toml",
    "repos/tools/jitsi-video-hosting-ops/jitsi.toml",
    "home/.config/jitsi-ops/jitsi.toml",
    "",
];

fn found(scene: &Scene) -> String {
    let file = scene.load().unwrap().file.unwrap();
    scene.plain(file.to_str().unwrap()).trim_start_matches('/').to_owned()
}

#[test]
fn the_ops_repository_lies_beside_the_tools_repository_wherever_one_stands_in_it() {
    for standing_in in ["repos/tools", "repos/tools/bin", "repos/tools/a/b/c/d"] {
        let mut scene = Scene::toml(A_DOMAIN);
        scene.surroundings.current_dir = scene.folder(standing_in);
        assert_eq!(
            found(&scene),
            "repos/jitsi-video-hosting-ops/jitsi.toml",
            "{standing_in}"
        );
    }
}

#[test]
fn a_git_worktree_whose_dot_git_is_a_file_is_a_repository_too() {
    let mut scene = Scene::toml(A_DOMAIN);
    scene.file("repos/worktree/.git", "gitdir: elsewhere\n");
    scene.surroundings.current_dir = scene.folder("repos/worktree/a/b/c");
    assert_eq!(found(&scene), "repos/jitsi-video-hosting-ops/jitsi.toml");
}

#[test]
fn without_a_repository_it_lies_one_or_two_levels_above_the_current_folder() {
    for (standing_in, is_found) in [("plain/a", true), ("plain/a/b", true), ("plain/a/b/c", false)] {
        let mut scene = Scene::new();
        scene.file("plain/jitsi-video-hosting-ops/jitsi.toml", A_DOMAIN);
        scene.surroundings.current_dir = scene.folder(standing_in);
        assert_eq!(scene.load().is_ok(), is_found, "{standing_in}");
    }
}

#[test]
fn of_several_places_the_first_counts() {
    for first in 0..PLACES.len() - 1 {
        let scene = Scene::new();
        for place in &PLACES[first..PLACES.len() - 1] {
            scene.file(place, A_DOMAIN);
        }
        assert_eq!(found(&scene), PLACES[first]);
    }
}

#[test]
fn an_ops_repository_without_a_configuration_file_is_passed_over() {
    let scene = Scene::new();
    scene.file("repos/jitsi-video-hosting-ops/README.md", "later");
    scene.file("home/.config/jitsi-ops/jitsi.toml", A_DOMAIN);
    assert_eq!(found(&scene), "home/.config/jitsi-ops/jitsi.toml");
}

#[test]
fn a_plain_file_where_a_folder_is_looked_for_is_passed_over() {
    let scene = Scene::new();
    scene.file("repos/jitsi-video-hosting-ops", "not a folder");
    scene.file("home/.config/jitsi-ops/jitsi.toml", A_DOMAIN);
    assert_eq!(found(&scene), "home/.config/jitsi-ops/jitsi.toml");
}

#[test]
fn a_named_file_beats_a_named_folder_and_both_beat_the_usual_places() {
    let mut scene = Scene::toml(A_DOMAIN).variable("JITSI_OPS_DIR", "../../../variable");
    scene.file("flag/jitsi.toml", A_DOMAIN);
    scene.file("variable/jitsi.toml", A_DOMAIN);
    scene.file("named.toml", A_DOMAIN);
    assert_eq!(
        scene.load().unwrap().file.unwrap(),
        scene.path("repos/tools/bin/../../../variable/jitsi.toml")
    );
    scene.flags.ops_dir = Some(scene.path("flag"));
    assert_eq!(found(&scene), "flag/jitsi.toml");
    scene.flags.config = Some(scene.path("named.toml"));
    assert_eq!(found(&scene), "named.toml");
}

#[test]
fn an_empty_ops_dir_variable_counts_as_unset() {
    let scene = Scene::toml(A_DOMAIN).variable("JITSI_OPS_DIR", "");
    assert_eq!(found(&scene), "repos/jitsi-video-hosting-ops/jitsi.toml");
}

#[test]
fn what_is_named_must_be_there_even_if_another_file_would_do() {
    let mut scene = Scene::toml(A_DOMAIN).variable("JITSI_DOMAIN", "meet.example.org");
    scene.folder("empty");
    scene.flags.config = Some(PathBuf::from("missing.toml"));
    insta::assert_snapshot!(scene.told(), @r"
        `--config` names `/repos/tools/bin/missing.toml`, which does not exist
          hint: `jitsi-config init` writes a starter file
        ");
    scene.flags.config = None;
    scene.flags.ops_dir = Some(PathBuf::from("/nowhere/at/all"));
    insta::assert_snapshot!(scene.told(), @r"
        `--ops-dir` names `/nowhere/at/all`, which does not exist
          hint: `jitsi-config init` writes a starter `jitsi.toml`
        ");
    scene.flags.ops_dir = Some(scene.path("empty"));
    insta::assert_snapshot!(scene.told(), @r"
        `--ops-dir` names `/empty`, which holds no `jitsi.toml`, `config.json` or `jitsi-config.json`
          hint: `jitsi-config init` writes a starter `jitsi.toml`
        ");
    scene.flags.ops_dir = Some(scene.path("repos/jitsi-video-hosting-ops/jitsi.toml"));
    insta::assert_snapshot!(scene.told(), @r"
        `--ops-dir` names `/repos/jitsi-video-hosting-ops/jitsi.toml`, which is not a folder
          hint: `jitsi-config init` writes a starter `jitsi.toml`
        ");
    scene.flags.ops_dir = None;
    let scene = scene.variable("JITSI_OPS_DIR", "/nowhere/at/all");
    insta::assert_snapshot!(scene.told(), @r"
        `JITSI_OPS_DIR` names `/nowhere/at/all`, which does not exist
          hint: `jitsi-config init` writes a starter `jitsi.toml`
        ");
}

#[test]
fn nothing_found_is_told_with_every_place_that_was_looked_at() {
    let scene = Scene::new();
    insta::assert_snapshot!(scene.told(), @r"
        no configuration was found; looked in `/repos/jitsi-video-hosting-ops`, `/jitsi-video-hosting-ops`, `/repos/tools/jitsi-video-hosting-ops`, `/home/.config/jitsi-ops`
          hint: `jitsi-config init` writes a starter `jitsi.toml`; `--config`, `--ops-dir` or `JITSI_OPS_DIR` name another place; `JITSI_DOMAIN` alone does without a file
        ");
}

#[test]
fn nothing_found_is_enough_when_the_environment_names_the_domain() {
    let scene = Scene::new().variable("JITSI_DOMAIN", "meet.example.org");
    let configuration = scene.load().unwrap();
    assert_eq!(configuration.file, None);
    assert_eq!(configuration.profiles, Vec::<String>::new());
    assert_eq!(configuration.platform.profile, None);
    assert_eq!(configuration.platform.domain.as_str(), "meet.example.org");
    assert_eq!(scene.origin("domain"), "JITSI_DOMAIN");
    assert_eq!(scene.load_all().unwrap().platforms, [configuration.platform]);
}

#[test]
fn jitsi_toml_wins_over_the_json_beside_it_with_a_warning() {
    let scene = Scene::toml(A_DOMAIN);
    scene.file("repos/jitsi-video-hosting-ops/config.json", "{}");
    scene.file("repos/jitsi-video-hosting-ops/jitsi-config.json", "{}");
    assert_eq!(found(&scene), "repos/jitsi-video-hosting-ops/jitsi.toml");
    insta::assert_snapshot!(scene.warnings(), @r"
        `jitsi.toml` is used and `config.json` and `jitsi-config.json` ignored in `/repos/jitsi-video-hosting-ops`
          hint: remove `config.json` and `jitsi-config.json`, so that nobody edits a file in vain
        ");
}

#[test]
fn config_json_comes_before_jitsi_config_json_as_in_the_original() {
    let scene = Scene::json(r#"{"domain": "one.example.org", "aws_profile": "a"}"#);
    assert_eq!(scene.warnings(), "");
    scene.file(
        "repos/jitsi-video-hosting-ops/jitsi-config.json",
        r#"{"domain": "two.example.org", "aws_profile": "a"}"#,
    );
    assert_eq!(scene.platform().domain.as_str(), "one.example.org");
    insta::assert_snapshot!(scene.warnings(), @r"
        `config.json` is used and `jitsi-config.json` ignored in `/repos/jitsi-video-hosting-ops`
          hint: remove `jitsi-config.json`, so that nobody edits a file in vain
        ");
    std::fs::remove_file(scene.path("repos/jitsi-video-hosting-ops/config.json")).unwrap();
    assert_eq!(scene.platform().domain.as_str(), "two.example.org");
}

#[test]
fn a_link_that_leads_nowhere_is_an_error_and_not_an_absence() {
    let scene = Scene::json(r#"{"domain": "meet.example.org", "aws_profile": "a"}"#);
    let link = scene.path("repos/jitsi-video-hosting-ops/jitsi.toml");
    std::os::unix::fs::symlink("gone.toml", link).unwrap();
    insta::assert_snapshot!(scene.told(), @"cannot read `/repos/jitsi-video-hosting-ops/jitsi.toml`: No such file or directory (os error 2)");
}
