"""Two operations of the local AWS's own, with which the users of a pool outlive it."""

import json
from datetime import datetime, timezone

import mototokens
from moto.cognitoidp.models import CognitoIdpUser, cognitoidp_backends
from moto.cognitoidp.responses import CognitoIdpResponse

MEMBERS = ("id", "username", "password", "status", "enabled")


def pool_of(call):
    pool_id = json.loads(call.body)["UserPoolId"]
    return next(b.user_pools[pool_id] for regions in cognitoidp_backends.values() for b in regions.values() if pool_id in b.user_pools)


def keep_users(self):
    """All that makes a user the same one, with the password, the groups and the tokens."""
    pool = pool_of(self)
    users = []
    for user in pool.users.values():
        kept = {name: getattr(user, name) for name in MEMBERS}
        kept |= {"attributes": user.attributes, "created": user.create_date.timestamp()}
        users.append(kept | {"groups": sorted(group.group_name for group in user.groups)})
    tokens = {"refresh": pool.refresh_tokens, "access": pool.access_tokens, "sign_ins": mototokens.sign_ins}
    return json.dumps({"users": users, "tokens": tokens})


def restore_users(self):
    pool, kept = pool_of(self), json.loads(self.body)["Users"]
    for u in kept["users"]:
        user = CognitoIdpUser(pool.id, u["username"], u["password"], u["status"], u["attributes"])
        for name in MEMBERS:
            setattr(user, name, u[name])
        user.update_attributes(u["attributes"])  # the sub was a new one
        user.create_date = datetime.fromtimestamp(u["created"], timezone.utc).replace(tzinfo=None)
        pool.users[user.username] = user
        for name in u["groups"]:
            if name not in pool.groups:
                pool.backend.create_group(pool.id, name, "", "", None)
            pool.backend.admin_add_user_to_group(pool.id, name, user.username)
    pool.refresh_tokens |= kept["tokens"]["refresh"]
    pool.access_tokens |= kept["tokens"]["access"]
    mototokens.sign_ins |= kept["tokens"]["sign_ins"]
    return "{}"


def patch() -> None:
    CognitoIdpResponse.keep_users = keep_users
    CognitoIdpResponse.restore_users = restore_users
