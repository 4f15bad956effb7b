package pooltrigger

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// readOnly are the fields of a description that UpdateUserPool has no parameter
// for, and why that loses nothing.
var readOnly = map[string]string{
	"AliasAttributes":           "fixed when the pool is made",
	"Arn":                       "never changes",
	"CreationDate":              "never changes",
	"CustomDomain":              "UpdateUserPoolDomain sets it",
	"Domain":                    "CreateUserPoolDomain sets it",
	"EmailConfigurationFailure": "no setting: how sending goes",
	"EstimatedNumberOfUsers":    "no setting",
	"LastModifiedDate":          "no setting",
	"SchemaAttributes":          "AddCustomAttributes adds to it",
	"SmsConfigurationFailure":   "no setting: how sending goes",
	"Status":                    "no longer used",
	"UsernameAttributes":        "fixed when the pool is made",
	"UsernameConfiguration":     "fixed when the pool is made",
}

// renamed are the parameters of UpdateUserPool that a description has under
// another name.
var renamed = map[string]string{"UserPoolId": "Id", "PoolName": "Name"}

func filledPool(t *testing.T) *pool {
	t.Helper()
	return &pool{filled[types.UserPoolType](t), filled[cognitoidentityprovider.GetUserPoolMfaConfigOutput](t)}
}

// TestEverySettingIsCarriedOver fails when the SDK gets a new setting.
func TestEverySettingIsCarriedOver(t *testing.T) {
	p := filledPool(t)
	got := *p.update()
	carried := make(map[string]bool)
	for _, name := range fieldsOf[cognitoidentityprovider.UpdateUserPoolInput]() {
		source := name
		if other, ok := renamed[name]; ok {
			source = other
		}
		carried[source] = true
		want := reflect.ValueOf(p.settings).FieldByName(source)
		if !want.IsValid() {
			t.Errorf("UpdateUserPool takes %s, and no field of UserPoolType has it: say in update what it is set to", name)
			continue
		}
		if name == "AdminCreateUserConfig" { // see TestLegacyDaysAreSentOnlyWhereTheyCount
			p.settings.AdminCreateUserConfig.UnusedAccountValidityDays = 0
		}
		if !reflect.DeepEqual(field(got, name), want.Interface()) {
			t.Errorf("%s is %+v, want %+v: update does not carry it over", name, field(got, name), want)
		}
	}
	for _, name := range fieldsOf[types.UserPoolType]() {
		if _, listed := readOnly[name]; listed == carried[name] {
			t.Errorf("field %s of UserPoolType: carried over %t, listed as read-only %t; want one of the two", name, carried[name], listed)
		}
	}
}

func TestEverySettingOfMFAIsCarriedOver(t *testing.T) {
	p := filledPool(t)
	got := *p.mfaUpdate()
	for _, name := range fieldsOf[cognitoidentityprovider.SetUserPoolMfaConfigInput]() {
		want := any(p.settings.Id)
		if name != "UserPoolId" {
			want = field(p.mfa, name)
		}
		if !reflect.DeepEqual(field(got, name), want) {
			t.Errorf("%s is %+v, want %+v", name, field(got, name), want)
		}
	}
	for _, name := range fieldsOf[cognitoidentityprovider.GetUserPoolMfaConfigOutput]() {
		if !reflect.ValueOf(got).FieldByName(name).IsValid() && name != "ResultMetadata" {
			t.Errorf("GetUserPoolMfaConfig tells %s, and SetUserPoolMfaConfig has no parameter for it", name)
		}
	}
	p.mfa.MfaConfiguration = types.UserPoolMfaTypeOff
	if off := p.mfaUpdate(); off.SmsMfaConfiguration != nil || off.SoftwareTokenMfaConfiguration != nil || off.EmailMfaConfiguration != nil || off.WebAuthnConfiguration == nil {
		t.Errorf("MFA off, and sent are %+v; want passkeys alone", off)
	}
}

