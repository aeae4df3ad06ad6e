//! Tokens for platforms that are closed to strangers.

use crate::scene::Scene;

fn with(lines: &str) -> Scene {
    Scene::toml(&format!(
        "[profiles.ops]\ndomain = \"meet.example.org\"\n[profiles.ops.jwt]\n{lines}\n"
    ))
}

#[test]
fn a_token_is_made_of_an_issuer_and_a_secret_that_is_kept_elsewhere() {
    let scene = with("app_id = \"club\"\nsecret_parameter = \"/jitsi/jwt-secret\"");
    let jwt = scene.platform().jwt.unwrap();
    assert_eq!((jwt.app_id.as_str(), jwt.audience.as_str()), ("club", "club"));
    assert_eq!(jwt.secret_parameter.as_str(), "/jitsi/jwt-secret");
    assert_eq!(scene.warnings(), "");
    let scene = with("app_id = \"club\"\naudience = \"jitsi\"\nsecret_parameter = \"jwt\"");
    assert_eq!(scene.platform().jwt.unwrap().audience.as_str(), "jitsi");
    let open = Scene::toml("[profiles.ops]\ndomain = \"meet.example.org\"\n");
    assert_eq!(open.platform().jwt, None);
}

#[test]
fn half_of_what_makes_a_token_is_refused() {
    insta::assert_snapshot!(with("secret_parameter = \"/jitsi/jwt-secret\"").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:4: `profiles.ops.jwt.secret_parameter`: a token needs an issuer, and there is no `jwt.app_id`
          hint: set `jwt.app_id` to the platform's `JWT_APP_ID`
        ");
    insta::assert_snapshot!(with("app_id = \"club\"").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:4: `profiles.ops.jwt.app_id`: a token needs a secret, and there is no `jwt.secret_parameter`
          hint: set `jwt.secret_parameter` to the SSM parameter that has the platform's `JWT_APP_SECRET`
        ");
}

#[test]
fn an_audience_alone_is_told() {
    insta::assert_snapshot!(with("audience = \"jitsi\"").warnings(), @r"
        `jwt.audience` is set, but there is no `jwt.app_id`
          hint: set `jwt.app_id` and `jwt.secret_parameter`, or remove `jwt.audience`
        ");
}
