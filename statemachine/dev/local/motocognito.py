"""Make moto's Cognito (5.2.5) as strict as Cognito.

Each function here is an operation that moto lacks, or takes the place of one of moto's,
or stands around it: patch, at the end, says which. What is wrong with moto's is said at
each. No code is mailed: any of six digits is right, but 000000.
"""

import json
import re
import uuid
from collections import OrderedDict
from functools import partial

import mototokens
from moto.cognitoidp import exceptions, models
from moto.cognitoidp.models import CognitoIdpBackend, CognitoIdpUserPool, UserStatus, cognitoidp_backends
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.cognitoidp.utils import check_secret_hash
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from motosrp import Exchange
from mototokens import signing_in

# IDs of the first pool and of its app client: those of the sample events in trigger/testdata,
# and the same at each start, so that an app's configuration stays right.
FIRST_IDS = ("Example01", "1example23456789")

REFRESH = ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN")

WRONG = partial(JsonRESTError, "NotAuthorizedException", "Incorrect username or password.")
EXPIRED = partial(JsonRESTError, "ExpiredCodeException", "Invalid code provided, please request a code again.")
MISMATCH = partial(JsonRESTError, "CodeMismatchException", "Invalid verification code provided, please try again.")
NO_USER = partial(JsonRESTError, "UserNotFoundException", "User does not exist.")
NO_COMBINATION = partial(JsonRESTError, "UserNotFoundException", "Username/client id combination not found.")

exchanges: dict[str, Exchange] = {}  # SRP sign-ins that have begun, by their secret block
resets: set[str] = set()  # subs of users who asked for a code to reset the password


def pools():
    for regions in cognitoidp_backends.values():
        for backend in regions.values():
            yield from backend.user_pools.values()


def client_of(call):
    client_id = call._get_param("ClientId")
    for pool in pools():
        if client_id in pool.clients:
            return pool, pool.clients[client_id]
    raise JsonRESTError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")


def caller(call):
    """The pool, the app client and the user whose access token the call has."""
    token = call._get_param("AccessToken")
    for pool in pools():
        if token in pool.access_tokens:
            client_id, username = pool.access_tokens[token]
            user = pool._get_user(username)
            if user is None:
                raise NO_USER()
            return pool, pool.clients[client_id], user
    raise JsonRESTError("NotAuthorizedException", "Invalid Access Token")


def hides(client) -> bool:
    return client.extended_config.get("PreventUserExistenceErrors") == "ENABLED"


