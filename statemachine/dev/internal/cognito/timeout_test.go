package cognito_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Cognito waits 5 seconds for the trigger, three times at the most. Here these
// seconds pass at once: no network is in the way of synctest's clock.
func TestTriggerThatTakesTooLong(t *testing.T) {
	t.Run("is invoked three times, then the call fails", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			client := &slowTrigger{fake: newFake(), answersAt: never}
			err := withConfig(client.config()).After(t.Context(), confirmSignUp)
			wantAPIError(t, err, "UnexpectedLambdaException",
				"PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function.")
			client.wantAttempts(t, 0, 5*time.Second, 10*time.Second)
			if took := time.Since(client.began); took != 15*time.Second {
				t.Errorf("After returned after %v; want 15s", took)
			}
		})
	})
	t.Run("may answer at the third time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			client := &slowTrigger{fake: newFake(), answersAt: 3}
			if err := withConfig(client.config()).After(t.Context(), confirmSignUp); err != nil {
				t.Errorf("After = %v; want success", err)
			}
			client.wantAttempts(t, 0, 5*time.Second, 10*time.Second)
		})
	})
	t.Run("is not invoked again for a caller that has gone", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
			defer cancel()
			client := &slowTrigger{fake: newFake(), answersAt: never}
			if err := withConfig(client.config()).After(ctx, confirmSignUp); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("After = %v; want %v", err, context.DeadlineExceeded)
			}
			client.wantAttempts(t, 0, 5*time.Second)
		})
	})
}

const never = 0

// slowTrigger is an HTTP client of the fake, whose trigger answers at that
// attempt only.
type slowTrigger struct {
	fake      *fake
	answersAt int

	began    time.Time
	attempts []time.Duration
}

func (s *slowTrigger) config() aws.Config {
	s.began = time.Now()
	c := config("http://fake")
	c.HTTPClient = s
	return c
}

func (s *slowTrigger) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/invocations") {
		s.attempts = append(s.attempts, time.Since(s.began))
		if len(s.attempts) != s.answersAt {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	s.fake.ServeHTTP(answer, r)
	return answer.Result(), nil
}

func (s *slowTrigger) wantAttempts(t *testing.T, want ...time.Duration) {
	t.Helper()
	if !slices.Equal(s.attempts, want) {
		t.Errorf("the trigger was invoked at %v; want %v", s.attempts, want)
	}
}
