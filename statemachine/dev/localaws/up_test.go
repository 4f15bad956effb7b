package main

import (
	"bytes"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"example.com/onboarding/statemachine/dev/local"
	"example.com/onboarding/statemachine/dev/localtest"
	"example.com/onboarding/statemachine/dev/project"
)

// asProgram makes the test binary the program.
const asProgram = "TEST_AS_LOCALAWS"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" { //nolint:forbidigo // a test has no main.go
		main()
		return
	}
	os.Exit(m.Run())
}

// TestUp runs the program as make local does, in a copy of the code: a user signs up, SES
// refuses, code changes, and it ends and starts again.
func TestUp(t *testing.T) {
	localtest.Require(t)
	root := copyOfCode(t)
	p, err := project.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	mail, err := p.Step("SendWelcomeEmail")
	if err != nil {
		t.Skip("nothing is mailed")
	}
	kept := filepath.Join(t.TempDir(), "state")
	up := start(t, root, "REFUSE=ses", "STATE="+kept)
	up.signUp(t, "jane@example.com")
	up.waitFor(t, `ok +signed up +jane@example\.com, sub [0-9a-f-]{36}`)
	up.waitFor(t, `ok +confirmed +jane@example\.com, Cognito had its answer after`)
	for _, s := range p.Steps {
		if s.State == mail.State {
			break
		}
		up.waitFor(t, `ok +`+s.State+` +jane@example\.com, after .*: done`)
	}
	up.waitFor(t, `FAILED +mail +jane@example\.com, "Welcome`)
	up.waitFor(t, `FAILED +`+mail.State+` +jane@example\.com, attempt 2, after .*: NotReadyError`)
	up.waitFor(t, `FAILED +execution +jane@example\.com FAILED after`)

	trigger := filepath.Join(root, "trigger", "main.go")
	code := read(t, trigger)
	write(t, trigger, code+"\nfunc broken( {")
	up.waitFor(t, `FAILED +build +the functions stay as they are: .*(\n.*)*syntax error`)
	write(t, trigger, code+"\nfunc init() { println(`this is new code`) }\n")
	up.waitFor(t, `ok +build +new code runs in Trigger\n`)
	up.signUp(t, "joe@example.com")
	up.waitForLog(t, "this is new code")
	up.end(t)

	first := up.waitFor(t, `userPoolId: "[^"]+", userPoolClientId: "[^"]+"`)
	before := read(t, filepath.Join(kept, "state.json"))
	again := start(t, root, "STATE="+kept)
	if second := again.waitFor(t, `userPoolId: "[^"]+", userPoolClientId: "[^"]+"`); second != first {
		t.Errorf("an app's configuration is %s, and was %s before", second, first)
	}
	users := cognitoidentityprovider.NewFromConfig(again.config)
	groups, err := users.AdminListGroupsForUser(t.Context(), &cognitoidentityprovider.AdminListGroupsForUserInput{
		UserPoolId: aws.String(regexp.MustCompile(`userPoolId: "([^"]+)"`).FindStringSubmatch(first)[1]), Username: aws.String("jane@example.com"),
	})
	if err != nil || len(groups.Groups) == 0 {
		t.Errorf("jane is in the groups %v, %v, want those that she was in before", groups, err)
	}
	again.end(t)
	if after := read(t, filepath.Join(kept, "state.json")); after != before || !strings.Contains(after, "Correct-horse-7") || !strings.Contains(after, "ProfileTable") {
		t.Errorf("the state was\n%s\nand is, without a call,\n%s", before, after)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// copyOfCode copies what the local AWS deploys into a folder of its own.
func copyOfCode(t *testing.T) string {
	t.Helper()
	const from = "../../.."
	root := t.TempDir()
	for _, folder := range []string{"trigger", "steps", "statemachine"} {
		if err := os.CopyFS(filepath.Join(root, folder), os.DirFS(filepath.Join(from, folder))); err != nil {
			t.Fatal(err)
		}
	}
	files, err := fs.Glob(os.DirFS(from), "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(filepath.Join(from, file)); err == nil {
			write(t, filepath.Join(root, file), string(text))
		}
	}
	tools, err := filepath.Abs(filepath.Join(from, ".tools"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(tools, filepath.Join(root, ".tools")); err != nil {
		t.Fatal(err)
	}
	return root
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// program is one that runs.
type program struct {
	cmd    *exec.Cmd
	root   string
	output *output
	config aws.Config
}

type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func start(t *testing.T, root string, environment ...string) *program {
	t.Helper()
	port := freePort(t)
	p := &program{cmd: exec.Command(os.Args[0], "up"), root: root, output: new(output), config: aws.Config{
		Region: local.Region, BaseEndpoint: aws.String("http://127.0.0.1:" + port),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = root, p.output, p.output
	p.cmd.Env = append(append(os.Environ(), asProgram+"=1", "ENGINE=", "PORT="+port), environment...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() }) //nolint:errcheck // it has ended, mostly
	p.waitFor(t, `new CognitoIdentityProviderClient`)
	return p
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nobody has called
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

// waitFor returns what it waits for in what the program prints.
func (p *program) waitFor(t *testing.T, pattern string) string {
	t.Helper()
	compiled := regexp.MustCompile(pattern)
	for range 3000 {
		if found := compiled.FindString(p.output.String()); found != "" {
			return found
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("no %s in\n%s", pattern, p.output)
	return ""
}

func (p *program) signUp(t *testing.T, email string) {
	t.Helper()
	client := regexp.MustCompile(`--client-id (\S+)`).FindStringSubmatch(p.output.String())[1]
	users := cognitoidentityprovider.NewFromConfig(p.config)
	if _, err := users.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
		ClientId: &client, Username: &email, Password: aws.String("Correct-horse-7"),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: &email}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := users.ConfirmSignUp(t.Context(), &cognitoidentityprovider.ConfirmSignUpInput{
		ClientId: &client, Username: &email, ConfirmationCode: aws.String("123456"),
	}); err != nil {
		t.Fatal(err)
	}
}

// waitForLog waits until the log group that the program names has the line.
func (p *program) waitForLog(t *testing.T, line string) {
	t.Helper()
	group := regexp.MustCompile(`aws logs tail (\S+)`).FindStringSubmatch(p.output.String())[1]
	var found string
	for range 600 {
		found = p.filterLogEvents(t, group)
		if strings.Contains(found, line) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("group %s has no line %q, but\n%s", group, line, found)
}

// filterLogEvents calls without the SDK, which the module has no client of.
func (p *program) filterLogEvents(t *testing.T, group string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, *p.config.BaseEndpoint, strings.NewReader(`{"logGroupName":"`+group+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "Logs_20140328.FilterLogEvents")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/"+local.Region+"/logs/aws4_request, SignedHeaders=host, Signature=none")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("FilterLogEvents: %s, %v\n%s", resp.Status, err, text)
	}
	return string(text)
}

// end ends the program as Ctrl-C does, and checks that nothing of it is left.
func (p *program) end(t *testing.T) {
	t.Helper()
	if running := p.processes(); len(running) < 2 && runtime.GOOS == "linux" {
		t.Errorf("%q run, want the program and moto at least", running)
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("ended with %v:\n%s", err, p.output)
	}
	if running := p.processes(); len(running) > 0 {
		t.Errorf("%q run still", running)
	}
}

// processes are the command lines of those that run in the program's folder: on Linux.
func (p *program) processes() []string {
	var running []string
	folders, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, process := range folders {
		if folder, err := os.Readlink(process); err == nil && folder == p.root {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(process), "cmdline"))
			running = append(running, string(bytes.ReplaceAll(command, []byte{0}, []byte(" "))))
		}
	}
	return running
}
