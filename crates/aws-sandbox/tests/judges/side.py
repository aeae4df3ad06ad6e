"""One of the two sides, moto or the sandbox: boto3's clients, the names kept so far, and how a call is made.

A side does not judge. What is sent is checked by the service only: boto3's own validation is off, so that bad calls
reach the wire; so are its retries, so that one call is one request.
"""

import re
import time
from contextlib import nullcontext
from unittest import mock

import boto3
import jmespath
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

from call import Call

REGION = "us-west-2"
SETTLE_SECONDS = 20
REFERENCE = re.compile(r"<([a-z0-9_]+)>")


class Unsettled(Exception):
    """A call did not reach the state that the sequence waits for."""


class Side:
    """`names` maps each kept name to this side's own value of it; `deaf_to` are protocols that it does not answer in: there
    it is asked in the one that boto3 picks, for the answer has to be the same."""

    def __init__(self, title: str, url: str, deaf_to: frozenset[str] = frozenset()) -> None:
        self.title = title
        self.url = url
        self.deaf_to = deaf_to
        self.names: dict[str, object] = {}
        self._clients: dict[str, object] = {}

    def client(self, service: str):
        if service not in self._clients:
            name, _, protocol = service.partition(" over ")
            picked = not protocol or protocol in self.deaf_to
            order = "botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS"
            with nullcontext() if picked else mock.patch(order, (protocol,)):
                self._clients[service] = self._new_client(name)
        return self._clients[service]

    def _new_client(self, name: str):
        return boto3.Session().client(
            name,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(
                parameter_validation=False,
                retries={"total_max_attempts": 1, "mode": "standard"},
                connect_timeout=5,
                read_timeout=30,
                s3={"addressing_style": "path"},
            ),
        )

    def fill(self, value):
        """`value` with every `<name>` in it replaced by what this side knows by that name."""
        if isinstance(value, str):
            whole = REFERENCE.fullmatch(value)
            if whole:
                return self.names[whole[1]]
            return REFERENCE.sub(lambda found: str(self.names[found[1]]), value)
        if isinstance(value, dict):
            return {self.fill(key): self.fill(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        return value

    def perform(self, call: Call) -> dict:
        """Makes the call, waits until it is settled, keeps the names; gives the answer with `status`, `code`, `message`."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            answer = self._once(call)
            waiting = (call.retry_on and answer.get("code") == call.retry_on) or (
                call.until and not jmespath.search(call.until, answer["body"])
            )
            if not waiting:
                break
            if time.monotonic() > deadline:
                raise Unsettled(f"{self.title}: `{call.name}` is not settled after {SETTLE_SECONDS} s: {answer}")
            time.sleep(0.05)
        for name, path in call.keep.items():
            value = jmespath.search(path, answer["body"])
            if value is None:
                raise Unsettled(f"{self.title}: `{call.name}` gave no `{path}`: {answer}")
            self.names[name] = value
        return answer

    def _once(self, call: Call) -> dict:
        client = self.client(call.service)
        method = xform_name(call.operation)
        arguments = self.fill(call.args)
        try:
            if call.pages:
                body = client.get_paginator(method).paginate(**arguments).build_full_result()
                return {"status": 200, "body": body}
            body = dict(getattr(client, method)(**arguments))
        except ClientError as refused:
            status = refused.response["ResponseMetadata"]["HTTPStatusCode"]
            error = refused.response.get("Error", {})
            return {"status": status, "code": error.get("Code"), "message": error.get("Message"), "body": {}}
        status = body.pop("ResponseMetadata")["HTTPStatusCode"]
        for key, value in body.items():
            if isinstance(value, StreamingBody):
                body[key] = value.read().decode()
        return {"status": status, "body": body}
