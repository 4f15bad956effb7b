package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/record"
	"example.com/onboarding/statemachine/sweep"
)

// verified are the attributes of a user who can be mailed.
var verified = []string{"email", "jane@example.com", "email_verified", "true"}

// stopped is an execution that stopped so long ago.
func stopped(status types.ExecutionStatus, ago time.Duration) *sfn.DescribeExecutionOutput {
	redrive := types.ExecutionRedriveStatusRedrivable
	if ago > 14*day {
		redrive = types.ExecutionRedriveStatusNotRedrivable
	}
	return &sfn.DescribeExecutionOutput{Status: status, StopDate: aws.Time(now.Add(-ago)), RedriveStatus: redrive}
}

// running is an execution that is under way.
func running() *sfn.DescribeExecutionOutput {
	return &sfn.DescribeExecutionOutput{Status: types.ExecutionStatusRunning, RedriveStatus: types.ExecutionRedriveStatusNotRedrivable}
}

// TestVerdicts has a user for each of them. A second sweep, a moment later, starts
// nothing.
func TestVerdicts(t *testing.T) {
	one := record.Step{Status: statemachine.StatusDone, At: now.Add(-13 * day)}
	for _, test := range []struct {
		name  string
		is    func(*world, *cognito.UserType)
		want  sweep.Verdict
		again bool // started again, not for the first time
	}{
		{"imported, 100 days old", nil, sweep.Found, false},
		{"federated", func(_ *world, u *cognito.UserType) {
			u.UserStatus = cognito.UserStatusTypeExternalProvider
		}, sweep.Found, false},
		{"disabled", func(_ *world, u *cognito.UserType) { u.Enabled = false }, sweep.Disabled, false},
		{"invited, no password yet", func(_ *world, u *cognito.UserType) {
			u.UserStatus = cognito.UserStatusTypeForceChangePassword
		}, sweep.NotConfirmed, false},
		{"confirmed a moment ago", func(_ *world, u *cognito.UserType) {
			u.UserLastModifiedDate = aws.Time(now.Add(-14 * time.Minute))
		}, sweep.Recent, false},
		{"execution runs", func(w *world, _ *cognito.UserType) {
			w.known[subOf(1)] = running()
		}, sweep.Unfinished, false},
		{"execution succeeded, before there were records", func(w *world, _ *cognito.UserType) {
			w.known[subOf(1)] = &sfn.DescribeExecutionOutput{Status: types.ExecutionStatusSucceeded}
		}, sweep.Onboarded, false},
		{"execution stopped and can be redriven", func(w *world, _ *cognito.UserType) {
			w.known[subOf(1)] = stopped(types.ExecutionStatusFailed, 13*day)
		}, sweep.Unfinished, false},
		{"execution failed and expired", func(w *world, _ *cognito.UserType) {
			w.known[subOf(1)] = stopped(types.ExecutionStatusFailed, 15*day)
		}, sweep.Restarted, true},
		{"execution timed out and expired", func(w *world, _ *cognito.UserType) {
			w.known[subOf(1)] = stopped(types.ExecutionStatusTimedOut, 15*day)
		}, sweep.Restarted, true},
		{"execution aborted and expired", func(w *world, _ *cognito.UserType) {
			w.known[subOf(1)] = stopped(types.ExecutionStatusAborted, 15*day)
		}, sweep.Restarted, true},
		{"a step ended lately", func(w *world, _ *cognito.UserType) {
			w.put(1, false, map[string]record.Step{"One": one})
			w.known = nil // nothing is asked of Step Functions: a fake would say that it is forgotten
		}, sweep.Unfinished, false},
		{"a step ended long ago, execution expired", func(w *world, _ *cognito.UserType) {
			w.put(1, false, map[string]record.Step{"One": done(now.Add(-20 * day))})
			w.known[subOf(1)] = stopped(types.ExecutionStatusFailed, 15*day)
		}, sweep.Restarted, true},
		{"a step ended long ago, execution redriven lately", func(w *world, _ *cognito.UserType) {
			w.put(1, false, map[string]record.Step{"One": done(now.Add(-20 * day))})
			w.known[subOf(1)] = stopped(types.ExecutionStatusFailed, day)
		}, sweep.Unfinished, false},
		{"a step ended long ago, execution forgotten", func(w *world, _ *cognito.UserType) {
			w.put(1, false, map[string]record.Step{"One": done(now.Add(-91 * day))})
		}, sweep.Restarted, false},
		{"onboarded", func(w *world, _ *cognito.UserType) {
			w.put(1, true, map[string]record.Step{"One": one, "Two": {Status: statemachine.StatusSkipped, Reason: "for good", At: now}})
		}, sweep.Onboarded, false},
		{"mailed before there were records", func(w *world, _ *cognito.UserType) {
			item := record.KeyOf(subOf(1))
			item["messageId"] = &ddb.AttributeValueMemberS{Value: "id"}
			w.records = map[string]map[string]ddb.AttributeValue{subOf(1): item}
		}, sweep.Onboarded, false},
		{"skipped until verified, and is not", func(w *world, _ *cognito.UserType) {
			w.put(1, true, map[string]record.Step{"One": skipped(statemachine.UntilVerified, now.Add(-day))})
		}, sweep.Onboarded, false},
		{"skipped until verified, with an address that is not", func(w *world, u *cognito.UserType) {
			w.put(1, true, map[string]record.Step{"One": skipped(statemachine.UntilVerified, now.Add(-day))})
			*u = user(1, "email", "jane@example.com", "email_verified", "false")
		}, sweep.Onboarded, false},
		{"verified later", func(w *world, u *cognito.UserType) {
			w.put(1, true, map[string]record.Step{"One": skipped(statemachine.UntilVerified, now.Add(-day))})
			*u = user(1, verified...)
		}, sweep.Restarted, true},
		{"verified a moment ago", func(w *world, u *cognito.UserType) {
			w.put(1, true, map[string]record.Step{"One": skipped(statemachine.UntilVerified, now.Add(-day))})
			*u = user(1, verified...)
			u.UserLastModifiedDate = &now
		}, sweep.Recent, false},
		{"found later", func(w *world, _ *cognito.UserType) {
			w.put(1, true, map[string]record.Step{"One": skipped(statemachine.UntilFound, now.Add(-day))})
		}, sweep.Restarted, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{t: t, users: []cognito.UserType{user(1)}, known: make(map[string]*sfn.DescribeExecutionOutput)}
				if test.is != nil {
					test.is(w, &w.users[0])
				}
				got := w.run()[subOf(1)]
				starts := test.want == sweep.Found || test.want == sweep.Restarted
				if got.Verdict != test.want || (len(w.started) == 1) != starts || (got.Cause != "") != test.again {
					t.Errorf("%s, cause %q, started %v; want %s", got.Verdict, got.Cause, w.started, test.want)
				}
				if starts && w.started[0] != got.Input.ExecutionName(got.Cause) {
					t.Errorf("started %v for the cause %q", w.started, got.Cause)
				}
				if w.run(); len(w.started) > 0 {
					t.Errorf("a second sweep started %v", w.started)
				}
			})
		})
	}
}

