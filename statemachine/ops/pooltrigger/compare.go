package pooltrigger

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// Difference is a setting that is not what it should be. The values are given
// where they can be no personal data and no text that somebody wrote: numbers,
// switches, words of the API and ARNs of triggers.
type Difference struct {
	Setting string `json:"setting"`
	Want    any    `json:"want,omitempty"`
	Got     any    `json:"got,omitempty"`
}

func (d Difference) String() string {
	if d.Want == nil && d.Got == nil {
		return d.Setting
	}
	return fmt.Sprintf("%s: %v, not %v", d.Setting, orNone(d.Got), orNone(d.Want))
}

func orNone(v any) any {
	if v == nil || v == "" {
		return "none"
	}
	return v
}

// notSettings are the fields of a description that are no settings: they change
// without anybody's doing, or with each update.
var notSettings = map[string]string{
	"LastModifiedDate":          "each update sets it",
	"EstimatedNumberOfUsers":    "users sign up meanwhile",
	"EmailConfigurationFailure": "tells how sending goes",
	"SmsConfigurationFailure":   "tells how sending goes",
	"ResultMetadata":            "is the SDK's",
}

// differences compares all settings of two descriptions of a pool.
func differences(want, got *pool) []Difference {
	var found []Difference
	compare("", reflect.ValueOf(want.comparable()), reflect.ValueOf(got.comparable()), &found)
	compare("MFA.", reflect.ValueOf(want.mfa), reflect.ValueOf(got.mfa), &found)
	return found
}

func differInMFA(found []Difference) bool {
	return slices.ContainsFunc(found, func(d Difference) bool {
		return strings.HasPrefix(d.Setting, "MFA.") || d.Setting == "MfaConfiguration"
	})
}

// comparable returns the settings without what may be said in two ways: no
// triggers at all, and the legacy parameter that the password policy has replaced.
func (p *pool) comparable() types.UserPoolType {
	s := p.settings
	if s.LambdaConfig == nil {
		s.LambdaConfig = new(types.LambdaConfigType)
	}
	s.AdminCreateUserConfig = p.adminCreateUserConfig()
	return s
}

// compare adds the settings below the path in which two values differ. Neither an
// empty list and none differ, nor two orders of a list: no list of a pool's
// settings has an order that means something.
func compare(path string, want, got reflect.Value, found *[]Difference) {
	switch want.Kind() {
	case reflect.Struct:
		if t, ok := reflect.TypeAssert[time.Time](want); ok {
			other, _ := reflect.TypeAssert[time.Time](got)
			note(path, t.Equal(other), want, got, found)
			return
		}
		for field := range want.Type().Fields() {
			if _, skipped := notSettings[field.Name]; field.IsExported() && !skipped {
				compare(path+field.Name+".", want.FieldByIndex(field.Index), got.FieldByIndex(field.Index), found)
			}
		}
	case reflect.Pointer:
		if want.IsNil() || got.IsNil() {
			note(path, want.IsNil() && got.IsNil(), want, got, found)
			return
		}
		compare(path, want.Elem(), got.Elem(), found)
	case reflect.Slice, reflect.Map:
		note(path, slices.Equal(elements(want), elements(got)), want, got, found)
	default:
		note(path, want.Equal(got), want, got, found)
	}
}

func note(path string, equal bool, want, got reflect.Value, found *[]Difference) {
	if equal {
		return
	}
	path = strings.TrimSuffix(path, ".")
	*found = append(*found, Difference{path, shown(path, want), shown(path, got)})
}

// elements returns the elements of a list or a map as texts, in one order.
func elements(v reflect.Value) []string {
	var texts []string
	add := func(element any) {
		text, err := json.Marshal(element)
		if err != nil {
			panic(err) // the SDK's types are made of what JSON has
		}
		texts = append(texts, string(text))
	}
	if v.Kind() == reflect.Map {
		keys := v.MapRange()
		for keys.Next() {
			add([]any{keys.Key().Interface(), keys.Value().Interface()})
		}
	} else {
		for i := range v.Len() {
			add(v.Index(i).Interface())
		}
	}
	slices.Sort(texts)
	return texts
}

// shown returns the value if it may be shown, nil otherwise.
func shown(path string, v reflect.Value) any {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Bool, reflect.Int32:
		return v.Interface()
	case reflect.String:
		if v.Type() != reflect.TypeFor[string]() || strings.HasPrefix(path, "LambdaConfig.") {
			return v.Interface()
		}
	}
	return nil
}
