// Command newstep adds a step in its three places, or takes one out of them: the
// folder in steps/, the state in the definition, the function in the template. The
// make target step runs it.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

type options struct {
	Name   string `arg:"" help:"Name of the state, as a verb: NotifyWebhook."`
	After  string `help:"State that it comes after; the last one if none is given." env:"AFTER"`
	Remove bool   `help:"Take the step out." env:"REMOVE"`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("newstep"), kong.Description("Adds a step in its three places, or takes one out."))
	done, err := o.run(".")
	if err != nil {
		fmt.Fprintln(os.Stderr, "newstep:", err)
		os.Exit(1)
	}
	fmt.Print(done)
}

// run changes the tree below root, and returns what there is to say about it.
func (o options) run(root string) (string, error) {
	t, err := readTree(root)
	if err != nil {
		return "", err
	}
	if !o.Remove {
		return fmt.Sprintf(added, folderOf(o.Name)), t.add(o.Name, o.After)
	}
	if err := t.remove(o.Name); err != nil {
		return "", err
	}
	done := removed
	if left := t.mentions(o.Name); len(left) > 0 {
		done += "\nThese lines name it still; take out what is for this step only:\n" + strings.Join(left, "\n") + "\n"
	}
	return done, nil
}

const (
	added = `Added the step: %s, its state in the definition, its function in template.yaml.
Write what it does into the handler, and give its function the permissions for it.
Then: make docs, which writes anew what is made from the steps, and make check.
`
	removed = `Took the step out of its three places.
Then: make docs, which writes anew what is made from the steps, and make check.
`
)