// TestAStopLeadsToOneMoreExecution lets what was started again stop for good, too.
func TestAStopLeadsToOneMoreExecution(t *testing.T) {
	w := &world{t: t, users: []cognito.UserType{user(1)}, known: map[string]*sfn.DescribeExecutionOutput{subOf(1): stopped(types.ExecutionStatusFailed, 40*day)}}
	w.run()
	second := w.started[0]
	w.known[second] = stopped(types.ExecutionStatusFailed, 15*day)
	w.run()
	if len(w.started) != 1 || w.started[0] == second || len(w.known) != 3 {
		t.Errorf("started %s and then %v, want another one", second, w.started)
	}
	w.known[w.started[0]] = stopped(types.ExecutionStatusFailed, day)
	if w.run(); len(w.started) > 0 {
		t.Errorf("started %v for an execution that can be redriven", w.started)
	}
}

// TestEachStopIsACauseOfItsOwn lets an execution be redriven, and stop another time.
func TestEachStopIsACauseOfItsOwn(t *testing.T) {
	names := make(map[string]bool)
	for _, ago := range []time.Duration{30 * day, 15 * day} {
		w := &world{t: t, users: []cognito.UserType{user(1)}, known: map[string]*sfn.DescribeExecutionOutput{subOf(1): stopped(types.ExecutionStatusFailed, ago)}}
		w.run()
		names[w.started[0]] = true
	}
	if len(names) != 2 {
		t.Errorf("started %v for two stops", names)
	}
}

