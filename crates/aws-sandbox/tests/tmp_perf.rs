use aws_sandbox::{PlatformSpec, World, ideal};
#[test]
fn perf() {
    let spec = PlatformSpec::default();
    let mut world = World::with_platform(&spec);
    world.token_buckets(false);
    let v: serde_json::Value = serde_json::to_value(&world).unwrap();
    println!("fresh state {} bytes", v.to_string().len());
    for id in v.to_string().split('"').filter(|s| s.starts_with("subnet-")).collect::<std::collections::BTreeSet<_>>() { let _ = world.set_free_addresses(id, 1000); }
    for l in ["targets-per-network-load-balancer","targets-per-availability-zone-per-network-load-balancer","targets-per-target-group"] { world.set_limit(l, 10000).unwrap(); }
    for n in [10, 100, 300, 1000] {
        let t = std::time::Instant::now();
        let run = ideal::scale_up(&world, &spec, &[("UDP",10000,"UDP",10000),("TCP",4443,"TCP",4443)], n);
        println!("{n}: {:?} {:?}", run.map(|r| (r.duration_seconds, r.calls)), t.elapsed());
    }
}
