//! What is behind the front page of a platform that is up, and what becomes of a request for a conference.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;

use crate::stage::{DOMAIN, Listener, Stage, TLS, stage};
use crate::visitor::CONFERENCE;

/// The ARN of the only task, and whether it is protected.
async fn protected(stage: &Stage) -> (String, bool) {
    let cluster = &stage.spec.cluster;
    let tasks = stage.ecs("ListTasks", json!({ "cluster": cluster })).await;
    let asked = json!({ "cluster": cluster, "tasks": tasks["taskArns"] });
    let told = stage.ecs("GetTaskProtection", asked).await;
    let told: &Value = &told["protectedTasks"][0];
    (
        told["taskArn"].as_str().unwrap().to_owned(),
        told["protectionEnabled"].as_bool().unwrap(),
    )
}

#[tokio::test(start_paused = true)]
async fn behind_the_front_page_are_its_scripts_its_settings_and_prosody() {
    let stage = stage();
    stage.up(TLS).await;
    for (path, kind, part) in [
        ("/", "text/html", "<title>Jitsi Meet</title>"),
        (
            "/libs/lib-jitsi-meet.min.js?v=11146",
            "application/javascript",
            "JitsiMeetJS",
        ),
        ("/libs/app.bundle.min.js?v=11146", "application/javascript", "APP"),
        ("/external_api.js", "application/javascript", "JitsiMeetExternalAPI"),
        ("/http-bind", "text/html", "Now point your BOSH client to this URL"),
        ("/xmpp-websocket", "text/html", "Prosody WebSocket endpoint"),
    ] {
        let told = stage.get(path).await;
        assert_eq!(told.status, 200, "{path}");
        assert!(
            told.head.contains(&format!("content-type: {kind}")),
            "{path}: {}",
            told.head
        );
        assert!(told.body.contains(part), "{path}");
        assert_eq!(told.body.len() > 200 * 1024, path.starts_with("/libs"), "{path}");
    }
    let config = stage.get("/config.js").await.body;
    for line in [
        "config.hosts.domain = 'meet.jitsi';".to_owned(),
        format!("config.bosh = 'https://{DOMAIN}/' + subdir + 'http-bind';"),
        format!("config.websocket = 'wss://{DOMAIN}/' + subdir + 'xmpp-websocket';"),
    ] {
        assert!(config.contains(&line), "{line} is not in {config}");
    }
    assert_eq!(stage.get("/libs/absent.js").await.status, 404);
}

#[tokio::test(start_paused = true)]
async fn only_where_the_task_itself_speaks_tls_its_web_server_wants_nothing_else() {
    for (listener, asks) in [(TLS, false), (Listener("TCP", 8443), true)] {
        let stage = stage();
        stage.up(listener).await;
        let head = stage.get("/").await.head;
        assert_eq!(
            head.contains("strict-transport-security: max-age=63072000"),
            asks,
            "{head}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_websocket_speaks_xmpp_and_nothing_else() {
    let stage = stage();
    stage.up(TLS).await;
    for other in [None, Some("chat")] {
        match stage.websocket("", other).await {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 501),
            _ => panic!("{other:?} is agreed to"),
        }
    }
    let mut talk = stage.talk("").await;
    let address = talk.log_in().await;
    assert!(address.contains("@meet.jitsi/"), "{address}");
    let closed = talk
        .exchange("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", 1)
        .await;
    assert!(closed[0].starts_with("<close"), "{closed:?}");
    assert_eq!(talk.hear().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_conference_that_is_asked_for_makes_its_task_busy_for_less_than_a_minute_and_is_no_meeting() {
    let stage = stage();
    stage.up(TLS).await;
    let mut talk = stage.talk("").await;
    talk.log_in().await;
    let (task, before) = protected(&stage).await;
    assert!(!before, "nobody has asked for anything");
    let told = talk.exchange(CONFERENCE, 1).await.remove(0);
    for part in [
        "type='result'",
        "id='2'",
        "ready='true'",
        "focusjid='focus@auth.meet.jitsi/focus'",
    ] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    stage.pass(10).await;
    assert_eq!(protected(&stage).await, (task.clone(), true));
    stage.pass(40).await;
    assert_eq!(protected(&stage).await, (task, false));
    assert_eq!(stage.sandbox.world(|world| world.meetings()), []);
}

#[tokio::test(start_paused = true)]
async fn when_the_task_is_gone_nobody_answers_for_it() {
    let stage = stage();
    stage.up(TLS).await;
    let mut talk = stage.talk("").await;
    talk.log_in().await;
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.replace_task(&service)).unwrap();
    stage.pass(5).await;
    talk.say(CONFERENCE).await;
    assert_eq!(talk.hear().await, None);
}
