package welcome

import "testing"

func TestHostOfTheAppIsASCII(t *testing.T) {
	for address, want := range map[string]string{
		"https://détour.example/start":             "https://xn--dtour-bsa.example/start",
		"https://münchen.example":                  "https://xn--mnchen-3ya.example",
		"https://MÜNCHEN.example:8443/?q=%C3%A9#a": "https://xn--mnchen-3ya.example:8443/?q=%C3%A9#a",
		"https://例え.テスト/x":                         "https://xn--r8jz45g.xn--zckzah/x",
		"https://faß.example":                      "https://xn--fa-hia.example",
		"https://jane@münchen.example/":            "https://jane@xn--mnchen-3ya.example/",
		"https://app.example.com/détour?x=1&y":     "https://app.example.com/détour?x=1&y",
		"https://ex\u202eample.é/":                 "https://ex\u202eample.é/", // there is no such domain
		"https://[::1]:1/":                         "https://[::1]:1/",
		"%zz":                                      "%zz",
		"":                                         "",
	} {
		if got := NewApp("App", address); got.URL != want || got.Name != "App" {
			t.Errorf("%q: got %q, want %q", address, got.URL, want)
		}
	}
}
