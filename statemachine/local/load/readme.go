package main

import "example.com/onboarding/statemachine/internal/section"

// The report stands between these lines of the README.
const begins, ends = "<!-- load: make load UPDATE=1 writes this. -->\n", "<!-- load ends. -->\n"

// updateReadme puts the report into the file.
func updateReadme(file, report string) error {
	return section.Write(file, section.Section{Begin: begins, End: ends, Text: report})
}
