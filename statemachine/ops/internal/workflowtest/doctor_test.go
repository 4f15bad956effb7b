package workflowtest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/smithy-go/middleware"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/ops/doctor"
	"example.com/onboarding/statemachine/ops/internal/opstest"
	"example.com/onboarding/statemachine/ops/internal/session"
)

// sender is the operator's own address, which doctor may print.
const sender = "welcome@onboarding.example"

// runDoctor runs the command and returns its findings.
func runDoctor(t *testing.T, a *local.AWS, wantCode int) []doctor.Finding {
	t.Helper()
	cmd := ops(t, a, "doctor", "--stack", "onboarding", "--json")
	var out, progress bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &progress
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != wantCode {
		t.Errorf("exit code %d, want %d (%v)\n%s%s", code, wantCode, err, &out, &progress)
	}
	if strings.Contains(strings.ReplaceAll(out.String()+progress.String(), sender, ""), "@") {
		t.Errorf("an address is printed:\n%s%s", &out, &progress)
	}
	return opstest.Decode[doctor.Report](t, out.String()).Findings
}

// notOK returns those findings that are not ok, each as "check: verdict", once.
func notOK(found []doctor.Finding) string {
	var all []string
	for _, f := range found {
		if f.Verdict != doctor.OK {
			all = append(all, f.Check+": "+string(f.Verdict))
		}
	}
	return strings.Join(slices.Compact(all), ", ")
}

// need skips the test where neither a state nor a resource has the name.
func need(t *testing.T, a *local.AWS, name string) {
	t.Helper()
	if name != "" && !slices.Contains(states(t), name) && a.PhysicalID(name) == "" {
		t.Skip("there is no " + name)
	}
}

func TestDoctorFindsNothingInAHealthyStack(t *testing.T) {
	a := startAWS(t)
	found := runDoctor(t, a, 0)
	if wrong := notOK(found); wrong != "" {
		t.Errorf("findings %+v", found)
	}
	looked := slices.ContainsFunc(found, func(f doctor.Finding) bool {
		return f.Check == "functions" && !slices.ContainsFunc(states(t), func(state string) bool { return !strings.Contains(f.Found, state) })
	})
	if !looked {
		t.Errorf("not every function of %v was looked at: %+v", states(t), found)
	}
}

// TestDoctorFindsEachPlantedFault plants one fault after the other. Only the check
// that the fault is for may find it, and what it finds it must name.
func TestDoctorFindsEachPlantedFault(t *testing.T) {
	a := startAWS(t)
	for _, plant := range plants {
		t.Run(plant.name, func(t *testing.T) {
			need(t, a, plant.needs)
			plant.plant(planter{t, a})
			wantCode := 0
			if strings.Contains(plant.want, string(doctor.Fault)) || strings.Contains(plant.want, string(doctor.Unknown)) {
				wantCode = 2
			}
			found := runDoctor(t, a, wantCode)
			if got := notOK(found); got != plant.want {
				t.Errorf("found %q, want %q\n%+v", got, plant.want, found)
			}
			for _, f := range found {
				if f.Verdict == doctor.OK {
					continue
				}
				t.Logf("%s\n    %s", f.Found, f.Mend)
				if !strings.Contains(f.Found+f.Mend, plant.names) || f.Mend == "" {
					t.Errorf("%+v does not name %q", f, plant.names)
				}
			}
		})
	}
	if wrong := notOK(runDoctor(t, a, 0)); wrong != "" {
		t.Errorf("found after all was mended: %s", wrong)
	}
}

// TestReadmeNamesEveryPermissionOfDoctor collects what a check of a stack with rules
// calls.
func TestReadmeNamesEveryPermissionOfDoctor(t *testing.T) {
	a := startAWS(t)
	planter{t, a}.setRules(`[{"attribute": "custom:plan", "equals": "pro", "groups": ["members"]},
		{"attribute": "locale", "equals": "de", "groups": ["members"]}]`)
	cfg, called := noting(a.Config())
	for _, action := range []string{"DescribeStateMachineAlias", "DescribeIdentityProvider"} { // for what the local stack does not have
		called[action] = true
	}
	s := session.New(cfg, io.Discard, io.Discard)
	if err := (doctor.Command{Stack: "onboarding"}).Run(t.Context(), s); err != nil && !errors.Is(err, session.ErrAttention) {
		t.Fatal(err)
	}
	checkReadmeNames(t, "`ses:GetAccount`", called)
}

// noting returns a configuration whose clients note the operations that they call.
func noting(cfg aws.Config) (aws.Config, map[string]bool) {
	var mu sync.Mutex
	called := make(map[string]bool)
	cfg.APIOptions = append(cfg.APIOptions, func(s *middleware.Stack) error {
		return s.Initialize.Add(middleware.InitializeMiddlewareFunc("note", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			mu.Lock()
			defer mu.Unlock()
			called[awsmiddleware.GetOperationName(ctx)] = true
			return next.HandleInitialize(ctx, in)
		}), middleware.After)
	})
	return cfg, called
}

// checkReadmeNames checks that the line of README.md which has the action names all.
func checkReadmeNames(t *testing.T, has string, actions map[string]bool) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	list := ""
	for line := range strings.Lines(string(readme)) {
		if strings.Contains(line, has) {
			list = line
		}
	}
	for action := range actions {
		if !strings.Contains(list, "`"+action+"`") && !strings.Contains(list, ":"+action+"`") {
			t.Errorf("README.md does not name %s in %q", action, list)
		}
	}
}

func TestDoctorTakesADomainForTheSender(t *testing.T) {
	a := startAWS(t)
	need(t, a, "SendWelcomeEmail")
	planter{t, a}.deleteIdentity()
	mail, domain := sesv2.NewFromConfig(a.Config()), aws.String("onboarding.example")
	must[*sesv2.CreateEmailIdentityOutput](t)(mail.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: domain}))
	t.Cleanup(func() {
		must[*sesv2.DeleteEmailIdentityOutput](t)(mail.DeleteEmailIdentity(background, &sesv2.DeleteEmailIdentityInput{EmailIdentity: domain}))
	})
	found := runDoctor(t, a, 0)
	if wrong := notOK(found); wrong != "" || !slices.ContainsFunc(found, func(f doctor.Finding) bool { return f.Check == "sender" && strings.HasSuffix(f.Found, *domain) }) {
		t.Errorf("findings %+v", found)
	}
}
