package page

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"example.com/onboarding/statemachine/dev/feed"
	"example.com/onboarding/statemachine/dev/internal/chromium"
	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/project"
)

// TestInABrowser uses the page in a browser, as browser_test.mjs says.
func TestInABrowser(t *testing.T) {
	if os.Getenv("BROWSER_TESTS") == "" { //nolint:forbidigo // a test has no main.go
		t.Skip("needs a browser: make test-page runs it")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	browser, err := chromium.Find(root, os.Getenv("CHROMIUM")) //nolint:forbidigo // likewise
	if err != nil {
		t.Fatal(err)
	}
	p, err := project.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	a, err := local.Start(t.Context(), local.Options{Root: root, Build: filepath.Join(root, ".local", "page")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	var events feed.Feed
	feed.Watch(t.Context(), a, &events)
	a.Front(func(next http.Handler) http.Handler { return Around(next, a, &events) })
	before := definition(t, a)
	job, err := json.Marshal(map[string]any{
		"browser": browser, "profile": t.TempDir(), "endpoint": a.Endpoint, "states": p.States(),
		"modules": filepath.Join(root, ".tools", "page"), "pictures": pictures(),
	})
	if err != nil {
		t.Fatal(err)
	}
	script := exec.CommandContext(t.Context(), "node", "browser_test.mjs", string(job))
	script.Cancel = func() error { return script.Process.Signal(os.Interrupt) } // it ends the browser
	script.WaitDelay = 10 * time.Second
	out, err := script.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
	if definition(t, a) != before {
		t.Error("the definition is not what it was before a service was refused")
	}
}

func definition(t *testing.T, a *local.AWS) string {
	t.Helper()
	out, err := sfn.NewFromConfig(a.Config()).DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: &a.Stack.StateMachineARN})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Definition
}

// pictures is the folder that the pictures of README.md are written into.
func pictures() string {
	if os.Getenv("UPDATE") != "" { //nolint:forbidigo // likewise
		return "."
	}
	return ""
}
