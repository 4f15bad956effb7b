package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"example.com/onboarding/statemachine/grouprules"
)

// Parameter is what template.yaml says of one of its parameters.
type Parameter struct {
	AllowedPattern        string   `yaml:"AllowedPattern"`
	ConstraintDescription string   `yaml:"ConstraintDescription"`
	AllowedValues         []string `yaml:"AllowedValues"`
	MaxLength             int      `yaml:"MaxLength"`
}

// Parameters reads the parameters of the template that may be chosen here: all but the
// pool's ID, because the local AWS makes the pool.
func Parameters(root string) (map[string]Parameter, error) {
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	var t struct {
		Parameters map[string]Parameter `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	delete(t.Parameters, "ExistingUserPoolId")
	return t.Parameters, nil
}

// Check returns an error if CloudFormation would refuse the value
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html).
func (p Parameter) Check(value string) error {
	pattern, err := regexp.Compile(p.AllowedPattern)
	if err != nil {
		return fmt.Errorf("pattern of the parameter: %w", err)
	}
	switch {
	case p.AllowedValues != nil && !slices.Contains(p.AllowedValues, value):
		return errors.New("must be one of " + strings.Join(p.AllowedValues, ", "))
	case p.MaxLength > 0 && utf8.RuneCountInString(value) > p.MaxLength:
		return errors.New(cmp.Or(p.ConstraintDescription, "must have at most "+strconv.Itoa(p.MaxLength)+" characters"))
	case !pattern.MatchString(value):
		return errors.New(cmp.Or(p.ConstraintDescription, "must match "+p.AllowedPattern))
	}
	return nil
}

// Check returns an error if a start with these options would fail for their sake. It
// starts nothing and takes no time, so that who waits for a build learns of it first.
func (o Options) Check(ctx context.Context) error {
	known, err := Parameters(o.Root)
	if err != nil {
		return err
	}
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(o.Parameters)) {
		value := o.Parameters[name]
		p, ok := known[name]
		if !ok {
			wrong = append(wrong, fmt.Errorf("template.yaml has no parameter %s to choose", name))
			continue
		}
		err := p.Check(value)
		if name == "GroupRules" && err == nil {
			_, err = grouprules.Parse(value)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("parameter %s, %q: %w", name, value, err))
		}
	}
	if o.Engine != "" {
		_, err := engineAt(ctx, o.Engine)
		wrong = append(wrong, err)
	}
	listener, err := listen(o.Port)
	if err != nil {
		return errors.Join(append(wrong, err)...)
	}
	listener.Close() //nolint:errcheck // nobody has called
	return errors.Join(wrong...)
}

// listen listens on the port, or a free one if it is 0.
func listen(port int) (net.Listener, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listen for the gateway: %w", err)
	}
	return listener, nil
}