func TestEachSkipLeadsToOneExecution(t *testing.T) {
	w := &world{t: t, users: []cognito.UserType{user(1, verified...)}}
	var names []string
	for _, at := range []time.Time{now.Add(-3 * day), now.Add(-2 * day)} {
		w.put(1, true, map[string]record.Step{
			"One": skipped(statemachine.UntilFound, at.Add(-time.Second)), "Two": skipped(statemachine.UntilVerified, at),
		})
		names = append(names, w.run()[subOf(1)].Cause)
		names = append(names, w.started...)
		// The execution has done the first of the steps.
		w.put(1, true, map[string]record.Step{"One": done(now), "Two": skipped(statemachine.UntilVerified, at)})
		if w.run(); len(w.started) > 0 {
			t.Errorf("started %v while the execution is between two steps", w.started)
		}
	}
	if len(names) != 4 || names[1] == names[3] {
		t.Errorf("causes and names %v, want two of each", names)
	}
}

func TestInputIsTheTriggers(t *testing.T) {
	federated, nameless := user(2), user(3)
	federated.UserStatus, federated.Username = cognito.UserStatusTypeExternalProvider, aws.String("Saml_jane@example.com")
	local := user(1)
	local.Username = aws.String("jane@example.com")
	nameless.Attributes = nil
	w := &world{t: t, users: []cognito.UserType{local, federated, nameless}}
	w.run()
	for i, want := range []string{
		fmt.Sprintf(`{"userPoolId":%q,"username":%q,"sub":%q,"clientId":"","metadata":{}}`, poolID, subOf(1), subOf(1)),
		fmt.Sprintf(`{"userPoolId":%q,"username":%q,"sub":%q,"clientId":"","metadata":{}}`, poolID, "Saml_jane@example.com", subOf(2)),
		fmt.Sprintf(`{"userPoolId":%q,"username":%q,"sub":"","clientId":"","metadata":{}}`, poolID, subOf(3)),
	} {
		if w.inputs[i] != want {
			t.Errorf("input %s, want %s", w.inputs[i], want)
		}
	}
}

func TestDryRunStartsNothing(t *testing.T) {
	w := &world{t: t, users: []cognito.UserType{user(1), user(2)}, known: map[string]*sfn.DescribeExecutionOutput{subOf(2): stopped(types.ExecutionStatusFailed, 15*day)}}
	got := w.run(func(s *sweep.Sweep) { s.DryRun = true })
	if got[subOf(1)].Verdict != sweep.Found || got[subOf(2)].Verdict != sweep.Restarted || len(w.started) > 0 {
		t.Errorf("%v, started %v", got, w.started)
	}
}

func TestSinceLeavesAloneWhomTheStackDoesNotKnow(t *testing.T) {
	w := &world{t: t, users: []cognito.UserType{user(1), user(2, verified...)}}
	w.put(2, true, map[string]record.Step{"One": skipped(statemachine.UntilVerified, now.Add(-day))})
	got := w.run(func(s *sweep.Sweep) { s.Since = now.Add(-99 * day) })
	if got[subOf(1)].Verdict != sweep.TooOld || got[subOf(2)].Verdict != sweep.Restarted {
		t.Errorf("%v", got)
	}
}

// TestEveryUserOfEveryPageIsLookedAt reads records in several batches, too, on a fake
// clock.
func TestEveryUserOfEveryPageIsLookedAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t}
		for n := range 7 {
			w.users = append(w.users, user(n))
			if n%2 == 0 {
				w.put(n, true, map[string]record.Step{"One": done(now)})
			}
		}
		got := w.run()
		if want := []string{subOf(1), subOf(3), subOf(5)}; len(got) != 7 || !slices.Equal(w.started, want) {
			t.Errorf("%d users, started %v, want %v", len(got), w.started, want)
		}
	})
}

