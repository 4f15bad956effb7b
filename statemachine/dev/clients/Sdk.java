import java.net.URI;
import java.util.Map;
import java.util.concurrent.Callable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cognitoidentityprovider.CognitoIdentityProviderClient;
import software.amazon.awssdk.services.cognitoidentityprovider.model.AttributeType;
import software.amazon.awssdk.services.cognitoidentityprovider.model.AuthenticationResultType;

/** The AWS SDK for Java. It has no SRP: the client allows the password. */
class Sdk {
  static final String CLIENT = System.getenv("CLIENT");
  static final String EMAIL = System.getenv("EMAIL");
  static final String PASSWORD = "Correct-horse-7-battery";
  static final CognitoIdentityProviderClient users = CognitoIdentityProviderClient.builder()
      .endpointOverride(URI.create(System.getenv("ENDPOINT")))
      .region(Region.of(System.getenv("REGION")))
      .credentialsProvider(AnonymousCredentialsProvider.create())
      .httpClient(UrlConnectionHttpClient.create())
      .build();
  static AuthenticationResultType tokens;

  /** Prints what the call returns, or the code of its error. */
  static void step(String name, Callable<Object> call) throws Exception {
    Object result;
    try {
      result = call.call();
    } catch (AwsServiceException e) {
      result = e.awsErrorDetails().errorCode();
    }
    System.out.printf("{\"step\":\"%s\",\"result\":\"%s\"}%n", name, result instanceof String ? result : "ok");
  }

  static String signIn(String username, String password) {
    tokens = users.initiateAuth(r -> r.clientId(CLIENT).authFlow("USER_PASSWORD_AUTH")
        .authParameters(Map.of("USERNAME", username, "PASSWORD", password))).authenticationResult();
    return tokens.idToken();
  }

  static Object signUp() {
    return users.signUp(r -> r.clientId(CLIENT).username(EMAIL).password(PASSWORD)
        .userAttributes(AttributeType.builder().name("email").value(EMAIL).build()));
  }

  static String refresh() {
    return users.getTokensFromRefreshToken(r -> r.clientId(CLIENT).refreshToken(tokens.refreshToken()))
        .authenticationResult().idToken();
  }

  static Object confirm(String code) {
    return users.confirmSignUp(r -> r.clientId(CLIENT).username(EMAIL).confirmationCode(code));
  }

  public static void main(String[] args) throws Exception {
    step("sign up", Sdk::signUp);
    step("sign up again", Sdk::signUp);
    step("resend", () -> users.resendConfirmationCode(r -> r.clientId(CLIENT).username(EMAIL)).codeDeliveryDetails().destination());
    step("wrong code", () -> confirm("000000"));
    step("confirm", () -> confirm("123456"));
    step("wrong password", () -> signIn(EMAIL, "Wrong-horse-7-battery"));
    step("unknown user", () -> signIn("nobody@example.com", PASSWORD));
    step("sign in", () -> signIn(EMAIL, PASSWORD));
    step("refresh", Sdk::refresh);
    step("missing operation", () -> users.listDevices(r -> r.accessToken(tokens.accessToken())));
    step("revoke", () -> users.revokeToken(r -> r.clientId(CLIENT).token(tokens.refreshToken())));
    step("revoked", Sdk::refresh);
    signIn(EMAIL, PASSWORD);
    step("delete", () -> users.deleteUser(r -> r.accessToken(tokens.accessToken())));
    step("deleted", () -> signIn(EMAIL, PASSWORD));
  }
}