func TestEveryOtherTriggerIsKept(t *testing.T) {
	p := filledPool(t)
	for _, arn := range []string{"arn:aws:lambda:::function:new", ""} {
		got := *p.withTrigger(postConfirmation, arn).update().LambdaConfig
		for _, name := range fieldsOf[types.LambdaConfigType]() {
			if name == "PostConfirmation" {
				if aws.ToString(got.PostConfirmation) != arn || (arn == "") != (got.PostConfirmation == nil) {
					t.Errorf("PostConfirmation is %v, want %q", got.PostConfirmation, arn)
				}
			} else if want := field(*p.settings.LambdaConfig, name); !reflect.DeepEqual(field(got, name), want) {
				t.Errorf("%s is %v, want %v", name, field(got, name), want)
			}
		}
	}
	if got := (&pool{}).withTrigger(postConfirmation, "arn").trigger(postConfirmation); got != "arn" {
		t.Errorf("a pool without triggers gets %q, want arn", got)
	}
}

func TestLegacyDaysAreSentOnlyWhereTheyCount(t *testing.T) {
	for _, test := range []struct{ temporary, unused, want int32 }{{7, 7, 0}, {7, 30, 0}, {0, 30, 30}, {7, 0, 0}} {
		p := &pool{settings: types.UserPoolType{
			Policies:              &types.UserPoolPolicyType{PasswordPolicy: &types.PasswordPolicyType{TemporaryPasswordValidityDays: test.temporary}},
			AdminCreateUserConfig: &types.AdminCreateUserConfigType{UnusedAccountValidityDays: test.unused, AllowAdminCreateUserOnly: true},
		}}
		got := p.update().AdminCreateUserConfig
		if got.UnusedAccountValidityDays != test.want || !got.AllowAdminCreateUserOnly {
			t.Errorf("%+v: sent %+v", test, got)
		}
		if p.settings.AdminCreateUserConfig.UnusedAccountValidityDays != test.unused {
			t.Errorf("%+v: the description was changed", test)
		}
	}
}

func TestTagsOfAWSAreNotSent(t *testing.T) {
	p := &pool{settings: types.UserPoolType{UserPoolTags: map[string]string{"team": "a", "aws:cloudformation:stack-name": "s", "AWS:x": "y"}}}
	if got := p.update().UserPoolTags; !maps.Equal(got, map[string]string{"team": "a"}) || len(p.settings.UserPoolTags) != 3 {
		t.Errorf("sent %v of %v", got, p.settings.UserPoolTags)
	}
}

func TestSettingsThatCannotBeCarriedOverAreNamed(t *testing.T) {
	for name, twins := range map[string]func(s *types.UserPoolType, old, current string){
		"EmailVerificationMessage": func(s *types.UserPoolType, old, current string) {
			s.EmailVerificationMessage, s.VerificationMessageTemplate.EmailMessage = &old, &current
		},
		"EmailVerificationSubject": func(s *types.UserPoolType, old, current string) {
			s.EmailVerificationSubject, s.VerificationMessageTemplate.EmailSubject = &old, &current
		},
		"SmsVerificationMessage": func(s *types.UserPoolType, old, current string) {
			s.SmsVerificationMessage, s.VerificationMessageTemplate.SmsMessage = &old, &current
		},
		"LambdaConfig.PreTokenGeneration": func(s *types.UserPoolType, old, current string) {
			s.LambdaConfig.PreTokenGeneration, s.LambdaConfig.PreTokenGenerationConfig.LambdaArn = &old, &current
		},
	} {
		for _, test := range []struct {
			old, current string
			ok           bool
		}{{"a", "a", true}, {"", "b", true}, {"a", "", true}, {"a", "b", false}} {
			p := &pool{settings: types.UserPoolType{
				VerificationMessageTemplate: &types.VerificationMessageTemplateType{},
				LambdaConfig:                &types.LambdaConfigType{PreTokenGenerationConfig: &types.PreTokenGenerationVersionConfigType{}},
			}}
			twins(&p.settings, test.old, test.current)
			if err := p.checkCarried(); (err == nil) != test.ok || err != nil && !strings.Contains(err.Error(), name) {
				t.Errorf("%s %q and its twin %q: %v", name, test.old, test.current, err)
			}
		}
	}
	if err := (&pool{}).checkCarried(); err != nil {
		t.Errorf("a pool without messages and triggers: %v", err)
	}
}
