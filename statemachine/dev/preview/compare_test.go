package main

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"
)

// painted is a white picture with a box of the brightness.
func painted(size image.Point, box image.Rectangle, brightness uint8) image.Image {
	picture := image.NewGray(image.Rectangle{Max: size})
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(picture, box, image.NewUniform(color.Gray{Y: brightness}), image.Point{}, draw.Src)
	return picture
}

func TestPicturesThatDiffer(t *testing.T) {
	size, button := image.Pt(80, 80), image.Rect(16, 16, 48, 32)
	golden := shrink(painted(size, button, 80))
	for name, test := range map[string]struct {
		picture image.Image
		want    string // a part of what is said; empty if they hardly differ
	}{
		"the same":             {painted(size, button, 80), ""},
		"a shade":              {painted(size, button, 104), ""},
		"more than a shade":    {painted(size, button, 105), "in 8 of 100 places"},
		"moved by a pixel":     {painted(size, button.Add(image.Pt(1, 0)), 80), ""},
		"moved by a place":     {painted(size, button.Add(image.Pt(scale, 0)), 80), "in 4 of 100 places"},
		"without the button":   {painted(size, image.Rectangle{}, 80), "in 8 of 100 places"},
		"taller":               {painted(size.Add(image.Pt(0, scale)), button, 80), "is (80,88), not (80,80)"},
		"all of another shade": {painted(size, image.Rectangle{Max: size}, 20), "in 100 of 100 places"},
	} {
		got := differ(shrink(test.picture), golden)
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: said %q, want %q", name, got, test.want)
		}
	}
}

func TestProblemsInAnyViewAreReported(t *testing.T) {
	mails := []mail{{Locale: "en", Sample: "usual", Button: true}, {Locale: "en", Sample: "plain"}}
	good := func() []measured {
		var found []measured
		for _, m := range mails {
			for _, v := range views {
				found = append(found, measured{Mail: m.name(), View: v.Name, HasButton: m.Button})
			}
		}
		return found
	}
	for name, test := range map[string]struct {
		change func([]measured) []measured
		want   string
	}{
		"nothing":         {func(f []measured) []measured { return f }, ""},
		"a problem":       {func(f []measured) []measured { f[1].Problems = []string{"too wide"}; return f }, "en-usual, dark-wide: too wide"},
		"button missing":  {func(f []measured) []measured { f[0].HasButton = false; return f }, "en-usual, light-wide: button false, want true"},
		"button too many": {func(f []measured) []measured { f[4].HasButton = true; return f }, "en-plain, light-wide: button true, want false"},
		"view missing":    {func(f []measured) []measured { return f[1:] }, "7 views were measured, want 8"},
	} {
		problems := check(test.change(good()), mails)
		switch {
		case test.want == "" && len(problems) > 0:
			t.Errorf("%s: %v", name, problems)
		case test.want != "" && (len(problems) != 1 || problems[0].Error() != test.want):
			t.Errorf("%s: %v, want %q", name, problems, test.want)
		}
	}
}
