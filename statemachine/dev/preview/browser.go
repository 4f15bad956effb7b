package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"example.com/onboarding/statemachine/dev/internal/chromium"
)

// script takes the pictures.
const script = "statemachine/dev/preview/pictures.mjs"

// view is how a mail is looked at.
type view struct {
	Name   string `json:"name"`
	Width  int    `json:"width"`
	Scheme string `json:"scheme"`
}

var views = []view{
	{"light-wide", 800, "light"},
	{"dark-wide", 800, "dark"},
	{"light-phone", 375, "light"},
	{"dark-phone", 375, "dark"},
}

// job is what the script is told.
type job struct {
	Browser     string            `json:"browser"`
	Environment map[string]string `json:"environment"`
	Modules     string            `json:"modules"`
	Profile     string            `json:"profile"`
	Views       []view            `json:"views"`
	Mails       []jobMail         `json:"mails"`
}

type jobMail struct {
	Name    string `json:"name"`
	File    string `json:"file"`
	Picture bool   `json:"picture"`
}

// measured is what the browser found in one view of a mail.
type measured struct {
	Mail, View string
	Problems   []string
	HasButton  bool
}

// open opens every mail in every view.
func open(ctx context.Context, b chromium.Browser, folder string, mails []mail) ([]measured, error) {
	profile, err := os.MkdirTemp("", "preview")
	if err != nil {
		return nil, fmt.Errorf("profile of the browser: %w", err)
	}
	defer os.RemoveAll(profile) //nolint:errcheck // it is in the folder for what may be removed
	j := job{Browser: b.Path, Environment: b.Environment, Modules: b.Modules, Profile: profile, Views: views}
	for _, m := range mails {
		j.Mails = append(j.Mails, jobMail{m.name(), filepath.Join(folder, m.File), m.Sample == pictured})
	}
	var found []measured
	if err := runScript(ctx, script, filepath.Join(folder, "job.json"), j, &found); err != nil {
		return nil, fmt.Errorf("take the pictures with %s: %w", b.Path, err)
	}
	return found, nil
}

// check returns what is wrong in any view.
func check(found []measured, mails []mail) []error {
	buttons := make(map[string]bool)
	for _, m := range mails {
		buttons[m.name()] = m.Button
	}
	var problems []error
	for _, f := range found {
		for _, p := range f.Problems {
			problems = append(problems, fmt.Errorf("%s, %s: %s", f.Mail, f.View, p))
		}
		if f.HasButton != buttons[f.Mail] {
			problems = append(problems, fmt.Errorf("%s, %s: button %t, want %t", f.Mail, f.View, f.HasButton, buttons[f.Mail]))
		}
	}
	if want := len(mails) * len(views); len(found) != want {
		problems = append(problems, fmt.Errorf("%d views were measured, want %d", len(found), want))
	}
	return problems
}
