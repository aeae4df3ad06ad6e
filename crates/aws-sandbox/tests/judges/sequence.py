"""The one sequence of calls, in the order in which it is sent.

The parameters come before the service that refers to one of them. Each part removes what it made where both sides can.
"""

from calls import ecs, elbv2, s3, ssm

SEQUENCE = ssm.CALLS + s3.CALLS + elbv2.CALLS + ecs.CALLS

NAMES = [call.name for call in SEQUENCE]
assert len(set(NAMES)) == len(NAMES), [name for name in NAMES if NAMES.count(name) > 1]
