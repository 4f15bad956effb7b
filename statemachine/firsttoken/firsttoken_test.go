package firsttoken_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	cognito "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/firsttoken"
	"example.com/onboarding/statemachine/grouprules"
	"example.com/onboarding/statemachine/record"
)

const sub = "3f2a7c1e-5b8d-4e6f-9a0b-1c2d3e4f5a6b"

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type userFunc func(context.Context, *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error)

func (f userFunc) AdminGetUser(ctx context.Context, in *cognito.AdminGetUserInput, _ ...func(*cognito.Options)) (*cognito.AdminGetUserOutput, error) {
	return f(ctx, in)
}

type recordFunc func(ctx context.Context, user string) (record.Record, error)

func (f recordFunc) Get(ctx context.Context, user string) (record.Record, error) { return f(ctx, user) }

// changed is a user whom Cognito created and changed so long ago.
func changed(created, modified time.Duration) userFunc {
	at := func(ago time.Duration) *time.Time { t := now.Add(-ago); return &t }
	return func(context.Context, *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) {
		return &cognito.AdminGetUserOutput{UserCreateDate: at(created), UserLastModifiedDate: at(modified)}, nil
	}
}

func knows(r record.Record) recordFunc {
	return func(context.Context, string) (record.Record, error) { return r, nil }
}

// given is the record of a user whom the onboarding put in the groups so long ago.
func given(ago time.Duration) recordFunc {
	return knows(record.Record{Steps: map[string]record.Step{"AddUserToGroup": {Status: statemachine.StatusDone, At: now.Add(-ago)}}})
}

