// Command preview shows the welcome mail in every language: as a page to open in a
// browser, and as pictures, light and dark, on a wide screen and on a phone. It
// reports what mail clients do not know (clients.go) and what is wrong with the layout,
// and compares the pictures with those in testdata. make preview runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"example.com/onboarding/statemachine/dev/internal/chromium"
)

func main() {
	update := flag.Bool("update", false, "take the pictures for right from now on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, ".local/preview", *update)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "preview:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, folder string, update bool) error {
	mails, err := write(folder)
	if err != nil {
		return err
	}
	fmt.Printf("%d mails: open %s/index.html in a browser\n", len(mails), folder)
	lacking, err := lookUp(ctx, folder, mails)
	if err != nil {
		return err
	}
	b, err := chromium.Find(".", os.Getenv("CHROMIUM"))
	if err != nil {
		return err
	}
	found, err := open(ctx, b, folder, mails)
	if err != nil {
		return err
	}
	problems := append(judge(lacking, accepted), check(found, mails)...)
	if b.Pinned {
		compared, differences, err := compare(folder, mails, update)
		if err != nil {
			return err
		}
		fmt.Printf("%d pictures compared with those in %s\n", compared, goldens)
		problems = append(problems, differences...)
	} else {
		fmt.Println("pictures taken and measured, but not compared: that takes the pinned browser, as fonts differ")
	}
	return errors.Join(problems...)
}
