// amazon-cognito-identity-js, by SRP, as in its tutorials.
import { client, email, endpoint, load, password, pool, step } from "./step.mjs";

const { AuthenticationDetails, CognitoRefreshToken, CognitoUser, CognitoUserAttribute, CognitoUserPool } = load("amazon-cognito-identity-js");
const users = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint });
const user = new CognitoUser({ Username: email, Pool: users });

// called makes a promise of a method with a callback.
const called = (object, method, ...rest) =>
  new Promise((resolve, reject) => object[method](...rest, (error, answer) => (error ? reject(error) : resolve(answer))));
const signIn = (who, secret) =>
  new Promise((onSuccess, onFailure) =>
    who.authenticateUser(new AuthenticationDetails({ Username: who.getUsername(), Password: secret }), { onSuccess, onFailure }),
  );
const signUp = async () => {
  await called(users, "signUp", email, password, [new CognitoUserAttribute({ Name: "email", Value: email })], null);
};
let refreshToken;
const refresh = async () => (await called(user, "refreshSession", new CognitoRefreshToken({ RefreshToken: refreshToken }))).getIdToken().getJwtToken();
const signInAsUser = async () => {
  const session = await signIn(user, password);
  refreshToken = session.getRefreshToken().getToken();
  return session.getIdToken().getJwtToken();
};

await step("sign up", signUp);
await step("sign up again", signUp);
await step("resend", async () => (await called(user, "resendConfirmationCode")).CodeDeliveryDetails.Destination);
await step("wrong code", () => called(user, "confirmRegistration", "000000", true));
await step("confirm", async () => void (await called(user, "confirmRegistration", "123456", true)));
await step("wrong password", () => signIn(user, "Wrong-horse-7-battery"));
await step("unknown user", () => signIn(new CognitoUser({ Username: "nobody@example.com", Pool: users }), password));
await step("sign in", signInAsUser);
await step("refresh", refresh);
await step("missing operation", () => new Promise((onSuccess, onFailure) => user.listDevices(10, null, { onSuccess, onFailure })));
await step("revoke", () => new Promise((done) => user.signOut(done)));
await step("revoked", refresh);
await signInAsUser();
await step("delete", async () => void (await called(user, "deleteUser")));
await step("deleted", () => signIn(user, password));