func event(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("../../trigger/firsttoken/testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

// inToken returns the answer to an event, how many calls it took, and what was logged.
func inToken(t *testing.T, users userFunc, records recordFunc, payload []byte) (answer []byte, calls int, log string) {
	t.Helper()
	var count atomic.Int32
	var logged bytes.Buffer
	rules, err := grouprules.Parse(`[{"attribute": "email", "emailDomain": "example.com", "groups": ["staff", "members"]}]`)
	if err != nil {
		t.Fatal(err)
	}
	g := firsttoken.Groups{
		Users: userFunc(func(ctx context.Context, in *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) {
			count.Add(1)
			return users(ctx, in)
		}),
		Records: recordFunc(func(ctx context.Context, user string) (record.Record, error) {
			count.Add(1)
			return records(ctx, user)
		}),
		DefaultGroup: "members", Rules: rules, Since: now.Add(-48 * time.Hour),
		Log: slog.New(slog.NewJSONHandler(&logged, nil)), Now: func() time.Time { return now },
	}
	answer = g.InToken(t.Context(), bytes.Clone(payload))
	if strings.Contains(logged.String(), "jane") || strings.Contains(logged.String(), "Jane") {
		t.Errorf("the log has personal data: %s", &logged)
	}
	return answer, int(count.Load()), logged.String()
}

// groupsOf returns the groups that an answer gives; nil if it leaves them as they are.
func groupsOf(t *testing.T, answer []byte) []string {
	t.Helper()
	type details struct {
		Groups struct {
			Names []string `json:"groupsToOverride"`
		} `json:"groupOverrideDetails"`
	}
	var e struct {
		Response struct {
			V1 details `json:"claimsOverrideDetails"`
			V2 details `json:"claimsAndScopeOverrideDetails"`
		} `json:"response"`
	}
	if err := json.Unmarshal(answer, &e); err != nil {
		t.Fatalf("answer %s: %v", answer, err)
	}
	return append(e.Response.V1.Groups.Names, e.Response.V2.Groups.Names...)
}

func TestOnlyTheGroupsOfTheResponseAreSet(t *testing.T) {
	for file, test := range map[string]struct{ old, set string }{
		"new_user.json": {`"claimsOverrideDetails": null`, `"claimsOverrideDetails": {"groupOverrideDetails":{
      "groupsToOverride": ["members","staff"],
      "iamRolesToOverride": [],
      "preferredRole": null
    }}`},
		"federated.json": {`"claimsOverrideDetails": null`, `"claimsOverrideDetails": {"groupOverrideDetails":{
      "groupsToOverride": ["us-east-1_Example01_Google","members","staff"],
      "iamRolesToOverride": [],
      "preferredRole": null
    }}`},
		"v2.json": {`"claimsAndScopeOverrideDetails": null`, `"claimsAndScopeOverrideDetails": {"groupOverrideDetails":{
      "groupsToOverride": ["members","staff"],
      "iamRolesToOverride": [],
      "preferredRole": null
    }}`},
	} {
		t.Run(file, func(t *testing.T) {
			payload := event(t, file)
			answer, _, log := inToken(t, changed(time.Minute, time.Second), knows(record.Record{}), payload)
			if want := strings.Replace(string(payload), test.old, test.set, 1); string(answer) != want {
				t.Errorf("answer\n%s\nwant\n%s", answer, want)
			}
			if strings.Count(log, "\n") != 1 || !strings.Contains(log, `"level":"INFO"`) || !strings.Contains(log, `"execution":"`+sub+`"`) {
				t.Errorf("log %s", log)
			}
		})
	}
}

func TestRolesAndClaimsOfOthersAreKept(t *testing.T) {
	payload := strings.NewReplacer(
		`"preferredRole": null`, `"preferredRole": "arn:aws:iam::123456789012:role/a<b>", "later": [1.0]`,
		`"claimsOverrideDetails": null`, `"claimsOverrideDetails": {"claimsToSuppress": ["email"]}, "more": 1e3`,
	).Replace(string(event(t, "new_user.json")))
	answer, _, _ := inToken(t, changed(0, 0), knows(record.Record{}), []byte(payload))
	want := strings.Replace(payload, `{"claimsToSuppress": ["email"]}`, `{"groupOverrideDetails":{
      "groupsToOverride": ["members","staff"],
      "iamRolesToOverride": [],
      "preferredRole": "arn:aws:iam::123456789012:role/a<b>", "later": [1.0]
    },"claimsToSuppress": ["email"]}`, 1)
	if string(answer) != want {
		t.Errorf("answer\n%s\nwant\n%s", answer, want)
	}
}

func TestWhoIsGivenGroups(t *testing.T) {
	skipped := record.Record{Steps: map[string]record.Step{"AddUserToGroup": {Status: statemachine.StatusSkipped, At: now}}}
	onboarded := skipped
	onboarded.OnboardedAt = now
	const old = 24 * time.Hour
	for name, test := range map[string]struct {
		users   userFunc
		records recordFunc
		want    bool
	}{
		"created just now":                         {changed(time.Second, time.Second), knows(record.Record{}), true},
		"created long ago, confirmed just now":     {changed(old, time.Second), knows(record.Record{}), true},
		"at the end of the window":                 {changed(old, firsttoken.Window-1), knows(record.Record{}), true},
		"created just before the records, changed": {changed(48*time.Hour+1, 0), knows(record.Record{}), false},
		"created with the first record, changed":   {changed(48*time.Hour, 0), knows(record.Record{}), true},
		"after the window":                         {changed(old, firsttoken.Window), knows(record.Record{}), false},
		"changed after now, by Cognito's clock":    {changed(old, -time.Second), knows(record.Record{}), true},
		"another step has ended":                   {changed(old, 0), knows(record.Record{Steps: map[string]record.Step{"SaveProfile": {Status: statemachine.StatusDone}}}), true},
		"not found by the step":                    {changed(0, 0), knows(skipped), true},
		"not found, and onboarded":                 {changed(0, 0), knows(onboarded), false},
		"onboarded before there were records":      {changed(0, 0), knows(record.Record{MessageID: "m-1"}), false},
		"given a moment ago":                       {changed(old, old), given(time.Second), true},
		"given at the end of the race":             {changed(old, old), given(firsttoken.Race - 1), true},
		"given and removed":                        {changed(old, 0), given(firsttoken.Race), false},
		"given and removed, on the day of sign-up": {changed(10*time.Minute, 0), given(9 * time.Minute), false},
	} {
		t.Run(name, func(t *testing.T) {
			payload := event(t, "new_user.json")
			answer, calls, log := inToken(t, test.users, test.records, payload)
			if got := groupsOf(t, answer) != nil; got != test.want {
				t.Errorf("given %t, want %t", got, test.want)
			}
			if !test.want && (!bytes.Equal(answer, payload) || log != "") {
				t.Errorf("answer %s, log %s: want the event as it was, and no line", answer, log)
			}
			if calls != 2 {
				t.Errorf("%d calls, want 2", calls)
			}
		})
	}
}

func TestEventsThatAreNotChangedTakeNoCall(t *testing.T) {
	usual := string(event(t, "new_user.json"))
	groups := func(list string) string {
		return strings.Replace(usual, `"groupsToOverride": []`, `"groupsToOverride": `+list, 1)
	}
	for name, payload := range map[string]string{
		"has groups":              string(event(t, "event.json")),
		"refresh, has groups":     strings.Replace(groups(`["members", "staff"]`), "_Authentication", "_RefreshTokens", 1),
		"a provider's and more":   groups(`["us-east-1_Example01_Google", "admins"]`),
		"another one":             groups(`["members", "admins"]`),
		"groups that are no list": groups(`"members"`), "group that is no name": groups(`[1]`),
		"configuration in a list": strings.NewReplacer(`"groupConfiguration": {`, `"groupConfiguration": [{`, "null\n    }\n  },", "null\n    }]\n  },").Replace(usual),
		"no configuration":        `{"triggerSource":"TokenGeneration_Authentication","userPoolId":"p_1","userName":"u","request":{}}`,
		"no user":                 strings.Replace(usual, `"userName"`, `"other"`, 1),
		"no pool":                 strings.Replace(usual, `"userPoolId"`, `"other"`, 1),
		"another trigger":         strings.Replace(usual, "TokenGeneration_Authentication", "PostConfirmation_ConfirmSignUp", 1),
		"no JSON":                 "{", "no object": "[]", "nothing": "", "null": "null", "no text": "\xff\xfe",
	} {
		t.Run(name, func(t *testing.T) {
			answer, calls, log := inToken(t, changed(0, 0), knows(record.Record{}), []byte(payload))
			if string(answer) != payload || calls > 0 || log != "" {
				t.Errorf("answer %s, %d calls, log %s", answer, calls, log)
			}
		})
	}
}

// Cognito may be asked while the onboarding gives one group after the other.
func TestGroupsThatAreStillMissingAreAdded(t *testing.T) {
	payload := bytes.Replace(event(t, "new_user.json"), []byte(`"groupsToOverride": []`), []byte(`"groupsToOverride": ["members"]`), 1)
	answer, _, _ := inToken(t, changed(0, 0), knows(record.Record{}), payload)
	if got, want := groupsOf(t, answer), []string{"members", "staff"}; !reflect.DeepEqual(got, want) {
		t.Errorf("groups %q, want %q", got, want)
	}
	if answer, _, _ := inToken(t, changed(0, 0), given(time.Hour), payload); !bytes.Equal(answer, payload) {
		t.Errorf("answer %s, and the user was removed from a group since", answer)
	}
}

func TestWrongTypesSpoilNothingElse(t *testing.T) {
	payload := strings.Replace(string(event(t, "new_user.json")), `"email_verified": "true"`, `"email_verified": true`, 1)
	answer, _, _ := inToken(t, changed(0, 0), knows(record.Record{}), []byte(payload))
	if got, want := groupsOf(t, answer), []string{"members"}; !reflect.DeepEqual(got, want) {
		t.Errorf("groups %q, want %q: what is not surely verified grants nothing", got, want)
	}
}

func TestUserIsNamedAsElsewhere(t *testing.T) {
	inToken(t, func(_ context.Context, in *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) {
		if *in.UserPoolId != "us-east-1_Example01" || *in.Username != "Google_112233445566778899000" {
			t.Errorf("AdminGetUser of %s in %s", *in.Username, *in.UserPoolId)
		}
		return &cognito.AdminGetUserOutput{}, nil
	}, func(_ context.Context, user string) (record.Record, error) {
		if user != sub {
			t.Errorf("record of %s, want %s", user, sub)
		}
		return record.Record{}, nil
	}, event(t, "federated.json"))
}

func TestFailedCallLeavesTheEventAndSaysWhy(t *testing.T) {
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "about jane@example.com"}
	for name, test := range map[string]struct {
		users   userFunc
		records recordFunc
		code    string
	}{
		"record": {changed(0, 0), func(context.Context, string) (record.Record, error) { return record.Record{}, denied }, "AccessDeniedException"},
		"user": {func(context.Context, *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) {
			return nil, errors.New("about jane@example.com")
		}, knows(record.Record{}), "unknown failure"},
	} {
		t.Run(name, func(t *testing.T) {
			payload := event(t, "new_user.json")
			answer, _, log := inToken(t, test.users, test.records, payload)
			if !bytes.Equal(answer, payload) {
				t.Errorf("answer %s", answer)
			}
			if strings.Count(log, "\n") != 1 || !strings.Contains(log, `"level":"ERROR"`) || !strings.Contains(log, `"error":"`+test.code+`"`) {
				t.Errorf("log %s, want the code %s", log, test.code)
			}
		})
	}
}

// TestCallsThatHangTakeTheBudgetTogether runs on a fake clock.
func TestCallsThatHangTakeTheBudgetTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		payload := event(t, "new_user.json")
		answer, _, log := inToken(t, func(ctx context.Context, _ *cognito.AdminGetUserInput) (*cognito.AdminGetUserOutput, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, func(ctx context.Context, _ string) (record.Record, error) {
			<-ctx.Done()
			return record.Record{}, ctx.Err()
		}, payload)
		if took := time.Since(began); took != firsttoken.Budget || !bytes.Equal(answer, payload) || !strings.Contains(log, `"error":"timeout"`) {
			t.Errorf("answered after %v with %s, log %s", took, answer, log)
		}
	})
}
