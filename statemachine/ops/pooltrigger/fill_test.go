package pooltrigger

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"example.com/onboarding/statemachine/ops/internal/opstest"
)

// filled returns a value in which nothing is zero, however deep, and no two texts
// or numbers are the same.
func filled[T any](t *testing.T) T {
	t.Helper()
	var v T
	n := 0
	fill(t, reflect.ValueOf(&v).Elem(), &n)
	return v
}

func fill(t *testing.T, v reflect.Value, n *int) {
	t.Helper()
	*n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(opstest.Now.Add(time.Duration(*n) * time.Hour)))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), n)
	case reflect.Struct:
		for field := range v.Type().Fields() {
			if field.IsExported() && field.Name != "ResultMetadata" {
				fill(t, v.FieldByIndex(field.Index), n)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), n)
		fill(t, v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, n)
		fill(t, value, n)
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", *n))
	case reflect.Int32:
		v.SetInt(int64(*n))
	case reflect.Bool:
		v.SetBool(true)
	default:
		t.Fatalf("%s: a kind that no setting had when this was written", v.Type())
	}
}

// fieldsOf returns the names of the exported fields.
func fieldsOf[T any]() []string {
	var names []string
	for field := range reflect.TypeFor[T]().Fields() {
		if field.IsExported() {
			names = append(names, field.Name)
		}
	}
	return names
}

func field(v any, name string) any { return reflect.ValueOf(v).FieldByName(name).Interface() }
