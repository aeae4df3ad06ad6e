"""What a step of the sequence is, as plain data: the call, what to remember of its answer, when it is settled.

Inside arguments `<name>` stands for something that an earlier answer gave, kept under that name; each side fills in its
own. The same names are put back into the answers before they are compared, so that references stay comparable.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Call:
    """One call through boto3, made with the same arguments on both sides."""

    name: str
    """A fragment that says what is shown; unique in the sequence."""

    service: str
    """boto3's name of the client: cloudwatch, ecs, elbv2, s3, ssm, sts; with ` over ` the protocol to speak, where boto3 has several."""

    operation: str
    """AWS's name of the operation, as in the service model: `CreateLoadBalancer`."""

    args: dict = field(default_factory=dict)

    keep: dict = field(default_factory=dict)
    """name -> JMESPath into the answer: what later calls refer to as `<name>`."""

    until: str | None = None
    """JMESPath that is true of a settled answer; the call is repeated until then. Only for reads."""

    retry_on: str | None = None
    """Error code that is waited out, where AWS documents that the call has to be repeated."""

    pages: bool = False
    """Follows the operation's own paging (boto3's paginator) and judges all pages as one answer."""

    @property
    def where(self) -> str:
        return f"{self.service}:{self.operation}"
