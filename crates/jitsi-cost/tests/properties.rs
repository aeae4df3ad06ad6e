//! What holds for every use: costs add up, are never negative, and more hours never cost less.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use jiff::Timestamp;
use jitsi_cost::{
    Amounts, Architecture, Item, LoadBalancer, LoadBalancerKind, PriceBook, Running, Span, Task, Total, Usd,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

const REGION: &str = "us-west-2";
/// 2026-10-01T00:00:00Z, in milliseconds.
const OCTOBER: i64 = 1_790_812_800_000;
const MONTH: i64 = 31 * 24 * 3_600_000;

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(OCTOBER + millisecond).unwrap()
}

fn span(from: i64, lasts: i64) -> Span {
    Span {
        from: at(from),
        until: at(from + lasts),
    }
}

fn always() -> Span {
    span(-MONTH, 4 * MONTH)
}

/// One session: a task and a load balancer, each with its life.
#[derive(Clone, Debug)]
struct Session {
    task: Task,
    balancer: LoadBalancer,
    task_life: Span,
    balancer_life: Span,
}

impl Session {
    fn amounts(&self, window: Span) -> Amounts {
        let mut amounts = Amounts::default();
        amounts.add_task(&self.task, self.task_life, window);
        amounts.add_balancer(&self.balancer, self.balancer_life, window);
        amounts
    }
}

fn session() -> impl Strategy<Value = Session> {
    let sizes = (
        1_u32..=16,
        1_u32..=32,
        any::<bool>(),
        20_u32..=200,
        any::<bool>(),
        0_u32..=3,
    );
    // A life begins in the month, and may go on into the next one.
    let lives = (0..MONTH, 0_i64..200 * 3_600_000, 0_i64..200 * 3_600_000);
    (sizes, lives).prop_map(
        |((quarters, gb, arm, storage, public, zones), (from, task_lasts, balancer_lasts))| Session {
            task: Task {
                name: "task".to_owned(),
                cpu_units: Some(quarters * 256),
                memory_mib: Some(gb * 512),
                architecture: Some(if arm { Architecture::Arm } else { Architecture::X86 }),
                storage_gib: Some(storage),
                public_address: Some(public),
            },
            balancer: LoadBalancer {
                name: "nlb".to_owned(),
                kind: LoadBalancerKind::Network,
                public_addresses: Some(zones),
            },
            task_life: span(from, task_lasts),
            balancer_life: span(from, balancer_lasts),
        },
    )
}

fn cost(amounts: &Amounts) -> Usd {
    let cost = PriceBook::built_in().cost(REGION, amounts);
    assert!(cost.total.is_complete(), "{cost:?}");
    cost.total.known().unwrap()
}

/// Sums of quotients of 28 digits agree to far less than a cent.
fn same(one: Usd, other: Usd) -> bool {
    (one.amount() - other.amount()).abs() < Decimal::new(1, 15)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_cost_of_a_month_is_the_sum_of_its_sessions(sessions in prop::collection::vec(session(), 1..12)) {
        let mut all = Amounts::default();
        for session in &sessions {
            all.extend(&session.amounts(always()));
        }
        let each: Usd = sessions.iter().map(|session| cost(&session.amounts(always()))).sum();
        prop_assert!(same(cost(&all), each), "{} and {each}", cost(&all));
    }

    #[test]
    fn a_session_costs_the_same_however_it_is_cut_into_months(session in session(), cut in 0..2 * MONTH) {
        let (before, after) = (span(-MONTH, MONTH + cut), span(cut, 4 * MONTH));
        let parts = cost(&session.amounts(before)) + cost(&session.amounts(after));
        prop_assert!(same(cost(&session.amounts(always())), parts));
    }

    #[test]
    fn one_session_cut_in_two_costs_at_most_an_hour_of_the_load_balancer_more(session in session(), part in 0.0..1.0_f64) {
        // Rounding is per load balancer: two of them that together live as long may be charged for one hour more.
        let life = session.balancer_life;
        let cut = (life.milliseconds() as f64 * part) as i64;
        let middle = at(life.from.as_millisecond() - OCTOBER + cut);
        let balancer = |from, until| {
            let mut amounts = Amounts::default();
            let life = Span { from, until };
            amounts.add_balancer(&session.balancer, life, always());
            cost(&amounts)
        };
        let whole = balancer(life.from, life.until);
        let two = balancer(life.from, middle) + balancer(middle, life.until);
        let (_, hour) = PriceBook::built_in().price(REGION, Item::NetworkLoadBalancer).map(|(l, p)| (l, p.usd)).unwrap();
        let (_, address) = PriceBook::built_in().price(REGION, Item::PublicAddress).map(|(l, p)| (l, p.usd)).unwrap();
        // And a second of each address.
        let more = hour + address * session.balancer.public_addresses.unwrap_or(0);
        prop_assert!(two >= whole || same(two, whole), "{two} < {whole}");
        prop_assert!(two <= whole + more || same(two, whole + more), "{two} > {whole} + {more}");
    }

    #[test]
    fn no_cost_is_negative_and_more_hours_never_cost_less(session in session(), more in 0_i64..50 * 3_600_000, hours in 0_u32..10_000) {
        let shorter = cost(&session.amounts(always()));
        prop_assert!(shorter >= Usd::ZERO);
        let mut longer = session.clone();
        longer.task_life.until += jiff::SignedDuration::from_millis(more);
        longer.balancer_life.until += jiff::SignedDuration::from_millis(more);
        prop_assert!(cost(&longer.amounts(always())) >= shorter);
        let running = Running {
            tasks: vec![session.task],
            load_balancers: vec![session.balancer],
            unseen: Vec::new(),
        };
        let of = |hours: u32| cost(&Amounts::for_hours(&running, hours.into()));
        prop_assert!(of(hours + 1) >= of(hours));
        prop_assert!(matches!(PriceBook::built_in().hourly_cost(REGION, &running).per_hour, Total::Exactly(_)));
    }

    #[test]
    fn more_data_never_costs_less(gb in 0_u32..400_000, more in 0_u32..400_000) {
        let of = |gb: u32| {
            let mut amounts = Amounts::default();
            amounts.add(Item::DataOut, gb.into());
            cost(&amounts)
        };
        prop_assert!(of(gb + more) >= of(gb));
        prop_assert!(of(100) == Usd::ZERO);
    }
}
