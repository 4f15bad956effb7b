"""Let moto's EventBridge (5.2.5) invoke functions.

moto matches an event with the patterns of all rules, but knows no Lambda function as a
target. Here such a target is invoked at the gateway, asynchronously, as EventBridge does
(https://docs.aws.amazon.com/lambda/latest/dg/with-eventbridge.html). Whether the
function's policy lets EventBridge do so is not asked.
"""

import copy
import json
import os

import requests
from moto.core.utils import iso_8601_datetime_without_milliseconds, utcfromtimestamp
from moto.events.models import Rule
from moto.events.utils import EventTemplateParser

send_to_others = Rule.send_to_targets


def send_to_targets(self, event: dict, *args, **kwargs) -> None:
    functions = [target for target in self.targets if ":function:" in target["Arn"]]
    if functions and self.event_pattern.matches_event(event):
        for target in functions:
            invoke(target["Arn"], payload_of(target, event))
    rule = copy.copy(self)
    rule.targets = [target for target in self.targets if target not in functions]
    send_to_others(rule, event, *args, **kwargs)


def payload_of(target: dict, event: dict) -> dict:
    """What the function gets: the event, or what the target's transformer makes of it."""
    event = copy.deepcopy(event)
    event["time"] = iso_8601_datetime_without_milliseconds(utcfromtimestamp(float(event["time"])))
    if transformer := target.get("InputTransformer"):
        return EventTemplateParser.parse(transformer["InputTemplate"], transformer.get("InputPathsMap", {}), event)
    del event["ingestion-time"]
    return event


def invoke(function: str, payload: dict) -> None:
    url = f"http://127.0.0.1:{os.environ['MOTO_PORT']}/2015-03-31/functions/{function}/invocations"
    answer = requests.post(url, data=json.dumps(payload), headers={"X-Amz-Invocation-Type": "Event"}, timeout=10)
    answer.raise_for_status()


def patch() -> None:
    Rule.send_to_targets = send_to_targets