def delivery(user, address: str) -> dict:
    """Where a code would go. For a user that does not exist, it looks the same."""
    address = user.attribute_lookup.get("email", address) if user else address
    name, _, domain = address.partition("@")
    return {"Destination": f"{name[:1]}***@{domain[:1]}***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}


def check_code(call, name: str = "ConfirmationCode") -> None:
    if not re.fullmatch(r"\d{6}", call._get_param(name) or "") or call._get_param(name) == "000000":
        raise MISMATCH()


def check_writable(client, attributes: list) -> None:
    """moto lets an app client write every attribute."""
    writable = client.extended_config.get("WriteAttributes")
    for name in (attribute["Name"] for attribute in attributes or []):
        if name in ("sub", "email_verified", "phone_number_verified") or (writable and name not in writable):
            raise JsonRESTError("NotAuthorizedException", "A client attempted to write unauthorized attribute")


# Sign-up


def sign_up(moto):
    def call(self):
        pool, client = client_of(self)
        check_writable(client, self._get_param("UserAttributes"))
        if pool._get_user(self._get_param("Username")):
            by_email = "email" in (pool.extended_config.get("UsernameAttributes") or [])
            message = "An account with the given email already exists." if by_email else "User already exists"
            raise JsonRESTError("UsernameExistsException", message)
        return moto(self)

    return call


def confirm_sign_up(moto):
    """moto takes any code, and always tells whether there is such a user."""

    def call(self):
        pool, client = client_of(self)
        if pool._get_user(self._get_param("Username")) is None:
            raise EXPIRED() if hides(client) else NO_COMBINATION()
        check_code(self)
        return moto(self)

    return call


def resend_confirmation_code(self):
    pool, client = client_of(self)
    username = self._get_param("Username")
    user = pool._get_user(username)
    if user is None and not hides(client):
        raise NO_COMBINATION()
    if user and user.status == UserStatus.CONFIRMED:
        raise JsonRESTError("InvalidParameterException", "User is already confirmed.")
    return ActionResult({"CodeDeliveryDetails": delivery(user, username)})


# Sign-in


def check_flow(client, flow: str) -> None:
    """moto allows every flow. Without a list, these three are allowed
    (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html)."""
    allowed = client.extended_config.get("ExplicitAuthFlows") or [
        "ALLOW_REFRESH_TOKEN_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_CUSTOM_AUTH",
    ]
    flow = {"REFRESH_TOKEN": "REFRESH_TOKEN_AUTH", "ADMIN_NO_SRP_AUTH": "ADMIN_USER_PASSWORD_AUTH"}.get(flow, flow)
    names = {"ALLOW_" + flow, flow.replace("ADMIN_USER_PASSWORD", "ADMIN_NO_SRP")}  # today's name, and the old one
    if not names & set(allowed):
        message = "Auth flow not enabled for this client"
        if flow.startswith("USER"):
            message = f"{flow} is not enabled for the client."
        raise JsonRESTError("InvalidParameterException", message)
    if flow in ("CUSTOM_AUTH", "USER_AUTH"):
        raise lacking(f"the flow {flow}")


def initiate_auth(moto):
    def call(self):
        pool, client = client_of(self)
        flow, parameters = self._get_param("AuthFlow"), self._get_param("AuthParameters") or {}
        check_flow(client, flow)
        if flow in REFRESH:
            with signing_in("TokenGeneration_RefreshTokens"):
                return ActionResult(refresh(pool, client, parameters.get("REFRESH_TOKEN")))
        username = parameters.get("USERNAME")
        if not username:
            raise JsonRESTError("InvalidParameterException", "Missing required parameter USERNAME")
        if flow == "USER_SRP_AUTH":
            return ActionResult(begin_srp(self, pool, client, username, parameters))
        user = pool._get_user(username)
        if user is None:
            raise WRONG() if hides(client) else NO_USER()
        if user.enabled and user.password == parameters.get("PASSWORD"):
            check_status(user)
        # The metadata does not reach the trigger here
        # (https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html).
        with signing_in("TokenGeneration_Authentication"):
            return challenge(user, moto(self))

    return call


def respond_to_auth_challenge(moto):
    """moto takes any proof of the password, and any username."""

    def call(self):
        pool, client = client_of(self)
        name, responses = self._get_param("ChallengeName"), self._get_param("ChallengeResponses") or {}
        session = responses.get("PASSWORD_CLAIM_SECRET_BLOCK") if name == "PASSWORD_VERIFIER" else self._get_param("Session")
        username, session_pool = pool.backend.sessions.get(session, (None, None))
        user = pool._get_user(responses.get("USERNAME") or username)
        if session_pool is not pool or pool._get_user(username) is not user:
            raise JsonRESTError("NotAuthorizedException", "Invalid session for the user.")
        if name == "PASSWORD_VERIFIER":
            prove(exchanges.pop(session, None), user, responses)
        challenged = name == "NEW_PASSWORD_REQUIRED"
        source = "TokenGeneration_NewPasswordChallenge" if challenged else "TokenGeneration_Authentication"
        with signing_in(source, self._get_param("ClientMetadata")):
            return challenge(user, moto(self))

    return call


def begin_srp(call, pool, client, username: str, parameters: dict) -> dict:
    """moto's challenge is no SRP. Of a user that does not exist, it is the same each time
    (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html)."""
    if client.generate_secret and not check_secret_hash(client.secret, client.id, username, parameters.get("SECRET_HASH")):
        raise JsonRESTError("NotAuthorizedException", f"Unable to verify secret hash for client {client.id}")
    user = pool._get_user(username)
    if user is None and not hides(client):
        raise NO_USER()
    if user and not user.enabled:
        raise JsonRESTError("NotAuthorizedException", "User is disabled.")
    user_id = user.username if user else str(uuid.uuid5(uuid.NAMESPACE_URL, pool.id + username))
    try:
        exchange = Exchange(pool.id, user_id, (user and user.password) or uuid.uuid4().hex, parameters.get("SRP_A") or "")
    except ValueError:
        raise JsonRESTError("InvalidParameterException", "SRP_A is missing or wrong") from None
    exchanges[exchange.secret_block] = exchange
    pool.backend.sessions[exchange.secret_block] = (user_id, pool)
    return {
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeParameters": {
            "SALT": f"{exchange.salt:x}",
            "SRP_B": f"{exchange.public:x}",
            "USERNAME": user_id,
            "USER_ID_FOR_SRP": user_id,
            "SECRET_BLOCK": exchange.secret_block,
        },
    }