func TestOneUserWhoFailsKeepsNobodyUp(t *testing.T) {
	w := &world{t: t, users: []cognito.UserType{user(1), user(2)}}
	got := w.run(func(s *sweep.Sweep) {
		as := s.Executions.(executions)
		start := as.startFunc
		as.startFunc = func(in *sfn.StartExecutionInput) error {
			if *in.Name == subOf(1) {
				return &types.InvalidExecutionInput{}
			}
			return start(in)
		}
		s.Executions = as
	})
	if got[subOf(1)].Verdict != sweep.Failed || got[subOf(1)].Err == nil || got[subOf(2)].Verdict != sweep.Found {
		t.Errorf("%v", got)
	}
}

// TestAPageFailsWithWhatItCannotDoWithout breaks one call after the other. The page of
// the fakes has too few users for a streak.
func TestAPageFailsWithWhatItCannotDoWithout(t *testing.T) {
	denied := errors.New("denied")
	for name, breakIt := range map[string]func(*sweep.Sweep){
		"ListUsers": func(s *sweep.Sweep) {
			s.Users = listFunc(func(*cognitoidentityprovider.ListUsersInput) (*cognitoidentityprovider.ListUsersOutput, error) {
				return nil, denied
			})
		},
		"BatchGetItem": func(s *sweep.Sweep) {
			s.Records = batchFunc(func(*dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) { return nil, denied })
		},
		"every start": func(s *sweep.Sweep) { s.Each = paceFunc(func(func() error) error { return denied }) },
	} {
		t.Run(name, func(t *testing.T) {
			w := &world{t: t}
			for n := range 20 {
				w.users = append(w.users, user(n))
			}
			s := w.sweep()
			s.Users = listFunc(func(*cognitoidentityprovider.ListUsersInput) (*cognitoidentityprovider.ListUsersOutput, error) {
				return &cognitoidentityprovider.ListUsersOutput{Users: w.users}, nil
			})
			s.Records = batchFunc(func(*dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) {
				return &dynamodb.BatchGetItemOutput{}, nil
			})
			breakIt(s)
			users, _, err := s.Page(t.Context(), "")
			if want := map[string]int{"every start": sweep.MaxStreak}[name]; !errors.Is(err, denied) || len(users) != want {
				t.Errorf("%d users, %v; want %d", len(users), err, want)
			}
		})
	}
}

// TestKeysThatStayUnprocessedAreGivenUp runs on a fake clock.
func TestKeysThatStayUnprocessedAreGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, users: []cognito.UserType{user(1)}}
		s := w.sweep()
		s.Records = batchFunc(func(in *dynamodb.BatchGetItemInput) (*dynamodb.BatchGetItemOutput, error) {
			return &dynamodb.BatchGetItemOutput{UnprocessedKeys: in.RequestItems}, nil
		})
		if _, _, err := s.Page(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "unprocessed") || len(w.started) > 0 {
			t.Errorf("error %v, started %v", err, w.started)
		}
	})
}

func TestBrokenOffPageKeepsWhomItLookedAt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := &world{t: t, users: []cognito.UserType{user(1), user(2)}}
	s := w.sweep()
	s.Each = paceFunc(func(call func() error) error {
		if len(w.started) == 1 {
			cancel()
			return ctx.Err()
		}
		return call()
	})
	users, _, err := s.Page(ctx, "")
	if !errors.Is(err, context.Canceled) || len(users) != 1 || users[0].Verdict != sweep.Found {
		t.Errorf("%v, %v; want the first user and canceled", users, err)
	}
}

func TestOnlyARefusedTokenIsOne(t *testing.T) {
	refused := fmt.Errorf("list users: %w", &cognito.InvalidParameterException{})
	if !sweep.TokenRefused(refused) || sweep.TokenRefused(&cognito.TooManyRequestsException{}) || sweep.TokenRefused(nil) {
		t.Error("TokenRefused is wrong")
	}
}

func TestSinceIsADate(t *testing.T) {
	if got, err := sweep.ParseSince("2026-01-31"); err != nil || !got.Equal(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := sweep.ParseSince(""); err != nil || !got.IsZero() {
		t.Errorf("none: %v, %v", got, err)
	}
	if _, err := sweep.ParseSince("2026-02-30"); err == nil {
		t.Error("a day that does not exist is taken for none")
	}
}
