// Amplify, by SRP, as in its guide. Its refresh token is its own: there is no revoked one
// to try.
import { client, email, endpoint, load, password, pool, step } from "./step.mjs";

const { Amplify } = load("aws-amplify");
const auth = load("aws-amplify/auth");
Amplify.configure({ Auth: { Cognito: { userPoolId: pool, userPoolClientId: client, userPoolEndpoint: endpoint } } });

const signUp = async () => {
  await auth.signUp({ username: email, password, options: { userAttributes: { email } } });
};
const signIn = (username, secret) => auth.signIn({ username, password: secret });
const token = async (forceRefresh) => (await auth.fetchAuthSession({ forceRefresh })).tokens?.idToken.toString();

await step("sign up", signUp);
await step("sign up again", signUp);
await step("resend", async () => (await auth.resendSignUpCode({ username: email })).destination);
await step("wrong code", () => auth.confirmSignUp({ username: email, confirmationCode: "000000" }));
await step("confirm", async () => void (await auth.confirmSignUp({ username: email, confirmationCode: "123456" })));
await step("wrong password", () => signIn(email, "Wrong-horse-7-battery"));
await step("unknown user", () => signIn("nobody@example.com", password));
await step("sign in", async () => (await signIn(email, password)) && token(false));
await step("refresh", () => token(true));
await step("missing operation", () => auth.fetchDevices());
await step("revoke", () => auth.signOut());
await signIn(email, password);
await step("delete", () => auth.deleteUser());
await step("deleted", () => signIn(email, password));
