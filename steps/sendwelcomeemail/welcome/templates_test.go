package welcome

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// builtIn returns the built-in templates, to be changed.
func builtIn(t *testing.T) fstest.MapFS {
	t.Helper()
	files := make(fstest.MapFS)
	err := fs.WalkDir(embedded, "templates", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := embedded.ReadFile(path)
		files[strings.TrimPrefix(path, "templates/")] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestBuiltInLanguages(t *testing.T) {
	mail := load(t)
	if err := mail.Check(); err != nil {
		t.Error(err)
	}
	got := mail.Locales()
	for _, want := range []string{"de", "en", "es", "fr", "ja", "pt-BR"} {
		if !slices.Contains(got, want) {
			t.Errorf("languages %q lack %s", got, want)
		}
	}
}

// TestLanguageIsAddedByAddingFiles adds one that is written from right to left.
func TestLanguageIsAddedByAddingFiles(t *testing.T) {
	files := builtIn(t)
	files["he/subject.txt"] = &fstest.MapFile{Data: []byte("ברוכים הבאים אל {{.App.Name}}\n")}
	files["he/welcome.txt"] = &fstest.MapFile{Data: []byte("שלום {{.Name}},\n\n{{.App.URL}}\n")}
	files["he/welcome.html"] = &fstest.MapFile{Data: []byte(`{{define "dir"}}rtl{{end}}{{define "heading"}}ברוכים הבאים{{end}}
{{define "preheader"}}החשבון מוכן.{{end}}{{define "greeting"}}שלום {{template "name" .}},{{end}}
{{define "ready"}}החשבון שלך מוכן.{{end}}{{define "button"}}פתיחה{{end}}{{define "reason"}}נרשמת עם כתובת זו.{{end}}`)}
	mail, err := Open(files)
	if err != nil {
		t.Fatal(err)
	}
	if got := mail.Locale("he-IL"); got != "he" {
		t.Fatalf("he-IL gets %q, want he", got)
	}
	message, err := mail.Render("he", fullApp, "Jane")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<html lang="he" dir="rtl">`, `<div role="article" lang="he" dir="rtl">`, `align="right"`, `שלום <span dir="auto">Jane</span>,`} {
		if !strings.Contains(message.HTML, want) {
			t.Errorf("the HTML lacks %s:\n%s", want, message.HTML)
		}
	}
	if message.Subject != "ברוכים הבאים אל Our App" {
		t.Errorf("subject %q", message.Subject)
	}
	for _, locale := range load(t).Locales() {
		was, now := render(t, locale, fullApp, "Jane"), must(t, mail, locale)
		if was != now || !strings.Contains(now.HTML, `dir="ltr"`) {
			t.Errorf("the mail in %s changed with the new language:\n got %s\nwant %s", locale, now.HTML, was.HTML)
		}
	}
}

// check is what tells whoever adapts the mail what is wrong with it.
func check(files fs.FS) error {
	mail, err := Open(files)
	if err != nil {
		return err
	}
	return mail.Check()
}

func must(t *testing.T, mail *Mail, locale string) Message {
	t.Helper()
	message, err := mail.Render(locale, fullApp, "Jane")
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func TestIncompleteLanguageIsAnErrorThatSaysWhatIsMissing(t *testing.T) {
	replace := func(file, old, text string) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			files[file] = &fstest.MapFile{Data: []byte(strings.Replace(string(files[file].Data), old, text, 1))}
		}
	}
	remove := func(file string) func(fstest.MapFS) { return func(files fstest.MapFS) { delete(files, file) } }
	for name, test := range map[string]struct {
		change func(fstest.MapFS)
		want   []string
	}{
		"no subject":      {remove("fr/subject.txt"), []string{`"fr"`, "subject.txt"}},
		"no text":         {remove("fr/welcome.txt"), []string{`"fr"`, "welcome.txt"}},
		"no HTML":         {remove("fr/welcome.html"), []string{`"fr"`, "welcome.html"}},
		"no layout":       {remove("layout.html"), []string{"layout.html"}},
		"no part":         {replace("fr/welcome.html", `"ready"`, `"raedy"`), []string{`"fr"`, `"ready"`}},
		"empty part":      {replace("ja/welcome.html", "アカウントをご利用いただけます。", " "), []string{`"ja"`, `"preheader"`}},
		"empty subject":   {replace("de/subject.txt", "Willkommen bei {{.App.Name}}", " "), []string{`"de"`, "subject.txt"}},
		"two subjects":    {replace("de/subject.txt", " bei ", "\n"), []string{`"de"`, "subject.txt"}},
		"empty text":      {func(files fstest.MapFS) { files["de/welcome.txt"].Data = []byte("\n") }, []string{`"de"`, "welcome.txt"}},
		"unknown field":   {replace("es/welcome.txt", ".App.URL", ".App.Url"), []string{`"es"`, "Url"}},
		"unknown in HTML": {replace("es/welcome.html", ".App.Name", ".AppName"), []string{`"es"`, "AppName"}},
		"no direction":    {replace("es/welcome.html", `{{define "ready"`, `{{define "dir"}}up{{end}}{{define "ready"`), []string{`"es"`, `dir is "up"`}},
		"bad syntax":      {replace("es/welcome.html", "}}", "}"), []string{`"es"`, "welcome.html"}},
		"not a language":  {func(files fstest.MapFS) { files["pt_br/subject.txt"] = files["pt-BR/subject.txt"] }, []string{`"pt_br"`, "pt-BR"}},
		"no English": {func(files fstest.MapFS) {
			for _, file := range []string{"subject.txt", "welcome.txt", "welcome.html"} {
				delete(files, "en/"+file)
			}
		}, []string{`"en"`}},
	} {
		t.Run(name, func(t *testing.T) {
			files := builtIn(t)
			test.change(files)
			err := check(files)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not name %s", err, want)
				}
			}
		})
	}
}
