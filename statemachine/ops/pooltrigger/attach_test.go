package pooltrigger

import (
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/session"
)

func (c *cognitoPool) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(c.calls, want) {
		t.Errorf("calls %q, want %q", c.calls, want)
	}
}

// wantPool checks that the pool has all settings of the former one, and this
// trigger.
func (c *cognitoPool) wantPool(t *testing.T, former types.UserPoolType, trigger string) {
	t.Helper()
	want, got := (&pool{settings: former}).withTrigger(postConfirmation, trigger).settings, c.settings
	for _, s := range []*types.UserPoolType{&want, &got} {
		s.LastModifiedDate, s.AdminCreateUserConfig = nil, (&pool{settings: *s}).adminCreateUserConfig()
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the pool is\n%+v, want\n%+v", got, want)
	}
}

func TestAttachSetsTheTriggerAndNothingElse(t *testing.T) {
	c := newCognitoPool(t)
	former, formerMFA := c.settings, c.mfa
	r, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err != nil || r.Result != Changed || r.Before != "" || r.After != opstest.FunctionARN || r.Permission != PermissionAdded {
		t.Errorf("report %+v, error %v", r, err)
	}
	c.wantCalls(t, "AddPermission", "UpdateUserPool") // in that order
	c.wantPool(t, former, opstest.FunctionARN)
	if !reflect.DeepEqual(c.mfa, formerMFA) {
		t.Errorf("MFA is %+v, want %+v", c.mfa, formerMFA)
	}

	r, err = c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err != nil || r.Result != Already || r.Permission != PermissionKept {
		t.Errorf("attached twice: %+v, %v", r, err)
	}
	c.wantCalls(t, "AddPermission", "UpdateUserPool")
}

func TestAttachMendsAMissingPermission(t *testing.T) {
	c := newCognitoPool(t)
	c.setTrigger(opstest.FunctionARN)
	r, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err != nil || r.Permission != PermissionAdded || r.After != opstest.FunctionARN {
		t.Errorf("report %+v, error %v", r, err)
	}
	c.wantCalls(t, "AddPermission")
}

func TestAnotherTriggerIsReplacedOnRequestOnly(t *testing.T) {
	c := newCognitoPool(t)
	c.setTrigger(opstest.OtherARN)
	former := c.settings
	_, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err == nil || !strings.Contains(err.Error(), opstest.OtherARN) || !strings.Contains(err.Error(), "--replace") {
		t.Errorf("error %v, want one that names the other trigger", err)
	}
	c.wantCalls(t)
	r, err := c.run(t.Context(), t, Attach{Flags: given, Replace: true}, "none")
	if err != nil || r.Before != opstest.OtherARN || r.After != opstest.FunctionARN {
		t.Errorf("report %+v, error %v", r, err)
	}
	c.wantPool(t, former, opstest.FunctionARN)
	flags := given
	flags.JSON = false
	s := opstest.NewSession(t)
	c.setTrigger(opstest.OtherARN)
	if err := (Attach{Flags: flags, Replace: true}).run(t.Context(), s.Session, clients{c, c}); err != nil ||
		!strings.Contains(s.Out.String(), opstest.OtherARN+" → "+opstest.FunctionARN) || !strings.Contains(s.Out.String(), "--restore "+opstest.OtherARN) {
		t.Errorf("error %v, printed %s", err, &s.Out)
	}
}

