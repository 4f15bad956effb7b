"""Made-up data of one day, the same each time: a burst of sign-ups in the evening, for
which the service of one step is too slow until the end, and one execution that a bug
stopped. Which steps, functions, queues and tables there are comes from the project."""

import hashlib
import math
import random

POINTS = 288  # of five minutes
BURST, QUOTA = 240, 5  # when it begins; users in five minutes from then on at the slow step
BUG = 115  # when an execution stops
STACK = "onboarding"


def physical(logical_id: str) -> str:
    """Return the name that CloudFormation may give to a resource."""
    return f"{STACK}-{logical_id}-{hashlib.sha256(logical_id.encode()).hexdigest()[:8].upper()}"


class Day:
    """The metrics of a day: (namespace, name, dimensions, values by statistic)."""

    def __init__(self, resources: dict, states: list, reasons: dict):
        self.metrics, self._random = [], random.Random(1)
        # An alarm watches one step for a used-up quota: that step is the slow one.
        watched = {name: _dimensions(r) for name, r in resources.items() if r["Type"] == "AWS::CloudWatch::Alarm"}
        late = [name for name, d in watched.items() if d.get("ErrorType") == "QuotaExceededError" and d.get("State") in states]
        self.alarms_on = set(late[:1])
        self.slow = watched[late[0]]["State"] if late else None
        self.first, self.buggy = states[0], states[min(1, len(states) - 1)]

        confirmed = [self._confirmed(t) for t in range(POINTS)]
        deferred = [3 if BURST + 5 < t < BURST + 10 else None for t in range(POINTS)]
        self._add("Onboarding", "Confirmations", {"Stack": STACK}, Sum=confirmed)
        self._add("Onboarding", "StartsDeferred", {"Stack": STACK}, Sum=deferred)
        self._add("AWS/States", "ExecutionsStarted", {"StateMachineArn": "OnboardingStateMachine"}, Sum=confirmed)
        self._add("AWS/States", "ExecutionsFailed", {"StateMachineArn": "OnboardingStateMachine"}, Sum=_once(BUG))
        self._add("AWS/Logs", "IncomingBytes", {"LogGroupName": "FunctionLogGroup"}, Sum=[6000 * c for c in confirmed])
        runs = self._steps(states, reasons, confirmed)
        self._mails()
        runs |= {"TriggerFunction": confirmed, "StartDeferredFunction": deferred}
        for name, resource in resources.items():
            self._resource(name, resource["Type"], runs.get(name, confirmed), deferred)

    def metric(self, namespace: str, name: str, dimensions: dict, stat: str) -> list:
        """Return the values of a metric; None is no value."""
        for metric in self.metrics:
            if metric[:3] == (namespace, name, dimensions):
                return metric[3][stat]
        return [None] * POINTS

    def search(self, schema: list, terms: dict, stat: str):
        """Yield name, dimensions and values of each metric that a search finds."""
        for namespace, name, dimensions, values in self.metrics:
            properties = {"Namespace": namespace, "MetricName": name, **dimensions}
            if (not schema or schema == [namespace, *dimensions]) and all(
                any(fits(properties.get(key, "")) for fits in wanted) for key, wanted in terms.items()
            ):
                yield name, dimensions, values[stat]

    def errors(self):
        """Yield the lines of the latest errors."""
        exceeded, stopped = ("QuotaExceededError", "Throttling"), ("UnexpectedError", "ValidationException")
        lines = [("23:59:42", self.slow, *exceeded), ("23:59:17", self.slow, *exceeded), ("23:58:51", self.slow, *exceeded), ("20:05:26", self.slow, *exceeded)]
        lines += [("16:37:09", self.first, "TransientError", "time-out"), ("09:36:51", self.buggy, *stopped), ("04:51:33", self.first, "TransientError", "time-out")]
        for time, state, error, cause in lines:
            if state:
                execution = hashlib.sha256(time.encode()).hexdigest()
                yield time, state, "step failed", error, cause, "-".join((execution[:8], execution[8:12], "4" + execution[13:16], "a" + execution[17:20], execution[20:32]))

    def _add(self, namespace: str, name: str, dimensions: dict, **values):
        self.metrics.append((namespace, name, dimensions, values))

    def _steps(self, states: list, reasons: dict, users: list) -> dict:
        """Pass the users through the steps, and return how often each function runs."""
        runs, waiting = {}, [0] * POINTS
        for i, state in enumerate(states):
            failed, done = {}, users
            if state == self.buggy:
                failed["UnexpectedError"], done = _once(BUG), [u - (t == BUG) for t, u in enumerate(done)]
            if state == self.first:
                failed["TransientError"] = _once(58, 199)
            if state == self.slow:
                done, waiting = _queued(done)
                failed["QuotaExceededError"] = [round(w * 0.7) or None for w in waiting]
            skipped = {reason: _once(*self._random.sample(range(POINTS), 3 + i)) for reason in reasons.get(state, [])}
            through = [max(0, d - sum(s[t] or 0 for s in skipped.values())) for t, d in enumerate(done)]
            for reason, counts in skipped.items():
                self._add("Onboarding", "StepsEnded", {"Stack": STACK, "State": state, "Status": "skipped", "Reason": reason}, Sum=counts)
            ended = {"Stack": STACK, "State": state, "Status": "done", "Reason": "none"}
            self._add("Onboarding", "StepsEnded", ended, Sum=through)
            since = {stat: [v + 60000 * w / QUOTA * far for v, w in zip(self._latency(low * (i + 1), low), waiting)] for stat, low, far in (("p50", 240, 5), ("p99", 900, 8))}
            self._add("Onboarding", "SinceConfirmed", ended, **since)
            for error, counts in failed.items():
                self._add("Onboarding", "StepFailures", {"Stack": STACK, "State": state, "ErrorType": error}, Sum=counts)
            runs[state + "Function"] = [d + sum(f[t] or 0 for f in failed.values()) for t, d in enumerate(done)]
            users = done
        return runs

    def _mails(self):
        """Say what became of the mails, which the slow step sends."""
        ended = {"Stack": STACK, "State": self.slow, "Status": "done", "Reason": "none"}
        sent = self.metric("Onboarding", "StepsEnded", ended, "Sum")
        fates = {"Delayed": _once(60, 201), "Returned": _once(130), "Bounced": _once(222), "Complained": _once(170)}
        delivered = [s and max(0, s - (fates["Bounced"][t] or 0)) for t, s in enumerate(sent)]
        for fate, counts in {"Sent": sent, "Delivered": delivered, **fates}.items():
            self._add("Onboarding", f"Mails{fate}", {"Stack": STACK}, Sum=counts)

    def _resource(self, name: str, kind: str, runs: list, deferred: list):
        if kind == "AWS::Serverless::Function":
            dimensions = {"FunctionName": physical(name)}
            self._add("AWS/Lambda", "Invocations", dimensions, Sum=runs)
            self._add("AWS/Lambda", "Duration", dimensions, Sum=[r and 130 * r for r in runs], p50=self._latency(45, 20), p99=[v if r else None for r, v in zip(runs, self._latency(380, 520))])
        if kind == "AWS::SQS::Queue":
            waiting = [3 if name == "DeferredStartQueue" and BURST + 5 < t < BURST + 12 else 0 for t in range(POINTS)]
            self._add("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": physical(name)}, Maximum=waiting)
            self._add("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", {"QueueName": physical(name)}, Maximum=[0] * POINTS)
        if kind == "AWS::DynamoDB::Table":
            self._add("AWS/DynamoDB", "ConsumedWriteCapacityUnits", {"TableName": physical(name)}, Sum=runs)

    def _confirmed(self, t: int) -> int:
        day = 3 + 3 * math.sin((t - 96) / POINTS * 2 * math.pi)
        burst = 34 * math.exp(-(((t - BURST - 8) / 5) ** 2))
        return max(0, round(day + burst + self._random.uniform(-1.5, 1.5)))

    def _latency(self, low: float, spread: float) -> list:
        return [low + spread * self._random.random() + (spread if abs(t - BURST - 8) < 8 else 0) for t in range(POINTS)]


def _dimensions(alarm: dict) -> dict:
    return {d["Name"]: d["Value"] for d in alarm["Properties"].get("Dimensions", [])}


def _once(*times: int) -> list:
    return [1 if t in times else None for t in range(POINTS)]


def _queued(users: list) -> tuple:
    """Return who gets through a step with a quota, and who waits."""
    through, waiting = [], []
    for t, arrived in enumerate(users):
        due = arrived + (waiting[-1] if waiting else 0)
        through.append(min(due, QUOTA) if t >= BURST else due)
        waiting.append(due - through[-1])
    return through, waiting
