"""boto3, with pycognito for the SRP that boto3 lacks."""

import json
import os

import boto3
import botocore
from botocore import UNSIGNED
from botocore.config import Config
from pycognito.aws_srp import AWSSRP

ENDPOINT, POOL, CLIENT, EMAIL, REGION = (os.environ[name] for name in ("ENDPOINT", "POOL", "CLIENT", "EMAIL", "REGION"))
PASSWORD = "Correct-horse-7-battery"

users = boto3.client("cognito-idp", endpoint_url=ENDPOINT, region_name=REGION, config=Config(signature_version=UNSIGNED))
name = {"ClientId": CLIENT, "Username": EMAIL}
tokens: dict = {}


def step(name, call, *args, **kwargs):
    """Prints what the call returns, or the code of its error."""
    try:
        result = call(*args, **kwargs)
    except botocore.exceptions.ClientError as error:
        result = error.response["Error"]["Code"]
    print(json.dumps({"step": name, "result": result if isinstance(result, str) else "ok"}), flush=True)


def sign_in(username, password):
    answer = AWSSRP(username=username, password=password, pool_id=POOL, client_id=CLIENT, client=users).authenticate_user()
    tokens.update(answer["AuthenticationResult"])
    return tokens["IdToken"]


def sign_up():
    users.sign_up(**name, Password=PASSWORD, UserAttributes=[{"Name": "email", "Value": EMAIL}])


def refresh():
    parameters = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    return users.initiate_auth(ClientId=CLIENT, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)["AuthenticationResult"]["IdToken"]


step("sign up", sign_up)
step("sign up again", sign_up)
step("resend", lambda: users.resend_confirmation_code(**name)["CodeDeliveryDetails"]["Destination"])
step("wrong code", users.confirm_sign_up, **name, ConfirmationCode="000000")
step("confirm", users.confirm_sign_up, **name, ConfirmationCode="123456")
step("wrong password", sign_in, EMAIL, "Wrong-horse-7-battery")
step("unknown user", sign_in, "nobody@example.com", PASSWORD)
step("sign in", sign_in, EMAIL, PASSWORD)
step("refresh", refresh)
step("missing operation", lambda: users.list_devices(AccessToken=tokens["AccessToken"]))
step("revoke", lambda: users.revoke_token(ClientId=CLIENT, Token=tokens["RefreshToken"]))
step("revoked", refresh)
sign_in(EMAIL, PASSWORD)
step("delete", lambda: users.delete_user(AccessToken=tokens["AccessToken"]))
step("deleted", sign_in, EMAIL, PASSWORD)