def prove(exchange: Exchange | None, user, responses: dict) -> None:
    proof = responses.get("TIMESTAMP", ""), responses.get("PASSWORD_CLAIM_SIGNATURE", "")
    if exchange is None or not exchange.proves(*proof) or user is None:
        raise WRONG()
    check_status(user)


def check_status(user) -> None:
    """moto says who is not confirmed to whoever does not know the password, and knows no
    reset in this place."""
    if user.status == UserStatus.UNCONFIRMED:
        raise JsonRESTError("UserNotConfirmedException", "User is not confirmed.")
    if user.status == UserStatus.RESET_REQUIRED:
        raise JsonRESTError("PasswordResetRequiredException", "Password reset required for the user")


def challenge(user, result: ActionResult) -> ActionResult:
    """Adds what clients read of a user who must choose a password; moto leaves it out."""
    if result.result.get("ChallengeName") == "NEW_PASSWORD_REQUIRED":
        attributes = {name: value for name, value in user.attribute_lookup.items() if name != "sub"}
        result.result["ChallengeParameters"] = {
            "USER_ID_FOR_SRP": user.username,
            "requiredAttributes": "[]",
            "userAttributes": json.dumps(attributes),
        }
    return result


# Tokens


def refresh(pool, client, token: str | None) -> dict:
    """moto answers an HTML page to an administrator's wrong token, and takes those of
    other clients. Where refresh tokens rotate, the old one ends at once here."""
    if token not in pool.refresh_tokens:
        raise JsonRESTError("NotAuthorizedException", "Invalid Refresh Token")
    entry = pool.refresh_tokens[token]
    user = pool._get_user(entry[1]) if entry else None
    if user is None:
        raise JsonRESTError("NotAuthorizedException", "Refresh Token has been revoked")
    if entry[0] != client.id:
        raise JsonRESTError("NotAuthorizedException", "Invalid Refresh Token")
    if not user.enabled:
        raise JsonRESTError("NotAuthorizedException", "User is disabled.")
    access, identity, seconds = pool.create_tokens_from_refresh_token(token)
    result = {"AccessToken": access, "IdToken": identity, "ExpiresIn": seconds, "TokenType": "Bearer"}
    if (client.extended_config.get("RefreshTokenRotation") or {}).get("Feature") == "ENABLED":
        result["RefreshToken"] = str(uuid.uuid4())
        pool.refresh_tokens[result["RefreshToken"]] = entry
        pool.refresh_tokens[token] = None
    return {"AuthenticationResult": result}


def get_tokens_from_refresh_token(self):
    pool, client = client_of(self)
    with signing_in("TokenGeneration_RefreshTokens", self._get_param("ClientMetadata")):
        return ActionResult(refresh(pool, client, self._get_param("RefreshToken")))


