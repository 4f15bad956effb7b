package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// clientScript looks up which clients support what a mail uses.
const clientScript = "statemachine/dev/preview/clients.mjs"

// clients are the mail clients that the mail has to work in, as the package caniemail
// names them. Windows Mail is left out, because Microsoft has ended it.
var clients = []string{"apple-mail.*", "gmail.*", "outlook.*", "!outlook.windows-mail"}

// accepted are the features that the mail uses although one of the clients does not
// know them, and what that client shows instead. What a client supports in part is not
// looked at: nearly everything is on that list.
var accepted = map[string]string{
	"<style> element":           "the inline styles alone make a readable mail",
	"@media":                    "the mail stays light",
	"Attribute selector":        "it is for the clients of Outlook that do",
	"Class selector":            "the inline styles alone make a readable mail",
	"Descendant combinator":     "it is for the clients of Outlook that do",
	"color-scheme CSS property": "the client chooses the colours for the dark itself",
	"color-scheme meta tag":     "the client chooses the colours for the dark itself",
	"<body> element":            "the table in it has the same colour",
	"border-radius":             "corners are square",
	"display:none":              "the preheader is as small as can be",
	"max-height property":       "the preheader is hidden by display, and by mso-hide",
	"overflow":                  "the preheader is hidden by display, and by mso-hide",
	"overflow-wrap":             "word-break is beside it; a long word makes the mail wider where neither is known",
}

// unsupported is a feature that the mail in a language uses and a client does not know.
type unsupported struct{ Locale, Client, Feature string }

// lookUp looks the mails up in the data of https://www.caniemail.com.
func lookUp(ctx context.Context, folder string, mails []mail) ([]unsupported, error) {
	job := map[string]any{"modules": ".tools/browser", "clients": clients, "folder": folder, "mails": mails}
	var found []unsupported
	if err := runScript(ctx, clientScript, filepath.Join(folder, "clients.json"), job, &found); err != nil {
		return nil, fmt.Errorf("look up what mail clients support: %w", err)
	}
	return found, nil
}

// judge returns the features that are not accepted, each with the clients that do not
// know it and the languages of the mails that use it, and those that are accepted in vain.
func judge(found []unsupported, accepted map[string]string) []error {
	lacking, using := make(map[string][]string), make(map[string][]string)
	for _, f := range found {
		lacking[f.Feature] = append(lacking[f.Feature], f.Client)
		using[f.Feature] = append(using[f.Feature], f.Locale)
	}
	var problems []error
	for _, feature := range slices.Sorted(maps.Keys(lacking)) {
		if accepted[feature] == "" {
			problems = append(problems, fmt.Errorf("%s: unknown to %s; used in %s", feature, each(lacking[feature]), each(using[feature])))
		}
	}
	for _, feature := range slices.Sorted(maps.Keys(accepted)) {
		if lacking[feature] == nil {
			problems = append(problems, fmt.Errorf("%s: every client knows it, or no mail uses it: take it out of clients.go", feature))
		}
	}
	return problems
}

// each lists each name once, sorted.
func each(names []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), ", ")
}