func TestNothingIsChangedWithoutAYes(t *testing.T) {
	for _, test := range []struct {
		answer string
		change func(*Flags)
		says   string
	}{
		{"none", func(*Flags) {}, "no terminal"},
		{"\n", func(*Flags) {}, "not confirmed"},
		{"", func(*Flags) {}, "not confirmed"},
		{"no\n", func(*Flags) {}, "not confirmed"},
		{"y\n", func(f *Flags) { f.DryRun = true }, session.ErrAttention.Error()},
		{"none", func(f *Flags) { f.DryRun, f.Yes = true, true }, session.ErrAttention.Error()},
	} {
		c := newCognitoPool(t)
		flags := given
		flags.Yes = false
		test.change(&flags)
		for _, command := range []runner{Attach{Flags: flags}, Detach{Flags: flags}} {
			_, err := c.run(t.Context(), t, command, test.answer)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%T, answer %q, %+v: error %v, want %q", command, test.answer, flags, err, test.says)
			}
			c.wantCalls(t)
			c.setTrigger(opstest.FunctionARN) // for detach
		}
	}
	for _, yes := range []string{"y\n", "Yes\n"} {
		c, flags := newCognitoPool(t), given
		flags.Yes = false
		if _, err := c.run(t.Context(), t, Attach{Flags: flags}, yes); err != nil || c.trigger() != opstest.FunctionARN {
			t.Errorf("answer %q: error %v, trigger %q", yes, err, c.trigger())
		}
	}
}

func TestSettingsThatAreLostAreRestored(t *testing.T) {
	c := newCognitoPool(t)
	former, updates := c.settings, 0
	c.onUpdate = func(in *cognitoidentityprovider.UpdateUserPoolInput) error {
		if updates++; updates == 1 {
			in.UserPoolTier, in.EmailConfiguration = "", nil
		}
		return nil
	}
	r, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err == nil || errors.Is(err, session.ErrAttention) || !strings.Contains(err.Error(), "EmailConfiguration, UserPoolTier") {
		t.Errorf("error %v, want one that names what was lost", err)
	}
	if r.Result != Restored || r.After != "" || r.Permission != PermissionTakenBack || len(r.Differences) != 2 || len(r.NotRestored) > 0 {
		t.Errorf("report %+v", r)
	}
	c.wantPool(t, former, "")
	c.wantCalls(t, "AddPermission", "UpdateUserPool", "UpdateUserPool", "RemovePermission")
}

func TestWhatCannotBeRestoredIsNamed(t *testing.T) {
	c := newCognitoPool(t)
	c.onUpdate = func(in *cognitoidentityprovider.UpdateUserPoolInput) error {
		in.DeletionProtection = "INACTIVE"
		return nil
	}
	r, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err == nil || !strings.Contains(err.Error(), "could not be restored: DeletionProtection") || r.Result != NotRestored || len(r.NotRestored) != 1 || r.NotRestored[0].Got != "INACTIVE" {
		t.Errorf("report %+v, error %v", r, err)
	}
	if r.After != "" || c.trigger() != "" || r.Permission != PermissionTakenBack {
		t.Errorf("trigger %q, report %+v; want the former trigger all the same", c.trigger(), r)
	}
}

func TestMFAIsRestored(t *testing.T) {
	c := newCognitoPool(t)
	former := c.mfa
	c.updated = func() error {
		c.mfa.SoftwareTokenMfaConfiguration, c.mfa.WebAuthnConfiguration = nil, nil
		return nil
	}
	r, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err != nil || r.Result != Changed || !reflect.DeepEqual(c.mfa, former) {
		t.Errorf("report %+v, error %v, MFA %+v", r, err, c.mfa)
	}
	c.wantCalls(t, "AddPermission", "UpdateUserPool", "SetUserPoolMfaConfig")
}

func TestRefusedUpdateChangesNothing(t *testing.T) {
	c := newCognitoPool(t)
	former := c.settings
	c.onUpdate = func(*cognitoidentityprovider.UpdateUserPoolInput) error {
		return opstest.APIError("InvalidParameterException")
	}
	r, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err == nil || !strings.Contains(err.Error(), "nothing was changed") || !strings.Contains(err.Error(), "InvalidParameter") || r.Result != Unchanged || r.Permission != PermissionTakenBack {
		t.Errorf("report %+v, error %v", r, err)
	}
	c.wantPool(t, former, "")
	c.wantCalls(t, "AddPermission", "UpdateUserPool", "RemovePermission")
}

