package gateway_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

var throttled = &gateway.APIError{Status: http.StatusBadRequest, Code: "TooManyRequestsException", Message: "Rate exceeded"}

func TestFault(t *testing.T) {
	t.Run("answers in the place of AWS until it is removed", func(t *testing.T) {
		l := start(t)
		remove := l.gateway.AddFault(on("ConfirmSignUp", throttled))
		_, err := l.confirmSignUp(t)
		wantAPIError(t, err, "TooManyRequestsException", "Rate exceeded")
		l.wantReached(t, l.backend)

		remove()
		remove() // a second time does nothing
		if _, err := l.confirmSignUp(t); err != nil {
			t.Errorf("ConfirmSignUp without the fault = %v; want success", err)
		}
		l.wantReached(t, l.backend, "ConfirmSignUp")
	})
	t.Run("leaves other calls alone", func(t *testing.T) {
		l := start(t)
		l.gateway.AddFault(on("ConfirmSignUp", throttled))
		l.getUser(t)
		l.wantReached(t, l.backend, "AdminGetUser")
	})
	t.Run("counts if it is the first that answers", func(t *testing.T) {
		l := start(t)
		l.gateway.AddFault(on("AdminGetUser", apiError("AnotherActionsException")))
		removeFirst := l.gateway.AddFault(on("ConfirmSignUp", apiError("FirstException")))
		l.gateway.AddFault(on("ConfirmSignUp", apiError("SecondException")))
		_, err := l.confirmSignUp(t)
		wantAPIError(t, err, "FirstException", "made to fail")
		removeFirst()
		_, err = l.confirmSignUp(t)
		wantAPIError(t, err, "SecondException", "made to fail")
	})
	t.Run("spares the confirmer", func(t *testing.T) {
		l, users := startWithUsers(t, nil, nil)
		l.gateway.AddFault(on("ConfirmSignUp", throttled))
		_, err := l.confirmSignUp(t)
		wantAPIError(t, err, "TooManyRequestsException", "Rate exceeded")
		users.wantAsked(t)
	})
	t.Run("is kept with its answer", func(t *testing.T) {
		l := start(t)
		l.gateway.AddFault(on("ConfirmSignUp", throttled))
		l.confirmSignUp(t) //nolint:errcheck // the record of the call is looked at
		l.wantStatus(t, "ConfirmSignUp", http.StatusBadRequest)
		if got := l.gateway.Calls(all)[0].Response; !bytes.Contains(got, []byte("Rate exceeded")) {
			t.Errorf("recorded response = %s; want Rate exceeded in it", got)
		}
	})
	t.Run("is told the call", func(t *testing.T) {
		l := start(t)
		var got gateway.Call
		l.gateway.AddFault(func(c gateway.Call) http.Handler {
			got = c
			return nil
		})
		l.getUser(t)
		if got.Service != "cognito-idp" || got.Action != "AdminGetUser" || got.AccessKeyID != "AKIDTEST" || got.Status != 0 {
			t.Errorf("the fault was told %+v; want AdminGetUser of cognito-idp by AKIDTEST without an answer", got)
		}
	})
	t.Run("can read the request", func(t *testing.T) {
		l := start(t)
		var got []byte
		l.gateway.AddFault(func(gateway.Call) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got, _ = io.ReadAll(r.Body)
				io.WriteString(w, `{}`) //nolint:errcheck // the test sees what arrives
			})
		})
		l.getUser(t)
		if !bytes.Contains(got, []byte("ann@example.com")) {
			t.Errorf("body in the fault = %s; want ann@example.com in it", got)
		}
	})
	t.Run("can break the connection", func(t *testing.T) {
		l := start(t)
		l.gateway.AddFault(func(gateway.Call) http.Handler { return http.HandlerFunc(hangUp) })
		if _, err := l.confirmSignUp(t); !errors.Is(err, io.EOF) {
			t.Errorf("ConfirmSignUp on a broken connection = %v; want %v", err, io.EOF)
		}
		l.wantReached(t, l.backend)
	})
	t.Run("is kept when it aborts the answer", func(t *testing.T) {
		l := start(t)
		l.gateway.AddFault(func(gateway.Call) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		})
		if _, err := l.confirmSignUp(t); !errors.Is(err, io.EOF) {
			t.Errorf("ConfirmSignUp with an aborted answer = %v; want %v", err, io.EOF)
		}
		l.wantStatus(t, "ConfirmSignUp", 0)
	})
}

func TestAPIError(t *testing.T) {
	l := start(t)
	l.gateway.AddFault(on("ConfirmSignUp", throttled))
	_, err := l.confirmSignUp(t)
	if _, ok := errors.AsType[*types.TooManyRequestsException](err); !ok {
		t.Errorf("error of the client = %T %v; want a TooManyRequestsException", err, err)
	}
	if got, want := throttled.Error(), "TooManyRequestsException: Rate exceeded"; got != want {
		t.Errorf("Error() = %q; want %q", got, want)
	}
}

func TestQueryError(t *testing.T) {
	l := start(t)
	l.gateway.AddFault(on("SendEmail", &gateway.QueryError{
		Status: http.StatusBadRequest, Code: "MessageRejected", Message: "not verified: <ann@example.com> & others",
	}))
	_, err := sendEmail(t, l)
	wantAPIError(t, err, "MessageRejected", "not verified: <ann@example.com> & others")
	l.wantStatus(t, "SendEmail", http.StatusBadRequest)
}

func on(action string, answer http.Handler) gateway.Fault {
	return func(c gateway.Call) http.Handler {
		if c.Action == action {
			return answer
		}
		return nil
	}
}

func apiError(code string) *gateway.APIError {
	return &gateway.APIError{Status: http.StatusBadRequest, Code: code, Message: "made to fail"}
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	conn.Close() //nolint:errcheck // it is to be broken
}
