"""Make tokens with the claims that Cognito gives, as the pool's trigger wants them.

moto (5.2.5) knows no trigger, calls the claim email what the user typed as username, the
sub perhaps, gives attributes as text and groups in no order, and has no event_id.
"""

import base64
import json
import os
import time
import urllib.error
import urllib.request
import uuid
from contextlib import contextmanager
from contextvars import ContextVar

from joserfc import jwt
from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPool, CognitoIdpUserPoolClient
from moto.core.exceptions import JsonRESTError

# How Cognito invokes a trigger: see dev/internal/cognito, which invokes the other one.
TRIGGER_TIMEOUT = 5
TRIGGER_ATTEMPTS = 3

# What the pre token generation trigger may not change
# (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html).
FIXED_CLAIMS = set(
    "acr amr aud at_hash auth_time azp cognito:username exp iat identities iss jti nbf nonce origin_jti sub token_use".split()
)


class SignIn:
    """One call that gives tokens: what it is, and what the trigger made of them."""

    def __init__(self, source: str, metadata: dict | None):
        self.source = source
        self.metadata = metadata
        self.details: dict | None = None
        self.asked = False

    def overrides(self, pool: CognitoIdpUserPool, client_id: str, user: CognitoIdpUser) -> dict:
        """The trigger's claimsOverrideDetails: it is asked once for all tokens."""
        if not self.asked:
            self.asked = True
            self.details = invoke_pre_token_generation(self, pool, client_id, user)
        return self.details or {}


sign_in: ContextVar[SignIn] = ContextVar("sign_in")


# auth_time and event_id of each sign-in, by its origin_jti: a refresh keeps them.
sign_ins: dict[str, tuple[int, str]] = {}


@contextmanager
def signing_in(source: str, metadata: dict | None = None):
    """Tells the tokens that are made meanwhile which call they are made for."""
    token = sign_in.set(SignIn(source, metadata))
    try:
        yield
    finally:
        sign_in.reset(token)


def group_configuration(user: CognitoIdpUser) -> dict:
    groups = sorted(user.groups, key=lambda g: (g.precedence is None, g.precedence, g.group_name))
    roles = [g.role_arn for g in groups if g.role_arn]
    return {
        "groupsToOverride": [g.group_name for g in groups],
        "iamRolesToOverride": roles,
        "preferredRole": roles[0] if roles else None,
    }


def invoke_pre_token_generation(call: SignIn, pool: CognitoIdpUserPool, client_id: str, user: CognitoIdpUser):
    arn = (pool.extended_config.get("LambdaConfig") or {}).get("PreTokenGeneration")
    if not arn:
        return None
    request = {
        "userAttributes": {"cognito:user_status": user.status, **user.attribute_lookup},
        "groupConfiguration": group_configuration(user),
    }
    if call.metadata is not None:
        request["clientMetadata"] = call.metadata
    event = {
        "version": "1",
        "triggerSource": call.source,
        "region": pool.region,
        "userPoolId": pool.id,
        "userName": user.username,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
        "request": request,
        "response": {"claimsOverrideDetails": None},
    }
    answer = invoke("PreTokenGeneration", arn, event)
    if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
        raise JsonRESTError("InvalidLambdaResponseException", "Unrecognizable lambda output")
    return answer["response"].get("claimsOverrideDetails")


def invoke(name: str, arn: str, event: dict):
    """Invokes a trigger, through the gateway like everybody, until it answers in time."""
    url = f"http://127.0.0.1:{os.environ['MOTO_PORT']}/2015-03-31/functions/{arn}/invocations"
    reason = "Socket timeout while invoking Lambda function"
    for _ in range(TRIGGER_ATTEMPTS):
        try:
            with urllib.request.urlopen(url, json.dumps(event).encode(), TRIGGER_TIMEOUT) as answer:
                failed, body = answer.headers.get("X-Amz-Function-Error"), json.load(answer)
        except TimeoutError:
            continue
        except urllib.error.HTTPError as error:
            reason = error.headers.get("X-Amzn-Errortype", error.reason)
            break
        except (OSError, ValueError) as error:
            reason = str(error)
            break
        if failed:
            message = body.get("errorMessage") if isinstance(body, dict) else "unknown"
            raise JsonRESTError("UserLambdaValidationException", f"{name} failed with error {message}.")
        return body
    raise JsonRESTError("UnexpectedLambdaException", f"{name} invocation failed due to error {reason}.")


def create_jwt(self, client_id, username, token_use, expires_in=None, extra_data=None):
    """Takes the place of the method of CognitoIdpUserPool
    (https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html,
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html).
    """
    user, now = self._get_user(username), int(time.time())
    expires_in = lifetime(self.clients[client_id], token_use)
    auth_time, event_id = sign_ins.setdefault(extra_data["origin_jti"], (now, str(uuid.uuid4())))
    details = sign_in.get().overrides(self, client_id, user)
    groups = group_configuration(user)
    if "groupOverrideDetails" in details:
        groups = details["groupOverrideDetails"] or {}
    claims = {
        "sub": user.id,
        "iss": f"https://cognito-idp.{self.region}.amazonaws.com/{self.id}",
        "origin_jti": extra_data["origin_jti"],
        "event_id": event_id,
        "token_use": token_use,
        "auth_time": auth_time,
        "iat": now,
        "exp": now + expires_in,
        "jti": str(uuid.uuid4()),
    }
    if groups.get("groupsToOverride"):
        claims["cognito:groups"] = groups["groupsToOverride"]
    if token_use == "access":
        claims |= {"client_id": client_id, "username": user.username, "scope": extra_data["scope"]}
    else:
        claims |= {"aud": client_id, "cognito:username": user.username}
        if groups.get("iamRolesToOverride"):
            claims["cognito:roles"] = groups["iamRolesToOverride"]
        if groups.get("preferredRole"):
            claims["cognito:preferred_role"] = groups["preferredRole"]
        claims |= readable_attributes(self, client_id, user)
        changed = details.get("claimsToAddOrOverride") or {}
        claims |= {name: value for name, value in changed.items() if name not in FIXED_CLAIMS}
        for name in set(details.get("claimsToSuppress") or []) - FIXED_CLAIMS:
            claims.pop(name, None)
    headers = {"kid": "dummy", "alg": "RS256"}  # the key of moto's jwks-public.json
    return jwt.encode(headers, claims, self.json_web_key), expires_in


def lifetime(client: CognitoIdpUserPoolClient, token_use: str) -> int:
    """How many seconds a token is valid."""
    name = "AccessToken" if token_use == "access" else "IdToken"
    unit = (client.extended_config.get("TokenValidityUnits") or {}).get(name, "hours")
    seconds = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}[unit]
    return (client.extended_config.get(f"{name}Validity") or 3600 // seconds) * seconds


def readable_attributes(pool: CognitoIdpUserPool, client_id: str, user: CognitoIdpUser) -> dict:
    """The attributes that the app client may read: the standard ones, if it names none."""
    readable = pool.clients[client_id].get_readable_fields()
    attributes = {
        name: value
        for name, value in user.attribute_lookup.items()
        if (name in readable if readable else not name.startswith(("custom:", "dev:")))
    }
    for name in ("email_verified", "phone_number_verified"):
        if name in attributes:
            attributes[name] = str(attributes[name]).lower() == "true"
    return attributes


def origin_of(token: str) -> str:
    """The origin_jti of a token."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["origin_jti"]
