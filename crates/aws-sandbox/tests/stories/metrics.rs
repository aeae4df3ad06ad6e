//! CloudWatch: metrics put and read, over CBOR as the SDK speaks.

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, DimensionFilter, Metric, MetricDataQuery, MetricDatum, MetricStat, ScanBy, StandardUnit, Statistic,
    StatisticSet,
};

use crate::stage::{Stage, code, refusal, seconds, stage};

const NAMESPACE: &str = "Jitsi/JVB";
const NAME: &str = "JVBConferenceCount";

/// Simulated time, so many seconds from now.
fn at(stage: &Stage, seconds: i64) -> DateTime {
    DateTime::from_secs(stage.sandbox.now().as_second() + seconds)
}

fn dimension(name: &str, value: &str) -> Dimension {
    Dimension::builder().name(name).value(value).build()
}

async fn put(stage: &Stage, value: f64, dimensions: &[(&str, &str)]) {
    let dimensions = dimensions.iter().map(|(name, value)| dimension(name, value)).collect();
    let datum = MetricDatum::builder()
        .metric_name(NAME)
        .value(value)
        .unit(StandardUnit::Count);
    let datum = datum.set_dimensions(Some(dimensions)).build();
    let put = stage
        .cloudwatch
        .put_metric_data()
        .namespace(NAMESPACE)
        .metric_data(datum);
    put.send().await.unwrap();
}

