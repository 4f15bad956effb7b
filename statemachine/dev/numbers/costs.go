package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"example.com/onboarding/statemachine/dev/numbers/cost"
	"example.com/onboarding/statemachine/sweep"
)

const million = 1e6

// costTable has what a million onboardings use of each service, and what that costs
// when nothing fails, and when 1 % of the attempts do.
func costTable(o *cost.Onboarding) string {
	smooth, failing := o.Use(million, 0), o.Use(million, 0.01)
	t := table.NewWriter()
	t.AppendHeader(table.Row{"used", "for a million users", "price", "cost", "1 % retried"})
	for _, p := range cost.Prices() {
		if failing[p] > 0 {
			price := fmt.Sprintf("[$%g for %s](https://aws.amazon.com/%s)", p.Dollars, number(p.Per), p.Page)
			t.AppendRow(table.Row{p.What, number(smooth[p]), price, money(smooth.Dollars(p)), money(failing.Dollars(p))})
		}
	}
	t.AppendRow(table.Row{"**in all**", "", "", "**" + money(smooth.Dollars()) + "**", "**" + money(failing.Dollars()) + "**"})
	text := t.RenderMarkdown() + fmt.Sprintf("\n\nA sweep over a million users costs %s when all are onboarded, and takes %.0f minutes at the least.",
		money(cost.Sweep(million).Dollars()), million/60/sweep.PagesRate/60)
	if calls := o.Unpriced(); len(calls) > 0 {
		text += "\n\nNot counted, because package cost has no price: " + strings.Join(calls, ", ") + "."
	}
	return text
}

// usageTable has what each function calls, and what it prints.
func (in input) usageTable() string {
	t := table.NewWriter()
	t.AppendHeader(table.Row{"function", "calls", "log bytes"})
	for _, name := range slices.Sorted(maps.Keys(in.usage.Functions)) {
		u := in.usage.Functions[name]
		t.AppendRow(table.Row{name, strings.Join(u.Done.Calls, ", "), u.Done.LogBytes})
	}
	return t.RenderMarkdown()
}

func money(dollars float64) string { return fmt.Sprintf("$%.2f", dollars) }

// number writes a number with commas: with two digits behind the point below 100.
func number(n float64) string {
	if n < 100 {
		return strings.TrimSuffix(fmt.Sprintf("%.2f", n), ".00")
	}
	return message.NewPrinter(language.English).Sprintf("%.0f", n)
}
