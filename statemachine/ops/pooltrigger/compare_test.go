package pooltrigger

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// TestDifferencesFindsEachSetting changes every value of a pool, however deep, one
// by one.
func TestDifferencesFindsEachSetting(t *testing.T) {
	want := filledPool(t)
	if found := differences(want, filledPool(t)); len(found) > 0 {
		t.Errorf("a pool differs from itself: %v", found)
	}
	changes := 0
	var change func(path string, got *pool, v reflect.Value)
	change = func(path string, got *pool, v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			change(path, got, v.Elem())
			return
		case reflect.Struct:
			for f := range v.Type().Fields() {
				if _, skipped := notSettings[f.Name]; f.IsExported() && !skipped {
					change(path+"."+f.Name, got, v.FieldByIndex(f.Index))
				}
			}
			if v.NumField() != 3 || v.Type().PkgPath() != "time" {
				return
			}
		}
		former := reflect.New(v.Type()).Elem()
		former.Set(v)
		v.SetZero()
		found := differences(want, got)
		v.Set(former)
		changes++
		top, _, _ := strings.Cut(path[1:], ".")
		legacy := path == ".AdminCreateUserConfig.UnusedAccountValidityDays" // does not count, as the password policy is set
		named := slices.ContainsFunc(found, func(d Difference) bool { return strings.Contains(d.Setting, top) })
		if legacy == named {
			t.Errorf("%s changed: differences %v", path, found)
		}
	}
	got := filledPool(t)
	change("", got, reflect.ValueOf(&got.settings).Elem())
	change("", got, reflect.ValueOf(&got.mfa).Elem())
	if changes < 80 {
		t.Errorf("only %d settings were changed", changes)
	}
}

func TestWhatMeansTheSameIsNoDifference(t *testing.T) {
	a := &pool{settings: types.UserPoolType{AutoVerifiedAttributes: []types.VerifiedAttributeType{"email", "phone_number"}, EstimatedNumberOfUsers: 1}}
	b := &pool{settings: types.UserPoolType{
		AutoVerifiedAttributes: []types.VerifiedAttributeType{"phone_number", "email"}, EstimatedNumberOfUsers: 2,
		LastModifiedDate: &opstest.Now, LambdaConfig: &types.LambdaConfigType{}, AliasAttributes: []types.AliasAttributeType{}, UserPoolTags: map[string]string{},
	}}
	if found := differences(a, b); len(found) > 0 {
		t.Errorf("differences %v, want none", found)
	}
	b.settings.DeviceConfiguration = &types.DeviceConfigurationType{}
	if found := differences(a, b); len(found) != 1 || found[0].Setting != "DeviceConfiguration" {
		t.Errorf("device tracking with both switches off: %v, want a difference", found)
	}
}

func TestDifferencesShowNoPersonalData(t *testing.T) {
	want, got := filledPool(t), filledPool(t)
	got.settings.EmailConfiguration.From = aws.String("jane@example.com")
	got.settings.EmailConfiguration.ReplyToEmailAddress = nil
	got.settings.VerificationMessageTemplate.EmailMessage = aws.String("Dear Jane")
	got.settings.UserPoolTags = map[string]string{"owner": "jane"}
	got.settings.Policies.PasswordPolicy.RequireNumbers = false
	got.settings.Policies.PasswordPolicy.MinimumLength = aws.Int32(6)
	got.settings.DeletionProtection = "INACTIVE"
	got.settings.LambdaConfig.PreSignUp = nil
	var texts []string
	for _, d := range differences(want, got) {
		texts = append(texts, d.String())
	}
	slices.Sort(texts)
	old := want.settings
	wantTexts := []string{
		"DeletionProtection: INACTIVE, not " + string(old.DeletionProtection),
		"EmailConfiguration.From", "EmailConfiguration.ReplyToEmailAddress",
		"LambdaConfig.PreSignUp: none, not " + *old.LambdaConfig.PreSignUp,
		"Policies.PasswordPolicy.MinimumLength: 6, not " + strconv.Itoa(int(*old.Policies.PasswordPolicy.MinimumLength)),
		"Policies.PasswordPolicy.RequireNumbers: false, not true",
		"UserPoolTags", "VerificationMessageTemplate.EmailMessage",
	}
	if !slices.Equal(texts, wantTexts) {
		t.Errorf("shown\n%s\nwant\n%s", strings.Join(texts, "\n"), strings.Join(wantTexts, "\n"))
	}
}
