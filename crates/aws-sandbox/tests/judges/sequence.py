"""The one sequence of calls, in the order in which it is sent.

The metrics come first, because their times are those of a fresh sandbox. The parameters come before the service that refers to one of them. Each part removes what it made where both sides can.
"""

from calls import cloudwatch, ecs, elbv2, s3, ssm

SEQUENCE = cloudwatch.CALLS + ssm.CALLS + s3.CALLS + elbv2.CALLS + ecs.CALLS

NAMES = [call.name for call in SEQUENCE]
assert len(set(NAMES)) == len(NAMES), [name for name in NAMES if NAMES.count(name) > 1]
