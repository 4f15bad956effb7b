package gateway_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/dev/internal/gateway"
)

func TestBackend(t *testing.T) {
	t.Run("gets what is not the engine's", func(t *testing.T) {
		l := start(t)
		l.getUser(t)
		l.wantReached(t, l.backend, "AdminGetUser")
		l.wantReached(t, l.engine)
	})
	t.Run("gets no call of Step Functions", func(t *testing.T) {
		l := start(t)
		if _, err := sfn.NewFromConfig(l.config).ListStateMachines(t.Context(), &sfn.ListStateMachinesInput{}); err != nil {
			t.Fatalf("list state machines: %v", err)
		}
		l.wantReached(t, l.engine, "ListStateMachines")
		l.wantReached(t, l.backend)
	})
	t.Run("gets the host that the caller named", func(t *testing.T) {
		l := start(t)
		l.getUser(t)
		if got := l.backend.requests()[0].Host; got != l.host {
			t.Errorf("host at the backend = %q; want the gateway's, %q", got, l.host)
		}
	})
	t.Run("gets a chunked body with its length", func(t *testing.T) {
		l := start(t)
		const body = `{"in":"chunks"}`
		// An io.Reader of an unknown type is sent in chunks.
		resp := l.post(t, "/", io.MultiReader(strings.NewReader(body[:5]), strings.NewReader(body[5:])), nil)
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("chunked request: %s", resp.Status)
		}
		got := l.backend.requests()[0]
		if got.ContentLength != int64(len(body)) || len(got.TransferEncoding) != 0 || string(got.body) != body {
			t.Errorf("request at the backend: length %d, encoding %q, body %s; want %d, none, %s",
				got.ContentLength, got.TransferEncoding, got.body, len(body), body)
		}
	})
	t.Run("is gone", func(t *testing.T) {
		l := start(t)
		l.backend.server.Close()
		if resp := l.post(t, "/", http.NoBody, nil); resp.StatusCode != http.StatusBadGateway {
			t.Errorf("answer without a backend = %s; want 502", resp.Status)
		}
		if got := l.gateway.Calls(all); len(got) != 1 || got[0].Status != http.StatusBadGateway {
			t.Errorf("calls without a backend = %+v; want one with status 502", got)
		}
	})
}

func TestCalls(t *testing.T) {
	t.Run("are kept with their answers", func(t *testing.T) {
		l := start(t)
		l.getUser(t)
		calls := l.gateway.Calls(all)
		if len(calls) != 1 {
			t.Fatalf("calls = %+v; want one", calls)
		}
		got := calls[0]
		if !bytes.Contains(got.Body, []byte("ann@example.com")) || got.Status != http.StatusOK || string(got.Response) != `{}` || got.Time.IsZero() {
			t.Errorf("call = %+v with body %s and response %s; want AdminGetUser for ann@example.com answered 200 {}", got, got.Body, got.Response)
		}
	})
	t.Run("are those that match", func(t *testing.T) {
		l := start(t)
		l.getUser(t)
		l.confirmSignUp(t) //nolint:errcheck // that it was called is enough
		l.getUser(t)
		got := l.gateway.Calls(func(c gateway.Call) bool { return c.Action == "ConfirmSignUp" })
		if len(got) != 1 || got[0].Action != "ConfirmSignUp" {
			t.Errorf("calls of ConfirmSignUp = %+v; want one", got)
		}
		if n := len(l.gateway.Calls(all)); n != 3 {
			t.Errorf("number of all calls = %d; want 3", n)
		}
	})
}

func TestConfirmer(t *testing.T) {
	refused := &gateway.APIError{Status: http.StatusBadRequest, Code: "NotAuthorizedException", Message: "already"}
	t.Run("lets a call through", func(t *testing.T) {
		l, users := startWithUsers(t, nil, nil)
		l.backend.answer = func(w http.ResponseWriter) {
			w.Header().Set("X-Amzn-Requestid", "from-the-backend")
			io.WriteString(w, `{"Session":"s"}`) //nolint:errcheck // the test sees what arrives
		}
		out, err := l.confirmSignUp(t)
		if err != nil || aws.ToString(out.Session) != "s" {
			t.Errorf("ConfirmSignUp = %+v, %v; want the backend's answer, session s", out, err)
		}
		users.wantAsked(t, "before ConfirmSignUp", "after ConfirmSignUp")
	})
	t.Run("refuses a call before it is passed on", func(t *testing.T) {
		l, users := startWithUsers(t, refused, nil)
		_, err := l.confirmSignUp(t)
		wantAPIError(t, err, "NotAuthorizedException", "already")
		l.wantReached(t, l.backend)
		users.wantAsked(t, "before ConfirmSignUp")
		l.wantStatus(t, "ConfirmSignUp", http.StatusBadRequest)
	})
	t.Run("fails a call that succeeded", func(t *testing.T) {
		l, _ := startWithUsers(t, nil, refused)
		_, err := l.confirmSignUp(t)
		wantAPIError(t, err, "NotAuthorizedException", "already")
		l.wantReached(t, l.backend, "ConfirmSignUp")
		l.wantStatus(t, "ConfirmSignUp", http.StatusBadRequest)
	})
	t.Run("fails with an error that is none of AWS", func(t *testing.T) {
		l, _ := startWithUsers(t, nil, errors.New("no trigger"))
		_, err := l.confirmSignUp(t)
		wantAPIError(t, err, "InternalErrorException", "no trigger")
		l.wantStatus(t, "ConfirmSignUp", http.StatusInternalServerError)
	})
	t.Run("is not told of a call that failed", func(t *testing.T) {
		l, users := startWithUsers(t, nil, refused)
		l.backend.answer = func(w http.ResponseWriter) {
			(&gateway.APIError{Status: http.StatusBadRequest, Code: "CodeMismatchException", Message: "wrong code"}).ServeHTTP(w, nil)
		}
		_, err := l.confirmSignUp(t)
		wantAPIError(t, err, "CodeMismatchException", "wrong code")
		users.wantAsked(t, "before ConfirmSignUp")
	})
	t.Run("is not asked about other services", func(t *testing.T) {
		l, users := startWithUsers(t, refused, refused)
		if _, err := sfn.NewFromConfig(l.config).ListStateMachines(t.Context(), &sfn.ListStateMachinesInput{}); err != nil {
			t.Errorf("list state machines: %v", err)
		}
		users.wantAsked(t)
	})
}

func TestCompleter(t *testing.T) {
	t.Run("replaces what is passed on, not what is recorded", func(t *testing.T) {
		l, _ := startWithUsers(t, nil, nil)
		l.gateway.Pools = completer{body: []byte(`{"completed":true}`)}
		l.getUser(t)
		if got := l.backend.requests()[0]; string(got.body) != `{"completed":true}` || got.ContentLength != int64(len(got.body)) {
			t.Errorf("request at the backend: length %d, body %s; want the completed one", got.ContentLength, got.body)
		}
		if got := l.gateway.Calls(all)[0].Body; !strings.Contains(string(got), "ann@example.com") {
			t.Errorf("recorded is %s; want what the caller sent", got)
		}
	})
	t.Run("fails a call", func(t *testing.T) {
		l, users := startWithUsers(t, nil, nil)
		l.gateway.Pools = completer{err: errors.New("no pool")}
		_, err := l.confirmSignUp(t)
		wantAPIError(t, err, "InternalErrorException", "no pool")
		l.wantReached(t, l.backend)
		users.wantAsked(t, "before ConfirmSignUp")
	})
}
