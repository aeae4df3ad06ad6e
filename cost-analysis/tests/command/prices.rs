//! Which price comes from where, and fetching them from a copy of AWS's list, decoys and all.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use command_stand::{Stand, both, code, json, stderr, stdout};

use crate::COMMAND;

/// Each offer with the file that stands for it.
const OFFERS: [(&str, &str); 7] = [
    ("AmazonECS", "ecs"),
    ("AWSELB", "elb"),
    ("AmazonVPC", "vpc"),
    ("AmazonCloudWatch", "cloud_watch"),
    ("AmazonS3", "s3"),
    ("AWSDataTransfer", "data_transfer"),
    ("AWSSecretsManager", "secrets_manager"),
];

fn sample(name: &str) -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    crates.join(format!("jitsi-cost/tests/price_list/{name}.json"))
}

/// A copy of the list for us-west-2, as AWS lays it out; its folder.
fn copy(stand: &Stand) -> PathBuf {
    for (offer, name) in OFFERS {
        let current = stand.folder(&format!("list/offers/v1.0/aws/{offer}/current"));
        let path = format!("/offers/v1.0/aws/{offer}/current/us-west-2/index.json");
        let index = format!("{{\"regions\": {{\"us-west-2\": {{\"currentVersionUrl\": \"{path}\"}}}}}}");
        fs::write(current.join("region_index.json"), index).unwrap();
        fs::create_dir_all(current.join("us-west-2")).unwrap();
        fs::copy(sample(name), current.join("us-west-2/index.json")).unwrap();
    }
    let zones = stand.folder("list/offers/v1.0/aws/AmazonRoute53/current");
    fs::copy(sample("route53"), zones.join("index.json")).unwrap();
    stand.path().join("list")
}

/// Serves the files of a folder to whoever asks; its URL.
fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap())
                .lines()
                .map_while(Result::ok);
            let asked = lines.next().unwrap_or_default();
            lines.take_while(|line| !line.is_empty()).count();
            let path = asked.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
            let (status, body) = match fs::read(folder.join(path)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&body).unwrap();
        }
    });
    url
}

/// From where the price of an item comes, and the price.
fn priced(stand: &Stand, flags: &[&str], item: &str) -> (String, f64) {
    let document = json(&stand.run(["prices", "--output", "json"].iter().chain(flags)));
    let rows = document["prices"].as_array().unwrap();
    let row = rows.iter().find(|row| row["item"] == item).unwrap();
    let from = row["from"].as_str().unwrap_or("nowhere").to_owned();
    (from, row["usd"].as_f64().unwrap_or(-1.0))
}

#[test]
fn each_price_says_from_where_it_comes() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["prices", "--region", "us-west-2"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    insta::assert_snapshot!("prices", stdout(&output));
}

