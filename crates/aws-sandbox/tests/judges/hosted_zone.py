"""A hosted zone with boto3 alone: records come, are listed, point at a load balancer, and go.

    hosted_zone.py URL      URL: `aws-sandbox serve` with the default platform

moto is no judge here: it knows neither the order of the listing, nor PENDING, nor that a batch is one, nor what an alias is.
"""

import sys

from as_operator import QUICK, Clients, check, refused

NAME = "meet.judged.example."


def network_balancer(aws: Clients) -> dict:
    platform = "jitsi-video-platform"
    services = aws.ecs.describe_services(cluster=f"{platform}-cluster", services=[f"{platform}-service"])["services"]
    subnets = services[0]["networkConfiguration"]["awsvpcConfiguration"]["subnets"]
    return aws.elb.create_load_balancer(Name="judged", Type="network", Subnets=subnets)["LoadBalancers"][0]


def change(aws: Clients, zone: str, changes: list[tuple[str, dict]]) -> dict:
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
    return aws.dns.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]


def records(aws: Clients, zone: str) -> list[dict]:
    pages = aws.dns.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone, PaginationConfig={"PageSize": 2})
    return [record for page in pages for record in page["ResourceRecordSets"]]


def main(url: str) -> None:
    aws = Clients(url)
    made = aws.dns.create_hosted_zone(Name="Judged.example", CallerReference="judged")
    zone = made["HostedZone"]["Id"]
    check(len(made["DelegationSet"]["NameServers"]) == 4, "a zone has four name servers", made)
    named = aws.dns.list_hosted_zones_by_name(DNSName="judged.example", MaxItems="1")["HostedZones"]
    check([it["Id"] for it in named] == [zone], "the zone is found by its name", named)

    balancer = network_balancer(aws)
    target = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        "DNSName": balancer["DNSName"],
        "EvaluateTargetHealth": False,
    }
    alias = {"Name": NAME, "Type": "A", "AliasTarget": target}
    text = {"Name": "*.judged.example", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '"a & b" "<it>"'}]}
    info = change(aws, zone, [("CREATE", alias), ("UPSERT", text)])
    check(info["Status"] == "PENDING", "a change is pending at first", info)
    aws.dns.get_waiter("resource_record_sets_changed").wait(Id=info["Id"], WaiterConfig=QUICK)

    found = records(aws, zone)
    order = [(record["Name"], record["Type"]) for record in found]
    apex = [("judged.example.", "NS"), ("judged.example.", "SOA")]
    check(order == [*apex, ("\\052.judged.example.", "TXT"), (NAME, "A")], "records come in Route 53's order", order)
    check(found[2]["ResourceRecords"] == text["ResourceRecords"], "the text is as it was given", found[2])
    check("TTL" not in found[3] and found[3]["AliasTarget"]["DNSName"] == f"{balancer['DNSName']}.", "the alias", found[3])

    again, bare = [("CREATE", alias)], [("CREATE", {"Name": NAME, "Type": "A"})]
    refused("InvalidChangeBatch", change, aws=aws, zone=zone, changes=again)
    refused("InvalidInput", change, aws=aws, zone=zone, changes=bare)
    refused("NoSuchHostedZone", change, aws=aws, zone="Z0NOWHERE", changes=again)
    change(aws, zone, [("DELETE", found[3]), ("DELETE", found[2])])
    check(len(records(aws, zone)) == 2, "what is listed can be deleted as it is")


if __name__ == "__main__":
    main(sys.argv[1])
