"""What an operator's script has at hand: boto3's clients as they come, a way to wait, a way to insist.

Nothing is switched off here (see `side.py` for that): boto3 checks what is sent, retries, and parses as it does for AWS.
"""

import time

import boto3
from botocore.config import Config

REGION = "us-west-2"
PATIENCE_SECONDS = 60
QUICK = {"Delay": 0.05, "MaxAttempts": 1200}
"""For boto3's waiters, whose own pace is that of AWS."""


class Clients:
    """The clients that the scripts use, all at one endpoint."""

    def __init__(self, url: str) -> None:
        def client(service: str):
            return boto3.client(
                service,
                endpoint_url=url,
                region_name=REGION,
                aws_access_key_id="operator",
                aws_secret_access_key="secret",
                config=Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3}),
            )

        self.ecs = client("ecs")
        self.elb = client("elbv2")
        self.ssm = client("ssm")
        self.s3 = client("s3")
        self.sts = client("sts")
        self.dns = client("route53")


class Wrong(Exception):
    """Something is not as AWS would have it."""


def check(holds: bool, what: str, seen=None) -> None:
    if not holds:
        raise Wrong(f"{what}; seen: {seen!r}")


def until(what: str, ask, good=bool):
    """Asks again and again until the answer is good, and gives it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = ask()
        if good(answer):
            return answer
        if time.monotonic() > deadline:
            raise Wrong(f"waited {PATIENCE_SECONDS} s for {what}; seen: {answer!r}")
        time.sleep(0.02)


def refused(code: str, call, **arguments) -> None:
    """Insists that AWS refuses a call with this error code."""
    try:
        answer = call(**arguments)
    except Exception as error:  # whatever boto3 makes of it: the code is what is asked for
        seen = getattr(error, "response", {}).get("Error", {}).get("Code")
        check(seen == code, f"`{code}` was expected", seen or error)
    else:
        raise Wrong(f"`{code}` was expected; seen: {answer!r}")


def private_address(task: dict) -> str | None:
    """The address of a task's network interface, as soon as ECS tells it."""
    for attachment in task.get("attachments", []):
        for detail in attachment.get("details", []):
            if detail["name"] == "privateIPv4Address":
                return detail["value"]
    return None
