"""Let moto's CloudFormation (5.2.5) make configuration sets of SES and their event
destinations, and let its SES tell the destinations.

What is published to a destination, package ses publishes, at the gateway.
"""

import json

from moto.core.common_models import CloudFormationModel
from moto.ses.models import ses_backends
from moto.sesv2 import urls
from moto.sesv2.responses import SESV2Response

destinations: dict[str, dict[str, dict]] = {}  # by configuration set and by their names


class Resource:
    """What both have in common. CloudFormation looks for direct subclasses of its model."""

    def __init__(self, name: str):
        self.physical_resource_id = name

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return False

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        cls.delete_from_cloudformation_json(original_resource.physical_resource_id, cloudformation_json, account_id, region_name)
        return cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)

    def is_created(self) -> bool:
        return True


class ConfigurationSet(Resource, CloudFormationModel):
    __module__ = "moto.ses"  # moto takes the service from it

    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SES::ConfigurationSet"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        backend = ses_backends[account_id][region_name]
        backend.create_configuration_set(resource_name)
        backend.config_sets[resource_name].enabled = True  # moto's own value is no boolean
        return cls(resource_name)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        ses_backends[account_id][region_name].delete_configuration_set(resource_name)


class EventDestination(Resource, CloudFormationModel):
    __module__ = "moto.ses"  # moto takes the service from it

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::SES::ConfigurationSetEventDestination"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        properties = cloudformation_json["Properties"]
        destination = {"Name": resource_name, "Enabled": False, **properties["EventDestination"]}
        destinations.setdefault(properties["ConfigurationSetName"], {})[resource_name] = destination
        return cls(resource_name)

    @classmethod
    def delete_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name):
        for named in destinations.values():
            named.pop(resource_name, None)


def get_configuration_set_event_destinations(self) -> str:
    name = self._get_param("ConfigurationSetName")
    self.sesv2_backend.get_configuration_set(name)  # which must exist
    return json.dumps({"EventDestinations": list(destinations.get(name, {}).values())})


def patch() -> None:
    urls.url_paths["{0}/v2/email/configuration-sets/(?P<ConfigurationSetName>[^/]+)/event-destinations$"] = SESV2Response.dispatch
    SESV2Response.get_configuration_set_event_destinations = get_configuration_set_event_destinations
