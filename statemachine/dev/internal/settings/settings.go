// Package settings knows how the functions are built for Lambda.
package settings

import (
	"errors"
	"fmt"
	"os"
	"regexp"
)

var (
	assignment = regexp.MustCompile(`(?m)^deployed = (.*)$`)
	variable   = regexp.MustCompile(`(\w+)=(?:"([^"]*)"|(\S*))`)
)

// Deployed returns the variables that make build builds the functions with, as the
// Makefile has them: this is the one place where they are written.
func Deployed(makefile string) ([]string, error) {
	text, err := os.ReadFile(makefile)
	if err != nil {
		return nil, fmt.Errorf("read the settings of make build: %w", err)
	}
	line := assignment.FindSubmatch(text)
	if line == nil {
		return nil, errors.New("the Makefile does not say how functions are deployed: it has no line that begins with deployed =")
	}
	var variables []string
	for _, v := range variable.FindAllStringSubmatch(string(line[1]), -1) {
		variables = append(variables, v[1]+"="+v[2]+v[3])
	}
	return variables, nil
}
