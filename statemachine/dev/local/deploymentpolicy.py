"""Print the policy of a role that may deploy the stack, as JSON.

CloudFormation carries a template out with the permissions of whoever deploys it. What
the handler of each type of resource calls is in the type's schema, of which cfn-lint
has a copy. What the SAM CLI calls besides is here.
"""

import json
import re
import sys
from pathlib import Path

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from translate import translate

STACK = "onboarding*"  # the names of the stacks, and what the names of their resources begin with

# sam deploy with resolve_s3, which makes a bucket in a stack of its own
# (https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-cli-command-reference-sam-deploy.html).
CLI = {
    "arn:*:cloudformation:*:*:stack/%s": ["CreateChangeSet", "DeleteChangeSet", "DescribeChangeSet", "DescribeStackEvents", "DescribeStacks", "ExecuteChangeSet", "GetTemplate", "GetTemplateSummary"],
    "arn:*:cloudformation:*:aws:transform/Serverless-2016-10-31": ["CreateChangeSet"],
}
BUCKET = ["CreateBucket", "GetBucketLocation", "GetBucketPolicy", "GetObject", "ListBucket", "PutBucketPolicy", "PutBucketPublicAccessBlock", "PutBucketTagging", "PutBucketVersioning", "PutEncryptionConfiguration", "PutObject"]

# What the handlers list besides: the data in tables, keys and logs, and changes by
# features that the template does not use. Without them the policy fits into the 6,144
# characters of a managed one
# (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
LEFT_OUT = re.compile(
    r"s3\w*:|firehose:|ec2:|elasticfilesystem:|secretsmanager:|kinesis:|application-autoscaling:|mobiletargeting:|chatbot:"
    r"|dynamodb:(BatchWrite|Delete|Get|Put|Update)Item|dynamodb:(Query|Scan)|dynamodb:(?!Describe|Get).*(Replica|Import|Kinesis|Insights|ResourcePolicy)"
    r"|iam:.*(Group|User)|iam:CreateServiceLinkedRole|iam:PassRole"
    r"|kms:(CreateGrant|Decrypt|DisableKey$|EnableKey$|Encrypt|Generate.*|ListAliases|ReEncrypt.*|RevokeGrant)"
    r"|lambda:(?!Get).*(CodeSigning|CapacityProvider|RecursionConfig|ScalingConfig|RuntimeManagement|RuntimeAlias)|lambda:GetLayerVersion"
    r"|logs:(?!Get|Describe).*(KmsKey|DataProtection|IndexPolicy|BearerToken)|logs:(CreateLogStream|PutLogEvents|DescribeLogStreams)"
    r"|sns:PutDataProtectionPolicy"
)


def handlers(template: dict) -> set[str]:
    """The actions of the handlers of all types of resources."""
    actions = set()
    for kind in sorted({r["Type"] for r in template["Resources"].values()}):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
        for handler, of in schema.get("handlers", {}).items():
            if handler != "list":
                actions.update(of["permissions"])
    return {a for a in actions if not LEFT_OUT.match(a)}


def statement(sid: str, actions: list[str], resources: list[str], **more: dict) -> dict:
    return {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources, **more}


def policy(template: dict) -> dict:
    actions = handlers(template)
    iam = sorted(a for a in actions if a.startswith("iam:"))
    statements = [
        statement("Resources", sorted(actions - set(iam)), ["*"]),
        statement("Roles", iam, [f"arn:*:iam::*:{kind}/{STACK}" for kind in ("role", "policy")]),
        statement("PassRoles", ["iam:PassRole"], [f"arn:*:iam::*:role/{STACK}"],
            Condition={"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "scheduler.amazonaws.com", "states.amazonaws.com"]}}),
        # For PoolMailIdentity, once in an account.
        statement("PoolMail", ["iam:CreateServiceLinkedRole"], ["arn:*:iam::*:role/aws-service-role/email.cognito-idp.amazonaws.com/*"]),
    ]
    for i, (resource, calls) in enumerate(CLI.items()):
        names = [STACK + "/*", "aws-sam-cli-managed-default/*"] if "%s" in resource else [""]
        statements.append(statement(f"Stacks{i}", ["cloudformation:" + c for c in calls], [resource % n if n else resource for n in names]))
    statements.append(statement("Bucket", ["s3:" + c for c in BUCKET], ["arn:*:s3:::aws-sam-cli-managed-default-*"]))
    return {"Version": "2012-10-17", "Statement": statements}


if __name__ == "__main__":
    print(json.dumps(policy(translate(Path(sys.argv[1]).resolve(), aliases=True)), indent=2))
