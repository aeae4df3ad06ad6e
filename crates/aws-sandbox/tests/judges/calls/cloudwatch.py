"""CloudWatch: metrics put and read, in the protocol that boto3 picks (JSON), the one of other SDKs (CBOR) and the oldest.

All of them see the same metrics, so each puts its own. The data have fixed times within the first hour of a fresh
sandbox; moto takes any. Labels are given, because moto makes up its own; metrics are listed that were put once, because moto lists
one for each datum.
"""

from datetime import UTC, datetime, timedelta

from call import Call

BEGINNING = datetime(2026, 1, 15, 18, tzinfo=UTC)
STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]


def minutes(count: float) -> datetime:
    return BEGINNING + timedelta(minutes=count)


def calls(service: str, title: str) -> list[Call]:
    namespace = f"Judged/{title}"

    def call(name: str, operation: str, **args) -> Call:
        return Call(f"{title}: {name}", service, operation, args)

    def put(name: str, *data: dict, **more) -> Call:
        data = [{"MetricName": "Meetings", "Timestamp": minutes(0), "Unit": "Count", **datum} for datum in data]
        return call(name, "PutMetricData", **{"Namespace": namespace, "MetricData": data, **more})

    def read(name: str, **more) -> Call:
        asked = {"Namespace": namespace, "MetricName": "Meetings", "StartTime": minutes(0), "EndTime": minutes(10), "Period": 60}
        return call(name, "GetMetricStatistics", **{**asked, "Statistics": STATISTICS, **more})

    def query(name: str, **more) -> dict:
        metric = {"Namespace": namespace, "MetricName": "Meetings", **more}
        return {"Id": name, "Label": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}

    def data(name: str, *queries: dict, **more) -> Call:
        window = {"StartTime": minutes(0), "EndTime": minutes(10)}
        return call(name, "GetMetricData", **{"MetricDataQueries": list(queries), **window, **more})

    def listed(name: str, **more) -> Call:
        return call(name, "ListMetrics", **{"Namespace": namespace, **more})

    zoned = f"Zoned in {title}"
    zone = [{"Name": "Zone", "Value": "a b&c"}]
    return [
        put("two values of a minute", {"Value": 1.0}, {"Value": 4.0}),
        put("a value of another minute", {"Value": 2.5, "Timestamp": minutes(3)}),
        put("values with counts", {"MetricName": "Many", "Values": [1.0, 3.0], "Counts": [2.0, 1.0]}),
        put("a metric with a dimension", {"MetricName": zoned, "Value": 7.0, "Dimensions": zone}),
        put("no number", {"Value": float("nan")}),
        put("value and values", {"Value": 1.0, "Values": [1.0]}),
        put("counts of another length", {"Values": [1.0, 2.0], "Counts": [1.0]}),
        read("all statistics"),
        read("one statistic by two minutes", Period=120, Statistics=["Sum"], EndTime=minutes(2)),
        read("with a unit", Unit="Count"),
        read("with another unit", Unit="Bytes"),
        read("a metric that is not there", MetricName="Nothing"),
        read("values that were counted", MetricName="Many", Statistics=["Sum", "SampleCount"]),
        read("with dimensions", MetricName=zoned, Dimensions=zone),
        read("before anything was put", StartTime=minutes(-60), EndTime=minutes(-30)),
        read("backwards", StartTime=minutes(10), EndTime=minutes(0)),
        read("without statistics", Statistics=[]),
        data("one metric, newest first", query("meetings")),
        data("two metrics, oldest first", query("meetings"), query("zoned", MetricName=zoned, Dimensions=zone), ScanBy="TimestampAscending"),
        data("a metric without data", query("nothing", MetricName="Nothing")),
        data("no more than asked for", query("meetings"), {**query("hidden"), "ReturnData": False}),
        data("data backwards", query("meetings"), StartTime=minutes(10), EndTime=minutes(0)),
        data("data of no time", query("meetings"), EndTime=minutes(0)),
        data("a query for nothing", {"Id": "empty"}),
        listed("by name", MetricName=zoned),
        listed("by dimension", Dimensions=[{"Name": "Zone"}]),
        listed("by dimension and value", Dimensions=[{"Name": "Zone", "Value": "elsewhere"}]),
    ]


CALLS = [
    *calls("cloudwatch", "json"),
    *calls("cloudwatch over smithy-rpc-v2-cbor", "cbor"),
    *calls("cloudwatch over query", "query"),
]
