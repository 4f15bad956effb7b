package main

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
)

// goldens is where the pictures are that are taken for right.
const goldens = "statemachine/dev/preview/testdata"

const (
	// scale is how many pixels become one, in each direction: layout shows in a
	// small picture, and the shape of a letter does not.
	scale = 8
	// tolerance is how much a pixel's brightness may differ, of 255.
	tolerance = 24
)

// compare compares the pictures with the goldens, or makes them the goldens.
func compare(folder string, mails []mail, update bool) (compared int, differences []error, err error) {
	for _, m := range mails {
		if m.Sample != pictured {
			continue
		}
		for _, v := range views {
			name := m.name() + "-" + v.Name + ".png"
			difference, err := comparePicture(filepath.Join(folder, name), filepath.Join(goldens, name), update)
			if err != nil {
				return 0, nil, err
			}
			if difference != "" {
				differences = append(differences, fmt.Errorf("%s %s: look at it, and if it is right, UPDATE=1 make preview", filepath.Join(folder, name), difference))
			}
			compared++
		}
	}
	return compared, differences, nil
}

func comparePicture(file, golden string, update bool) (difference string, err error) {
	picture, err := read(file)
	if err != nil {
		return "", err
	}
	got := shrink(picture)
	if update {
		return "", save(golden, got)
	}
	want, err := read(golden)
	if errors.Is(err, fs.ErrNotExist) {
		return "has no golden", nil
	}
	if err != nil {
		return "", err
	}
	return differ(got, want), nil
}

// differ says how two small pictures differ, nothing if they hardly do.
func differ(got, want image.Image) string {
	if got.Bounds() != want.Bounds() {
		return fmt.Sprintf("is %v, not %v", got.Bounds().Size().Mul(scale), want.Bounds().Size().Mul(scale))
	}
	different, pixels := 0, 0
	for y := range got.Bounds().Dy() {
		for x := range got.Bounds().Dx() {
			pixels++
			if distance(got.At(x, y), want.At(x, y)) > tolerance {
				different++
			}
		}
	}
	if different == 0 {
		return ""
	}
	return fmt.Sprintf("differs from its golden in %d of %d places", different, pixels)
}

func distance(a, b color.Color) int {
	return max(int(gray(a))-int(gray(b)), int(gray(b))-int(gray(a)))
}

func gray(c color.Color) uint8 {
	return color.GrayModel.Convert(c).(color.Gray).Y //nolint:forcetypeassert // it is that model's
}

// shrink returns the picture with the mean of each square for a pixel.
func shrink(picture image.Image) *image.Gray {
	size := picture.Bounds().Size().Div(scale)
	small := image.NewGray(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			sum := 0
			for i := range scale * scale {
				sum += int(gray(picture.At(x*scale+i%scale, y*scale+i/scale)))
			}
			small.SetGray(x, y, color.Gray{Y: uint8(sum / (scale * scale))})
		}
	}
	return small
}

func read(file string) (image.Image, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("read picture %s: %w", file, err)
	}
	return picture, nil
}

func save(file string, picture image.Image) error {
	var data bytes.Buffer
	if err := png.Encode(&data, picture); err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("folder of the pictures: %w", err)
	}
	if err := os.WriteFile(file, data.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write picture: %w", err)
	}
	return nil
}