func TestLostAnswerIsNoFailure(t *testing.T) {
	c := newCognitoPool(t)
	c.updated = func() error { return errors.New("connection reset") }
	r, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err != nil || r.Result != Changed || c.trigger() != opstest.FunctionARN {
		t.Errorf("report %+v, error %v", r, err)
	}
}

func TestPoolThatCannotBeReadBackIsSaidToBeUnknown(t *testing.T) {
	c := newCognitoPool(t)
	c.updated = func() error {
		c.onRead = func() error { return opstest.APIError("InternalErrorException") }
		return nil
	}
	r, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
	if err == nil || r.Result != Unknown || r.Permission != PermissionAdded {
		t.Errorf("report %+v, error %v; want unknown, and the permission kept", r, err)
	}
}

func TestChangeOfSomebodyElseIsNotOverwritten(t *testing.T) {
	for name, change := range map[string]func(*cognitoPool){
		"a setting": func(c *cognitoPool) { c.settings.UserPoolTier = types.UserPoolTierTypePlus },
		"MFA":       func(c *cognitoPool) { c.mfa.SmsMfaConfiguration = nil },
		"and back":  func(c *cognitoPool) { c.settings.LastModifiedDate = aws.Time(opstest.Now.AddDate(0, 0, 1)) },
	} {
		c, reads := newCognitoPool(t), 0
		c.onRead = func() error {
			if reads++; reads == 2 {
				change(c)
			}
			return nil
		}
		r, err := c.run(t.Context(), t, Attach{Flags: given}, "none")
		if err == nil || !strings.Contains(err.Error(), "somebody else") || r.Result != Unchanged {
			t.Errorf("%s changed meanwhile: report %+v, error %v", name, r, err)
		}
		c.wantCalls(t, "AddPermission", "RemovePermission")
	}
}

func TestInterruptionDoesNotPreventTheRestoration(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	c := newCognitoPool(t)
	former, updates := c.settings, 0
	c.onUpdate = func(in *cognitoidentityprovider.UpdateUserPoolInput) error {
		interrupt()
		if updates++; updates == 1 {
			in.UserPoolTags = nil
		}
		return nil
	}
	r, err := c.run(ctx, t, Attach{Flags: given}, "none")
	if err == nil || r.Result != Restored {
		t.Errorf("report %+v, error %v", r, err)
	}
	c.wantPool(t, former, "")
}

func TestInterruptionBeforeTheChangeChangesNothing(t *testing.T) {
	for _, yes := range []bool{true, false} { // before the call, and at the question
		ctx, interrupt := context.WithCancel(t.Context())
		c := newCognitoPool(t)
		s := opstest.NewSession(t)
		s.Terminal = true
		stdin, typed := io.Pipe()
		t.Cleanup(func() { typed.Close() }) //nolint:errcheck // a pipe
		s.Stdin = stdin
		flags := given
		flags.Yes = yes
		change := change{Session: s.Session, clients: clients{c, c}, before: &pool{c.settings, c.mfa}, triggers: []*trigger{{kind: postConfirmation, arn: opstest.FunctionARN, grant: true}}}
		interrupt()
		if err := change.run(ctx, flags); !errors.Is(err, context.Canceled) {
			t.Errorf("--yes %t: error %v, want %v", yes, err, context.Canceled)
		}
		c.wantCalls(t)
	}
}

func TestUncarriableSettingIsRefusedBeforeAnythingIsChanged(t *testing.T) {
	c := newCognitoPool(t)
	c.settings.SmsVerificationMessage = aws.String("another {####}")
	for _, dry := range []bool{true, false} {
		flags := given
		flags.DryRun = dry
		if _, err := c.run(t.Context(), t, Attach{Flags: flags}, "none"); err == nil || errors.Is(err, session.ErrAttention) || !strings.Contains(err.Error(), "SmsVerificationMessage") {
			t.Errorf("dry run %t: error %v, want one that names SmsVerificationMessage", dry, err)
		}
	}
	c.wantCalls(t)
}
