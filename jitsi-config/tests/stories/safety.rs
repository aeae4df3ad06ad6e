//! Who may have written the file that decides which account is changed.

use std::os::unix::fs::{MetadataExt, chown, symlink};

use crate::scene::{Scene, mode};

const A_DOMAIN: &str = "[defaults]\ndomain = \"meet.example.org\"\n";
const FILE: &str = "repos/jitsi-video-hosting-ops/jitsi.toml";
const FOLDER: &str = "repos/jitsi-video-hosting-ops";

#[test]
fn a_file_that_everyone_can_write_is_refused() {
    let scene = Scene::toml(A_DOMAIN);
    mode(&scene.path(FILE), 0o666);
    insta::assert_snapshot!(scene.told(), @r"
        `/repos/jitsi-video-hosting-ops/jitsi.toml` is writable by everyone, so anyone could choose the account that is changed
          hint: check what it says, then: chmod o-w /repos/jitsi-video-hosting-ops/jitsi.toml
        ");
    assert!(scene.load_all().is_err());
}

#[test]
fn a_file_that_its_group_can_write_is_a_warning() {
    let scene = Scene::toml(A_DOMAIN);
    mode(&scene.path(FILE), 0o664);
    insta::assert_snapshot!(scene.warnings(), @r"
        `/repos/jitsi-video-hosting-ops/jitsi.toml` is writable by its group, whose members can choose the account that is changed
          hint: chmod g-w /repos/jitsi-video-hosting-ops/jitsi.toml
        ");
    mode(&scene.path(FILE), 0o640);
    assert_eq!(scene.warnings(), "");
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    let mut scene = Scene::toml(A_DOMAIN);
    let somebody_else = 54321;
    if scene.surroundings.uid == 0 {
        chown(scene.path(FILE), Some(somebody_else), None).unwrap();
    } else {
        scene.surroundings.uid = somebody_else;
    }
    let owner = scene.path(FILE).metadata().unwrap().uid();
    let you = scene.surroundings.uid;
    let wanted = format!(
        "`/{FILE}` belongs to user {owner}, neither to you (user {you}) nor to root\n  \
         hint: check what it says, then: sudo chown {you} /{FILE}"
    );
    assert_eq!(scene.told(), wanted);
}

#[test]
fn a_file_of_root_is_believed_by_everyone() {
    let mut scene = Scene::toml(A_DOMAIN);
    if scene.surroundings.uid == 0 {
        scene.surroundings.uid = 54321;
        assert!(scene.load().is_ok());
        return;
    }
    // Not root: nothing of ours can belong to root, so a file of the system has to do. It is believed, and only then
    // found not to be a configuration.
    scene.flags.config = Some("/etc/passwd".into());
    assert!(scene.told().contains("/etc/passwd:1: "), "{}", scene.told());
}

#[test]
fn a_folder_in_which_everyone_can_replace_the_file_is_refused() {
    let scene = Scene::toml(A_DOMAIN);
    mode(&scene.path(FOLDER), 0o777);
    insta::assert_snapshot!(scene.told(), @r"
        the folder `/repos/jitsi-video-hosting-ops` is writable by everyone, so anyone could replace the file
          hint: check what the file says, then: chmod o-w /repos/jitsi-video-hosting-ops
        ");
    // With the sticky bit only the owner can.
    mode(&scene.path(FOLDER), 0o1777);
    assert_eq!(scene.warnings(), "");
}

#[test]
fn a_link_is_followed_and_both_its_folder_and_the_file_s_are_looked_at() {
    let scene = Scene::new();
    scene.file("elsewhere/real.toml", A_DOMAIN);
    scene.folder(FOLDER);
    symlink(scene.path("elsewhere/real.toml"), scene.path(FILE)).unwrap();
    assert_eq!(scene.warnings(), "");

    mode(&scene.path(FOLDER), 0o777);
    assert!(
        scene
            .told()
            .contains("the folder `/repos/jitsi-video-hosting-ops` is writable by everyone"),
        "{}",
        scene.told()
    );
    mode(&scene.path(FOLDER), 0o755);
    mode(&scene.path("elsewhere"), 0o777);
    assert!(
        scene.told().contains("the folder `/elsewhere` is writable by everyone"),
        "{}",
        scene.told()
    );
    mode(&scene.path("elsewhere"), 0o755);
    mode(&scene.path("elsewhere/real.toml"), 0o646);
    assert!(
        scene.told().contains("`/elsewhere/real.toml` is writable by everyone"),
        "{}",
        scene.told()
    );
}

#[test]
fn a_hint_can_be_pasted_into_a_shell_also_for_an_awkward_path() {
    let mut scene = Scene::new();
    scene.flags.config = Some(scene.file("my ops; rm -rf/jitsi.toml", A_DOMAIN));
    mode(&scene.path("my ops; rm -rf/jitsi.toml"), 0o666);
    assert!(
        scene.told().ends_with("chmod o-w '/my ops; rm -rf/jitsi.toml'"),
        "{}",
        scene.told()
    );
}

#[test]
fn what_is_no_plain_text_file_of_a_sensible_size_is_refused() {
    let mut scene = Scene::new();
    scene.flags.config = Some(scene.folder("folder"));
    insta::assert_snapshot!(scene.told(), @"`/folder` is not a plain file");
    scene.flags.config = Some("/dev/null".into());
    insta::assert_snapshot!(scene.told(), @"`/dev/null` is not a plain file");
    scene.flags.config = Some(scene.file("large.toml", &"#".repeat(1024 * 1024 + 1)));
    insta::assert_snapshot!(scene.told(), @"`/large.toml` has 1048577 bytes; a configuration has at most 1048576");
    let binary = scene.file("binary.toml", "");
    std::fs::write(&binary, [0xff, 0xfe]).unwrap();
    scene.flags.config = Some(binary);
    insta::assert_snapshot!(scene.told(), @"`/binary.toml` is not UTF-8 text");
}