#[test]
fn what_is_configured_beats_what_was_fetched_and_that_what_is_built_in() {
    let stand = Stand::of(COMMAND);
    let flags = ["--region", "us-west-2"];
    assert_eq!(
        priced(&stand, &flags, "application-load-balancer"),
        ("built-in".to_owned(), 0.0225)
    );
    let url = format!("file://{}", copy(&stand).display());
    let output = stand.run(["prices", "update", "--region", "us-west-2", "--url", &url]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(
        stdout(&output).contains("15 prices of us-west-2 fetched"),
        "{}",
        stdout(&output)
    );
    assert_eq!(
        priced(&stand, &flags, "application-load-balancer"),
        ("fetched".to_owned(), 0.0235)
    );
    assert_eq!(priced(&stand, &flags, "archive-storage").0, "nowhere");
    assert_eq!(
        priced(&stand, &["--region", "us-east-1"], "public-address").0,
        "built-in"
    );
    let config = stand.configuration(
        "[profiles.ops]\ndomain = \"meet.example.org\"\n[prices.us-west-2]\n\
         application-load-balancer = { usd = \"0.01\", unit = \"load-balancer-hour\" }\n",
    );
    let flags = ["--config", &config];
    assert_eq!(
        priced(&stand, &flags, "application-load-balancer"),
        ("configuration".to_owned(), 0.01)
    );
    assert_eq!(priced(&stand, &flags, "public-address").0, "fetched");
    // A report says of which day its prices are.
    let report = stand.run([
        "--config", &config, "--hours", "10", "--vcpu", "4", "--memory", "8", "--zones", "2", "--output", "json",
    ]);
    assert_ne!(json(&report)["prices_as_of"], "2026-11-22", "{}", both(&report));
}

#[test]
fn prices_are_fetched_over_http_and_those_of_other_regions_stay() {
    let stand = Stand::of(COMMAND);
    let url = serve(copy(&stand));
    let file = stand.folder(".cache/jitsi-ops").join("prices.json");
    fs::write(
        &file,
        "{\"schema\": \"jitsi-ops/prices/v1\", \"currency\": \"USD\", \"as_of\": \"2026-01-01\", \"regions\": \
         {\"sa-east-1\": [{\"item\": \"public-address\", \"usd\": \"0.006\", \"unit\": \"address-hour\"}]}}",
    )
    .unwrap();
    let output = stand.run(["prices", "update", "--region", "us-west-2", "--url", &url]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert_eq!(
        priced(&stand, &["--region", "us-west-2"], "secret"),
        ("fetched".to_owned(), 0.4)
    );
    assert_eq!(
        priced(&stand, &["--region", "sa-east-1"], "public-address"),
        ("fetched".to_owned(), 0.006)
    );
}

#[test]
fn a_list_that_cannot_be_fetched_or_lacks_the_region_changes_nothing() {
    let stand = Stand::of(COMMAND);
    let folder = copy(&stand);
    let url = format!("file://{}", folder.display());
    let update = |region: &str, url: &str| stand.run(["prices", "update", "--region", region, "--url", url]);
    let nowhere = update("us-west-2", "http://127.0.0.1:1");
    assert_eq!(code(&nowhere), 1);
    assert!(
        stderr(&nowhere).contains("could not be fetched"),
        "{}",
        stderr(&nowhere)
    );
    let no_url = update("us-west-2", "ftp://example.org");
    assert_eq!(code(&no_url), 2, "{}", both(&no_url));
    let elsewhere = update("sa-east-1", &url);
    assert_eq!(code(&elsewhere), 1, "{}", both(&elsewhere));
    assert!(
        stderr(&elsewhere).contains("has no price for the region `sa-east-1`"),
        "{}",
        stderr(&elsewhere)
    );
    fs::write(
        folder.join("offers/v1.0/aws/AWSELB/current/us-west-2/index.json"),
        "{\"offerCode\": ",
    )
    .unwrap();
    let damaged = update("us-west-2", &url);
    assert_eq!(code(&damaged), 1);
    assert!(
        stderr(&damaged).contains("is no file of the price list"),
        "{}",
        stderr(&damaged)
    );
    assert_eq!(priced(&stand, &["--region", "us-west-2"], "secret").0, "built-in");
}

#[test]
fn fetched_prices_that_are_damaged_are_told_and_left_out() {
    let stand = Stand::of(COMMAND);
    let file = stand.folder(".cache/jitsi-ops").join("prices.json");
    fs::write(&file, "{\"schema\": \"jitsi-ops/prices/v1\"").unwrap();
    let output = stand.run(["--sandbox", "--hours", "10"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(
        stderr(&output).contains("are not used: it is damaged"),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("`cost-analysis prices update` fetches them anew"));
}

#[test]
fn prices_have_two_forms_and_a_region_without_any_is_an_error() {
    let stand = Stand::of(COMMAND);
    let csv = stand.run(["prices", "--region", "us-west-2", "--output", "csv"]);
    assert_eq!(code(&csv), 2, "{}", both(&csv));
    let nowhere = stand.run(["prices", "--region", "sa-east-1"]);
    assert_eq!(code(&nowhere), 1, "{}", both(&nowhere));
    assert!(stderr(&nowhere).contains("`cost-analysis prices update --region sa-east-1`"));
    let unnamed = stand.run(["prices"]);
    assert!(
        stderr(&unnamed).contains("`--region us-west-2` is enough"),
        "{}",
        stderr(&unnamed)
    );
}