def revoke_token(self):
    """Ends a refresh token, and the access tokens made from it."""
    pool, _ = client_of(self)
    token = self._get_param("Token")
    if token in pool.access_tokens:
        raise JsonRESTError("UnsupportedTokenTypeException", "Unsupported token type")
    entry = pool.refresh_tokens.get(token)
    if entry:
        pool.refresh_tokens[token] = None
        for access in [a for a in pool.access_tokens if mototokens.origin_of(a) == entry[2]]:
            del pool.access_tokens[access]
    return EmptyResult()


# The password


def forgot_password(moto):
    """moto always acts as if there were such a user, whose address is verified."""

    def call(self):
        pool, client = client_of(self)
        username = self._get_param("Username")
        user = pool._get_user(username)
        verified = user and user.enabled and "true" in (
            user.attribute_lookup.get("email_verified"),
            user.attribute_lookup.get("phone_number_verified"),
        )
        if verified:
            resets.add(user.id)
            return moto(self)
        if hides(client):
            return ActionResult({"CodeDeliveryDetails": delivery(user, username)})
        if user is None:
            raise NO_COMBINATION()
        message = "Cannot reset password for the user as there is no registered/verified email or phone_number"
        raise JsonRESTError("InvalidParameterException", message)

    return call


def confirm_forgot_password(moto):
    """moto takes any code, asked for or not, and any password."""

    def call(self):
        pool, client = client_of(self)
        user = pool._get_user(self._get_param("Username"))
        if user is None:
            raise MISMATCH() if hides(client) else NO_COMBINATION()
        if user.id not in resets and user.status != UserStatus.RESET_REQUIRED:
            raise EXPIRED()
        check_code(self)
        pool.backend._validate_password(pool.id, self._get_param("Password"))
        result = moto(self)
        resets.discard(user.id)
        user.status = UserStatus.CONFIRMED
        return result

    return call


def validate_password(self, user_pool_id: str, password: str) -> None:
    """moto does not say what is missing."""
    policy = self.describe_user_pool(user_pool_id).extended_config.get("Policies", {}).get("PasswordPolicy", {})
    for wrong, what in (
        (len(password) < policy.get("MinimumLength", 8), "Password not long enough"),
        (len(password) > 256, "Password too long"),
        (policy.get("RequireLowercase", True) and not re.search("[a-z]", password), "Password must have lowercase characters"),
        (policy.get("RequireUppercase", True) and not re.search("[A-Z]", password), "Password must have uppercase characters"),
        (policy.get("RequireNumbers", True) and not re.search("[0-9]", password), "Password must have numeric characters"),
        (policy.get("RequireSymbols", True) and not re.search(r"[^A-Za-z0-9\s]", password), "Password must have symbol characters"),
    ):
        if wrong:
            raise JsonRESTError("InvalidPasswordException", f"Password did not conform with policy: {what}")


# The signed-in user


def delete_user(self):
    pool, _, user = caller(self)
    pool.backend.admin_delete_user(pool.id, user.username)
    return EmptyResult()


def delete_user_attributes(self):
    _, client, user = caller(self)
    names = self._get_param("UserAttributeNames")
    check_writable(client, [{"Name": name} for name in names])
    user.delete_attributes(names)
    return EmptyResult()


def update_user_attributes(moto):
    """moto lets an app client write every attribute, and a new address be verified."""

    def call(self):
        _, client, user = caller(self)
        attributes = self._get_param("UserAttributes")
        check_writable(client, attributes)
        before = user.attribute_lookup.get("email")
        moto(self)
        after = user.attribute_lookup.get("email")
        if after == before:
            return ActionResult({"CodeDeliveryDetailsList": []})
        user.update_attributes([{"Name": "email_verified", "Value": "false"}])
        return ActionResult({"CodeDeliveryDetailsList": [delivery(user, after)]})

    return call


def get_user_attribute_verification_code(self):
    _, _, user = caller(self)
    return ActionResult({"CodeDeliveryDetails": delivery(user, "")})


def verify_user_attribute(self):
    _, _, user = caller(self)
    check_code(self, "Code")
    user.update_attributes([{"Name": self._get_param("AttributeName") + "_verified", "Value": "true"}])
    return EmptyResult()


