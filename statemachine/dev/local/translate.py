"""Print template.yaml as plain CloudFormation, in JSON, for us-east-1 or a Region.

The SAM translator does the work. What `sam deploy` would have uploaded is put in:
the definition of a state machine, with its substitutions as an Fn::Sub, which
every implementation of CloudFormation knows; and for the code of a function the
name of its folder, as inline code.
"""

import json
import re
import sys
from pathlib import Path

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse


def translate(path: Path, region: str = "us-east-1", *, aliases: bool = False) -> dict:
    template = yaml_parse(path.read_text())
    substitutions = {}
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = "s3://local/" + properties["CodeUri"]
        if resource["Type"] == "AWS::Serverless::StateMachine":
            definition = path.parent / properties.pop("DefinitionUri")
            substitutions[name] = properties.pop("DefinitionSubstitutions", {}), definition.read_text()
            properties["Definition"] = {"Comment": "set below"}
    session = boto3.session.Session(region_name=region)
    translator = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=session)
    template = translator.translate(sam_template=template, parameter_values={})
    if not aliases:
        template = without_aliases(template)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            code = resource["Properties"]["Code"]
            resource["Properties"]["Code"] = {"ZipFile": code["S3Key"]}
    for name, (values, definition) in substitutions.items():
        template["Resources"][name]["Properties"]["DefinitionString"] = {"Fn::Sub": substitute(definition, values)}
    return template


def without_aliases(template: dict) -> dict:
    """Leave out versions and aliases of state machines, which moto does not make
    from a template: what starts an execution by its alias starts it by the machine."""
    aliases = {}
    for name, resource in list(template["Resources"].items()):
        if resource["Type"] in ("AWS::StepFunctions::StateMachineVersion", "AWS::StepFunctions::StateMachineAlias"):
            aliases[name] = re.sub(r"(Version|Alias\w+)$", "", name)  # as SAM names them
            del template["Resources"][name]
    text = json.dumps(template)
    for name, machine in aliases.items():
        text = text.replace(json.dumps({"Ref": name}), json.dumps({"Ref": machine}))
    return json.loads(text)


def substitute(definition: str, values: dict) -> str:
    """Replace each ${Name} by the reference that Fn::Sub writes for its value."""
    left = set(re.findall(r"\$\{([A-Za-z0-9]+)\}", definition)) - values.keys()
    if left:
        sys.exit(f"no substitution for {sorted(left)} in the definition")
    for name, value in values.items():
        kind, target = next(iter(value.items()))
        reference = target if kind == "Ref" else ".".join(target)
        definition = definition.replace("${%s}" % name, "${%s}" % reference)
    return definition


if __name__ == "__main__":
    json.dump(translate(Path(sys.argv[1]).resolve(), *sys.argv[2:]), sys.stdout)
