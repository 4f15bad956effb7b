package welcome_test

import (
	"testing"

	"example.com/onboarding/statemachine/dev/allocstest"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

var (
	benchmarkApp  = welcome.App{Name: "Our App", URL: "https://app.example.com/start"}
	benchmarkUser = map[string]string{"name": "Jane Doe", "given_name": "Jane", "email": "jane@example.com"}
)

func load(tb testing.TB) *welcome.Mail {
	tb.Helper()
	mail, err := welcome.Load()
	if err != nil {
		tb.Fatal(err)
	}
	return mail
}

// render is what the step does for one user.
func render(tb testing.TB, mail *welcome.Mail) {
	tb.Helper()
	if _, err := mail.Render(mail.Locale("pt-BR", ""), benchmarkApp, welcome.Greeting("en", benchmarkUser)); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkRender(b *testing.B) {
	mail := load(b)
	b.ReportAllocs()
	for b.Loop() {
		render(b, mail)
	}
}

// BenchmarkFirstRender is the first mail of a function, whose language is parsed.
func BenchmarkFirstRender(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		render(b, load(b))
	}
}

func TestAllocations(t *testing.T) {
	mail := load(t)
	render(t, mail) // html/template escapes at the first time
	t.Run("of a mail", func(t *testing.T) {
		allocstest.Check(t, 145, func() { render(t, mail) })
	})
	t.Run("of the first mail", func(t *testing.T) {
		allocstest.Check(t, 1264, func() { render(t, load(t)) })
	})
}