def by_username(moto):
    """moto keeps tokens by what the user typed as username, which may be an address: then
    others sign out, and a user with a new address has no tokens."""

    def call(self, *args, **kwargs):
        *client_id, username = args
        return moto(self, *client_id, self._get_user(username).username, **kwargs)

    return call


def find_user(self, username: str | None):
    """moto heeds the case of a username, whatever UsernameConfiguration says."""
    if username in self.users:
        return self.users[username]
    folds = (self.extended_config.get("UsernameConfiguration") or {}).get("CaseSensitive") is False
    fold = str.casefold if folds else str
    for user in self.users.values():
        names = [user.username, *(user.attribute_lookup.get(a) for a in self.extended_config.get("UsernameAttributes") or [])]
        if username and fold(username) in [fold(name) for name in names if name]:
            return user
    return None


class Steady(OrderedDict):
    """moto answers calls at the same time, and fails where one goes through the users to
    which another one adds. What is gone through here is a copy."""

    def values(self):
        return list(super().values())

    def items(self):
        return list(super().items())


# Errors


def lacking(what: str) -> JsonRESTError:
    return JsonRESTError("UnknownOperationException", f"The local AWS does not have {what}")


# The answer of the Query protocol.
INVALID_ACTION = "<ErrorResponse><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>The local AWS lacks it</Message></Error></ErrorResponse>"


def call_action(moto):
    """moto answers an HTML page, without the headers that a browser asks for, to what it
    lacks and when it fails."""

    def call(self):
        target = self.headers.get("X-Amz-Target")
        try:
            return moto(self)
        except NotImplementedError:
            if not target and "Action" in self.querystring:
                return 400, {"Content-Type": "text/xml"}, INVALID_ACTION
            if not target:
                raise
            error = lacking(f"{self._get_action()} of {self.service_name}")
        except Exception as failure:
            if not target:
                raise
            error = JsonRESTError("InternalErrorException", f"The local AWS failed at {target}: {failure!r}")
            error.code = 500
        return error.code, dict(error.get_headers()), error.description

    return call


def not_authorized(self, message: str | None) -> None:
    """moto's messages are usernames and tokens."""
    if message in ("username", "Invalid token") or (message or "").count(".") == 2:
        message = "Invalid Access Token"
    elif " " not in (message or ""):
        message = WRONG().message
    JsonRESTError.__init__(self, "NotAuthorizedException", message)


def first(fixed: tuple, moto):
    left = iter(fixed)
    return lambda *args: next(left, None) or moto(*args)


def patch() -> None:
    models.OrderedDict = Steady
    models.generate_id = first(FIRST_IDS, models.generate_id)
    CognitoIdpUserPool.create_jwt = mototokens.create_jwt
    CognitoIdpUserPool._get_user = find_user
    for name in ("create_refresh_token", "create_access_token", "create_id_token", "sign_out"):
        setattr(CognitoIdpUserPool, name, by_username(getattr(CognitoIdpUserPool, name)))
    CognitoIdpBackend._validate_password = validate_password
    exceptions.NotAuthorizedError.__init__ = not_authorized
    BaseResponse.call_action = call_action(BaseResponse.call_action)
    around = {
        "initiate_auth": initiate_auth,
        "admin_initiate_auth": initiate_auth,
        "respond_to_auth_challenge": respond_to_auth_challenge,
        "admin_respond_to_auth_challenge": respond_to_auth_challenge,
    }
    for operation in (sign_up, confirm_sign_up, forgot_password, confirm_forgot_password, update_user_attributes):
        around[operation.__name__] = operation
    for name, operation in around.items():
        setattr(CognitoIdpResponse, name, operation(getattr(CognitoIdpResponse, name)))
    for operation in (
        resend_confirmation_code,
        get_tokens_from_refresh_token,
        revoke_token,
        delete_user,
        delete_user_attributes,
        get_user_attribute_verification_code,
        verify_user_attribute,
    ):
        setattr(CognitoIdpResponse, operation.__name__, operation)
