"""Made-up data of one day, the same each time: a burst of sign-ups in the evening, for
which SES is too slow until the end, and one execution that a bug stopped."""

import math
import random

POINTS = 288  # of five minutes
ALARMS_ON = {"MailLateAlarm"}
BURST, QUOTA = 240, 5  # when it begins; mails in five minutes from then on
BUG = 115  # when an execution stops

_random = random.Random(1)


def _confirmed(t: int) -> int:
    day = 3 + 3 * math.sin((t - 96) / POINTS * 2 * math.pi)
    burst = 34 * math.exp(-(((t - BURST - 8) / 5) ** 2))
    return max(0, round(day + burst + _random.uniform(-1.5, 1.5)))


def _latency(low: float, spread: float) -> list:
    return [low + spread * _random.random() + (spread if abs(t - BURST - 8) < 8 else 0) for t in range(POINTS)]


def _once(*times: int) -> list:
    return [1 if t in times else None for t in range(POINTS)]


confirmed = [_confirmed(t) for t in range(POINTS)]
mailed, waiting = [], []
for _t, _users in enumerate(confirmed):
    _due = _users - (_t == BUG) + (waiting[-1] if waiting else 0)
    mailed.append(min(_due, QUOTA) if _t >= BURST else _due)
    waiting.append(_due - mailed[-1])
throttled = [round(w * 0.7) or None for w in waiting]
deferred = [3 if BURST + 5 < t < BURST + 10 else None for t in range(POINTS)]
unverified, unaddressed, unknown = _once(40, 101, 122, 190, 199, 236, 244, 245), _once(70, 160, 161, 222), _once(247)

# What a metric has, by the names that tell it from the others: its own, a dimension's
# value (a logical ID for what is AWS's), a statistic.
_SERIES = {
    "Confirmations": confirmed,
    "ExecutionsStarted": confirmed,
    "ExecutionsFailed": _once(BUG),
    "StartsDeferred": deferred,
    "StepsEnded AddUserToGroup done": confirmed,
    "StepsEnded SaveProfile done": [c - (t == BUG) for t, c in enumerate(confirmed)],
    "StepsEnded SendWelcomeEmail done": [max(0, m - bool(u) - bool(n)) for m, u, n in zip(mailed, unverified, unaddressed)],
    "StepsEnded RecordAnalytics done": mailed,
    "StepsEnded SendWelcomeEmail not verified": unverified,
    "StepsEnded SendWelcomeEmail no mail address": unaddressed,
    "StepsEnded SendWelcomeEmail delivery unknown": unknown,
    "StepFailures SendWelcomeEmail QuotaExceededError": throttled,
    "StepFailures SaveProfile UnexpectedError": _once(BUG),
    "StepFailures AddUserToGroup TransientError": _once(58, 199),
    "SinceConfirmed AddUserToGroup p50": _latency(240, 60),
    "SinceConfirmed AddUserToGroup p99": _latency(900, 1300),
    "SinceConfirmed SendWelcomeEmail p50": [60000 * w / QUOTA * 5 + 900 for w in waiting],
    "SinceConfirmed SendWelcomeEmail p99": [60000 * w / QUOTA * 8 + 2600 for w in waiting],
    "Duration TriggerFunction p50": _latency(45, 20),
    "Duration TriggerFunction p99": _latency(380, 520),
    "Duration Sum": [c * 130 for c in confirmed],
    "Invocations StartDeferred": deferred,
    "Invocations SendWelcomeEmail": [m + (f or 0) for m, f in zip(mailed, throttled)],
    "Invocations": confirmed,
    "NotVisible": [0] * POINTS,
    "Visible DeferredStartQueue": [3 if BURST + 5 < t < BURST + 12 else 0 for t in range(POINTS)],
    "Visible": [0] * POINTS,
    "ConsumedWriteCapacityUnits DeliveryTable": [2 * m for m in mailed],
    "ConsumedWriteCapacityUnits": confirmed,
    "IncomingBytes": [6000 * c for c in confirmed],
}


def series(metric: list, stat: str) -> list:
    """Return the values of a metric in a day; None is no value."""
    text = " ".join([*metric, stat])
    for names, values in _SERIES.items():
        if all(name in text for name in names.split(" ")):
            return values
    return [None] * POINTS


def search(dimensions: list, name: str):
    """Return the dimensions' values and the values of each metric of that name."""
    for names, values in _SERIES.items():
        if names.startswith(name + " "):
            yield dict(zip(dimensions, names.split(" ")[1:])), values


_EXCEEDED = "SendWelcomeEmail", "step failed", "QuotaExceededError", "SES SendEmail: Throttling"
_STOPPED = "SaveProfile", "step failed", "UnexpectedError", "DynamoDB UpdateItem: ValidationException"
_TRANSIENT = "AddUserToGroup", "step failed", "TransientError", "Cognito AdminAddUserToGroup: time-out"
ERRORS = [
    ("23:59:42", *_EXCEEDED, "8f1c2f52-6a0e-4c7b-9d3e-2f64b1a7c905"),
    ("23:59:17", *_EXCEEDED, "b7d0a9e4-13c5-4e8a-a1f2-90c3d2e8476b"),
    ("23:58:51", *_EXCEEDED, "0c95e3b8-f27d-4a16-8b64-5d1e7c3a9f20"),
    ("20:05:26", *_EXCEEDED, "6be0d4f1-85a3-4b9c-9e17-c82a30f5d64e"),
    ("16:37:09", *_TRANSIENT, "2d7f81ac-09e6-4d52-b3c8-14f9a6e07b35"),
    ("09:36:51", *_STOPPED, "e41b7c06-92da-4f3c-b58e-7a0d6c18f3e2"),
    ("04:51:33", *_TRANSIENT, "9a3c65d8-4e1f-4078-a2db-f6b09e57c184"),
]
