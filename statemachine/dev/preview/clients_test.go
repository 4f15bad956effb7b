package main

import "testing"

func TestFeaturesAreKnownOrAccepted(t *testing.T) {
	grid := []unsupported{{"en", "outlook.windows", "display:grid"}, {"de", "gmail.ios", "display:grid"}, {"de", "outlook.windows", "display:grid"}}
	round := unsupported{"en", "outlook.windows", "border-radius"}
	accepted := map[string]string{"border-radius": "corners are square"}
	for name, test := range map[string]struct {
		found []unsupported
		want  string // what is wrong; empty if nothing is
	}{
		"accepted":     {[]unsupported{round}, ""},
		"not accepted": {append(grid, round), "display:grid: unknown to gmail.ios, outlook.windows; used in de, en"},
		"used no more": {nil, "border-radius: every client knows it, or no mail uses it: take it out of clients.go"},
	} {
		t.Run(name, func(t *testing.T) {
			problems := judge(test.found, accepted)
			switch {
			case test.want == "" && len(problems) > 0:
				t.Errorf("%v", problems)
			case test.want != "" && (len(problems) != 1 || problems[0].Error() != test.want):
				t.Errorf("%v, want %q", problems, test.want)
			}
		})
	}
}
