#!/usr/bin/env bash
# The AWS CLI. It has no SRP: the client allows the password.
set -uo pipefail
password=Correct-horse-7-battery
export AWS_ENDPOINT_URL=$ENDPOINT AWS_DEFAULT_REGION=$REGION AWS_EC2_METADATA_DISABLED=true

users() { aws cognito-idp --no-sign-request --output text "$@"; }

# step NAME COMMAND... prints what the command prints, or the code of its error.
step() {
	local name=$1 result
	shift
	if result=$("$@" 2>&1); then
		result=${result:-ok}
	else
		result=$(sed -n 's/.*An error occurred (\([A-Za-z]*\)).*/\1/p' <<<"$result")
	fi
	printf '{"step":"%s","result":"%s"}\n' "$name" "$result"
}

# sign_in USERNAME PASSWORD WHAT prints a member of the answer.
sign_in() {
	users initiate-auth --client-id "$CLIENT" --auth-flow USER_PASSWORD_AUTH --auth-parameters "USERNAME=$1,PASSWORD=$2" --query "AuthenticationResult.$3"
}
user=(--client-id "$CLIENT" --username "$EMAIL")
sign_up=(users sign-up "${user[@]}" --password $password --user-attributes "Name=email,Value=$EMAIL" --query 'Session')

"${sign_up[@]}" >/dev/null && printf '{"step":"sign up","result":"ok"}\n'
step "sign up again" "${sign_up[@]}"
step "resend" users resend-confirmation-code "${user[@]}" --query CodeDeliveryDetails.Destination
step "wrong code" users confirm-sign-up "${user[@]}" --confirmation-code 000000
step "confirm" users confirm-sign-up "${user[@]}" --confirmation-code 123456
step "wrong password" sign_in "$EMAIL" Wrong-horse-7-battery IdToken
step "unknown user" sign_in nobody@example.com $password IdToken
read -r id refresh access < <(sign_in "$EMAIL" $password '[IdToken,RefreshToken,AccessToken]')
printf '{"step":"sign in","result":"%s"}\n' "$id"
refresh=(users get-tokens-from-refresh-token --client-id "$CLIENT" --refresh-token "$refresh" --query AuthenticationResult.IdToken)
step "refresh" "${refresh[@]}"
step "missing operation" users list-devices --access-token "$access"
step "revoke" users revoke-token --client-id "$CLIENT" --token "${refresh[5]}"
step "revoked" "${refresh[@]}"
access=$(sign_in "$EMAIL" $password AccessToken)
step "delete" users delete-user --access-token "$access"
step "deleted" sign_in "$EMAIL" $password IdToken
