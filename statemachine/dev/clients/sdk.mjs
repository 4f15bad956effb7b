// The AWS SDK for JavaScript. It has no SRP: the client allows the password.
import { client, email, endpoint, load, password, region, step } from "./step.mjs";

const cognito = load("@aws-sdk/client-cognito-identity-provider");
const users = new cognito.CognitoIdentityProvider({ endpoint, region });
const name = { ClientId: client, Username: email };
let tokens;

const signIn = async (user, secret) => {
  const answer = await users.initiateAuth({
    ClientId: client,
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: user, PASSWORD: secret },
  });
  tokens = answer.AuthenticationResult;
  return tokens.IdToken;
};
const signUp = async () => {
  await users.signUp({ ...name, Password: password, UserAttributes: [{ Name: "email", Value: email }] });
};
const refresh = async () => {
  const answer = await users.getTokensFromRefreshToken({ ClientId: client, RefreshToken: tokens.RefreshToken });
  return answer.AuthenticationResult.IdToken;
};

await step("sign up", signUp);
await step("sign up again", signUp);
await step("resend", async () => (await users.resendConfirmationCode(name)).CodeDeliveryDetails.Destination);
await step("wrong code", () => users.confirmSignUp({ ...name, ConfirmationCode: "000000" }));
await step("confirm", async () => void (await users.confirmSignUp({ ...name, ConfirmationCode: "123456" })));
await step("wrong password", () => signIn(email, "Wrong-horse-7-battery"));
await step("unknown user", () => signIn("nobody@example.com", password));
await step("sign in", () => signIn(email, password));
await step("refresh", refresh);
await step("missing operation", () => users.listDevices({ AccessToken: tokens.AccessToken }));
await step("revoke", async () => void (await users.revokeToken({ ClientId: client, Token: tokens.RefreshToken })));
await step("revoked", refresh);
await signIn(email, password);
await step("delete", async () => void (await users.deleteUser({ AccessToken: tokens.AccessToken })));
await step("deleted", () => signIn(email, password));