/// Seconds before now and the value of each data point of the last hour, oldest first.
async fn read(stage: &Stage, statistic: Statistic, period: i32, dimensions: &[(&str, &str)]) -> Vec<(i64, f64)> {
    let dimensions = dimensions.iter().map(|(name, value)| dimension(name, value)).collect();
    let get = stage
        .cloudwatch
        .get_metric_statistics()
        .namespace(NAMESPACE)
        .metric_name(NAME);
    let get = get.start_time(at(stage, -3_600)).end_time(at(stage, 0)).period(period);
    let read = get
        .set_dimensions(Some(dimensions))
        .statistics(statistic.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(read.label(), Some(NAME));
    let now = stage.sandbox.now().as_second();
    let mut points = Vec::new();
    for point in read.datapoints() {
        let value = match statistic {
            Statistic::Average => point.average(),
            Statistic::Maximum => point.maximum(),
            Statistic::Minimum => point.minimum(),
            Statistic::SampleCount => point.sample_count(),
            _ => point.sum(),
        };
        assert_eq!(point.unit(), Some(&StandardUnit::Count));
        points.push((now - point.timestamp().unwrap().secs(), value.unwrap()));
    }
    points.sort_by_key(|(ago, _)| -ago);
    points
}

#[tokio::test(start_paused = true)]
async fn what_was_put_is_read_by_period_and_statistic() {
    let stage = stage();
    for value in [1.0, 2.0, 6.0] {
        put(&stage, value, &[]).await;
        seconds(10).await;
    }
    seconds(60).await;
    put(&stage, 4.0, &[]).await;
    seconds(60).await;
    let values = async |statistic, period| {
        let points = read(&stage, statistic, period, &[]).await;
        points.into_iter().map(|(_, value)| value).collect::<Vec<_>>()
    };
    assert_eq!(values(Statistic::Sum, 60).await, [9.0, 4.0]);
    assert_eq!(values(Statistic::Average, 60).await, [3.0, 4.0]);
    assert_eq!(values(Statistic::Maximum, 60).await, [6.0, 4.0]);
    assert_eq!(values(Statistic::Minimum, 60).await, [1.0, 4.0]);
    assert_eq!(values(Statistic::SampleCount, 60).await, [3.0, 1.0]);
    assert_eq!(values(Statistic::Sum, 3_600).await, [13.0]);
    let points = read(&stage, Statistic::Sum, 60, &[]).await;
    assert_eq!(
        (points[0].0 - points[1].0, points[0].0 % 60),
        (60, stage.sandbox.now().as_second() % 60)
    );
}

#[tokio::test(start_paused = true)]
async fn a_metric_with_other_dimensions_is_another_metric_and_none_is_no_error() {
    let stage = stage();
    let (one, other) = (
        [("Service", "a"), ("Cluster", "x")],
        [("Service", "b"), ("Cluster", "x")],
    );
    put(&stage, 1.0, &one).await;
    put(&stage, 5.0, &other).await;
    seconds(1).await;
    assert_eq!(read(&stage, Statistic::Sum, 60, &one).await[0].1, 1.0);
    let turned = [("Cluster", "x"), ("Service", "b")];
    assert_eq!(
        read(&stage, Statistic::Sum, 60, &turned).await[0].1,
        5.0,
        "their order does not matter"
    );
    assert!(
        read(&stage, Statistic::Sum, 60, &[]).await.is_empty(),
        "dimensions must match exactly"
    );
    assert!(read(&stage, Statistic::Sum, 60, &[("Service", "a")]).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn data_can_be_put_as_sets_and_lists_and_large_ones_come_compressed() {
    let stage = stage();
    let set = StatisticSet::builder()
        .sample_count(4.0)
        .sum(10.0)
        .minimum(1.0)
        .maximum(7.0)
        .build();
    let many = (0..150).map(f64::from).collect::<Vec<_>>();
    let of = || MetricDatum::builder().metric_name(NAME).unit(StandardUnit::Count);
    let mut data = vec![of().statistic_values(set).build()];
    data.push(
        of().set_values(Some(vec![2.0, 8.0]))
            .set_counts(Some(vec![5.0, 1.0]))
            .build(),
    );
    for _ in 0..20 {
        data.push(of().set_values(Some(many.clone())).build());
    }
    let put = stage.cloudwatch.put_metric_data().namespace(NAMESPACE);
    put.set_metric_data(Some(data)).send().await.unwrap();
    seconds(1).await;
    let one = async |statistic| read(&stage, statistic, 60, &[]).await[0].1;
    assert_eq!(one(Statistic::SampleCount).await, 4.0 + 6.0 + 3_000.0);
    assert_eq!(one(Statistic::Sum).await, 10.0 + 18.0 + 20.0 * 11_175.0);
    assert_eq!(
        (one(Statistic::Minimum).await, one(Statistic::Maximum).await),
        (0.0, 149.0)
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_put_is_refused_as_a_whole() {
    let stage = stage();
    let of = || MetricDatum::builder().metric_name(NAME);
    let put = async |namespace: &str, datum: MetricDatum| {
        let good = of().value(1.0).build();
        let put = stage
            .cloudwatch
            .put_metric_data()
            .namespace(namespace)
            .metric_data(good);
        refusal(put.metric_data(datum).send().await)
    };
    let (status, code, text) = put("AWS/ECS", of().value(1.0).build()).await;
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValue"));
    assert_eq!(text, "The value AWS/ECS for parameter Namespace is invalid.");
    let old = of().value(1.0).timestamp(at(&stage, -15 * 86_400)).build();
    let (_, _, text) = put(NAMESPACE, old).await;
    assert_eq!(
        text,
        "The parameter MetricData.member.2.Timestamp must specify a time within the past two weeks."
    );
    let (_, code, _) = put(NAMESPACE, of().build()).await;
    assert_eq!(code, "MissingParameter");
    let both = of().value(1.0).values(2.0).build();
    assert_eq!(put(NAMESPACE, both).await.1, "InvalidParameterValue");
    let set = StatisticSet::builder()
        .sample_count(1.0)
        .sum(1.0)
        .minimum(1.0)
        .maximum(1.0)
        .build();
    let both = of().value(1.0).statistic_values(set).build();
    assert_eq!(put(NAMESPACE, both).await.1, "InvalidParameterCombination");
    let unequal = of().values(2.0).values(3.0).counts(1.0).build();
    assert_eq!(put(NAMESPACE, unequal).await.1, "InvalidParameterValue");
    let wrong = [
        of().value(f64::NAN).build(),
        of().value(f64::INFINITY).build(),
        of().value(1.0).timestamp(at(&stage, 3 * 3_600)).build(),
        of().value(1.0).unit(StandardUnit::from("Furlongs")).build(),
        of().value(1.0).storage_resolution(7).build(),
    ];
    for datum in wrong {
        assert_eq!(put(NAMESPACE, datum).await.1, "InvalidParameterValue");
    }
    assert!(read(&stage, Statistic::Sum, 60, &[]).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn more_than_1440_data_points_and_impossible_windows_are_refused() {
    let stage = stage();
    let get = |start: i64, end: i64, period: i32| {
        let get = stage
            .cloudwatch
            .get_metric_statistics()
            .namespace(NAMESPACE)
            .metric_name(NAME);
        let get = get
            .start_time(at(&stage, start))
            .end_time(at(&stage, end))
            .period(period);
        get.statistics(Statistic::Sum)
    };
    get(-86_400, 0, 60).send().await.unwrap();
    let (_, code, text) = refusal(get(-86_460, 0, 60).send().await);
    assert_eq!(code, "InvalidParameterCombination");
    assert_eq!(
        text,
        "You have requested up to 1441 datapoints, which exceeds the limit of 1440. You may reduce the datapoints \
         requested by increasing Period, or decreasing the time range."
    );
    for (start, end, period) in [(0, 0, 60), (0, -60, 60), (-60, 0, 61), (-60, 0, 0), (-60, 0, -60)] {
        let refused = refusal(get(start, end, period).send().await).1;
        assert_eq!(refused, "InvalidParameterValue", "{start} {end} {period}");
    }
    let none = stage
        .cloudwatch
        .get_metric_statistics()
        .namespace(NAMESPACE)
        .metric_name(NAME);
    let none = none.start_time(at(&stage, -60)).end_time(at(&stage, 0)).period(60);
    let error = none.send().await.unwrap_err();
    assert!(
        error
            .as_service_error()
            .unwrap()
            .is_invalid_parameter_combination_exception()
    );
}

#[tokio::test(start_paused = true)]
async fn fine_data_fade_with_age() {
    let stage = stage();
    let datum = MetricDatum::builder()
        .metric_name(NAME)
        .value(1.0)
        .unit(StandardUnit::Count);
    let put = stage.cloudwatch.put_metric_data().namespace(NAMESPACE);
    put.metric_data(datum.storage_resolution(1).build())
        .send()
        .await
        .unwrap();
    seconds(30).await;
    let ago = stage.sandbox.now().as_second();
    let count = async |period: i32| {
        let get = stage
            .cloudwatch
            .get_metric_statistics()
            .namespace(NAMESPACE)
            .metric_name(NAME);
        let get = get
            .start_time(DateTime::from_secs(ago - 60))
            .end_time(DateTime::from_secs(ago + 60));
        get.period(period)
            .statistics(Statistic::Sum)
            .send()
            .await
            .unwrap()
            .datapoints()
            .len()
    };
    assert_eq!((count(1).await, count(60).await), (1, 1));
    stage.sandbox.advance(4 * 3_600_000).unwrap();
    assert_eq!((count(1).await, count(60).await), (0, 1));
    stage.sandbox.advance(16 * 86_400_000).unwrap();
    assert_eq!((count(60).await, count(300).await), (0, 1));
}

fn query(id: &str, namespace: &str, name: &str, statistic: &str) -> MetricDataQuery {
    let metric = Metric::builder().namespace(namespace).metric_name(name).build();
    let stat = MetricStat::builder().metric(metric).period(60).stat(statistic).build();
    MetricDataQuery::builder().id(id).metric_stat(stat).build()
}

#[tokio::test(start_paused = true)]
async fn several_metrics_are_read_in_one_call_newest_first_and_in_pages() {
    let stage = stage();
    for value in 1..=5 {
        put(&stage, f64::from(value), &[]).await;
        seconds(60).await;
    }
    let get = || {
        let get = stage
            .cloudwatch
            .get_metric_data()
            .start_time(at(&stage, -600))
            .end_time(at(&stage, 0));
        let get = get.metric_data_queries(query("sum", NAMESPACE, NAME, "Sum"));
        get.metric_data_queries(query("none", NAMESPACE, "Nothing", "Sum"))
    };
    let read = get().send().await.unwrap();
    let (sum, none) = (&read.metric_data_results()[0], &read.metric_data_results()[1]);
    assert_eq!(
        (sum.values(), sum.timestamps().len()),
        (&[5.0, 4.0, 3.0, 2.0, 1.0][..], 5)
    );
    assert_eq!(
        (sum.id(), sum.label(), none.values().len()),
        (Some("sum"), Some(NAME), 0)
    );
    let ascending = get().scan_by(ScanBy::TimestampAscending).max_datapoints(3);
    let first = ascending.clone().send().await.unwrap();
    assert_eq!(first.metric_data_results()[0].values(), [1.0, 2.0, 3.0]);
    assert_eq!(
        first.metric_data_results()[0].status_code().unwrap().as_str(),
        "PartialData"
    );
    let second = ascending.next_token(first.next_token().unwrap()).send().await.unwrap();
    assert_eq!(second.metric_data_results()[0].values(), [4.0, 5.0]);
    assert_eq!(second.next_token(), None);
    assert_eq!(code(get().next_token("nonsense").send().await), "InvalidNextToken");
    assert_eq!(
        code(get().metric_data_queries(query("sum", "a", "b", "Sum")).send().await),
        "ValidationError"
    );
    assert_eq!(
        code(get().metric_data_queries(query("Upper", "a", "b", "Sum")).send().await),
        "ValidationError"
    );
    assert_eq!(
        code(get().metric_data_queries(query("p", "a", "b", "p99")).send().await),
        "ValidationError"
    );
    let expression = MetricDataQuery::builder().id("e").expression("sum * 2").build();
    assert_eq!(
        code(get().metric_data_queries(expression).send().await),
        "ValidationError"
    );
}

#[tokio::test(start_paused = true)]
async fn metrics_are_listed_with_filters_and_pages_while_they_have_data() {
    let stage = stage();
    put(&stage, 1.0, &[("Service", "a")]).await;
    put(&stage, 1.0, &[("Service", "b"), ("Zone", "z")]).await;
    stage.running_task().await;
    let list = || stage.cloudwatch.list_metrics();
    assert_eq!(list().send().await.unwrap().metrics().len(), 3);
    let of = list().namespace(NAMESPACE).metric_name(NAME);
    let filter = |name: &str, value: Option<&str>| {
        DimensionFilter::builder()
            .name(name)
            .set_value(value.map(str::to_owned))
            .build()
    };
    assert_eq!(
        of.clone()
            .dimensions(filter("Service", None))
            .send()
            .await
            .unwrap()
            .metrics()
            .len(),
        2
    );
    let found = of
        .clone()
        .dimensions(filter("Service", Some("b")))
        .send()
        .await
        .unwrap();
    assert_eq!(found.metrics()[0].dimensions().len(), 2);
    for batch in 0..6 {
        let datum = |number: i32| {
            let dimension = dimension("N", &format!("{}", batch * 100 + number));
            MetricDatum::builder()
                .metric_name("Many")
                .value(1.0)
                .dimensions(dimension)
                .build()
        };
        let put = stage.cloudwatch.put_metric_data().namespace("Other");
        put.set_metric_data(Some((0..100).map(datum).collect()))
            .send()
            .await
            .unwrap();
    }
    let first = list().namespace("Other").send().await.unwrap();
    let second = list()
        .namespace("Other")
        .next_token(first.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        (first.metrics().len(), second.metrics().len(), second.next_token()),
        (500, 100, None)
    );
    stage.sandbox.advance(15 * 86_400_000).unwrap();
    let left = list().send().await.unwrap();
    assert_eq!(left.metrics()[0].namespace(), Some("AWS/ECS"), "the task still runs");
    assert_eq!(left.metrics().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn ecs_tells_by_its_sample_count_how_many_tasks_ran_each_minute() {
    let stage = stage();
    stage.scale(2).await;
    seconds(600).await;
    stage.scale(1).await;
    seconds(600).await;
    stage.scale(0).await;
    seconds(600).await;
    let get = stage
        .cloudwatch
        .get_metric_statistics()
        .namespace("AWS/ECS")
        .metric_name("CPUUtilization");
    let get = get.dimensions(dimension("ClusterName", &stage.spec.cluster));
    let get = get.dimensions(dimension("ServiceName", &stage.spec.service));
    let get = get.start_time(at(&stage, -2_400)).end_time(at(&stage, 0)).period(60);
    let read = get
        .statistics(Statistic::SampleCount)
        .statistics(Statistic::Average)
        .send()
        .await
        .unwrap();
    let mut points: Vec<_> = read.datapoints().iter().collect();
    points.sort_by_key(|point| point.timestamp().unwrap().secs());
    let counts: Vec<f64> = points.iter().map(|point| point.sample_count().unwrap()).collect();
    // RUNNING from 80 s on: the minutes that end at 120 s and later.
    assert_eq!(counts, [vec![2.0; 9], vec![1.0; 10]].concat());
    assert!(
        points
            .iter()
            .all(|point| point.unit() == Some(&StandardUnit::Percent) && point.average() == Some(5.0))
    );
    let hours: f64 = counts.iter().sum::<f64>() / 60.0;
    assert!((0.46..0.48).contains(&hours), "task-hours: {hours}");
}

#[tokio::test(start_paused = true)]
async fn the_log_names_the_metric() {
    let stage = stage();
    put(&stage, 1.0, &[]).await;
    read(&stage, Statistic::Sum, 60, &[]).await;
    let get = stage
        .cloudwatch
        .get_metric_data()
        .start_time(at(&stage, -60))
        .end_time(at(&stage, 0));
    get.metric_data_queries(query("q", NAMESPACE, NAME, "Sum"))
        .send()
        .await
        .unwrap();
    for (call, mutating) in stage.sandbox.calls().iter().zip([true, false, false]) {
        assert_eq!(
            (call.resource.as_str(), call.mutating),
            ("Jitsi/JVB JVBConferenceCount", mutating)
        );
    }
}
