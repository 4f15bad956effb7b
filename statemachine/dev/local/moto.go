package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// motoStart is how long moto may take until it listens: a first start compiles
// its Python modules.
const motoStart = 2 * time.Minute

// moto is a running moto server, which stands in for the services of AWS.
type moto struct {
	cmd *exec.Cmd
	url *url.URL
}

// startMoto starts moto on a free port. Its Step Functions engine invokes Lambda
// functions, and calls other services, at the gateway's port.
func startMoto(ctx context.Context, bin, root, gatewayPort string) (*moto, error) {
	server := filepath.Join(root, "statemachine", "dev", "local", "motoserver.py")
	cmd := exec.Command(filepath.Join(bin, "python"), server, "-H", "127.0.0.1", "-p", "0")
	cmd.Env = append(os.Environ(), "MOTO_PORT="+gatewayPort, "PYTHONUNBUFFERED=1")
	cmd.SysProcAttr = childAttributes()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("pipe of moto: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start moto (.ci/tools local installs it): %w", err)
	}
	address := make(chan string, 1)
	go readAddress(stderr, address)
	m := &moto{cmd: cmd}
	select {
	case found, ok := <-address:
		if !ok {
			m.stop()
			return nil, errors.New("moto ended before it listened: try .tools/local/bin/python statemachine/dev/local/motoserver.py")
		}
		m.url, err = url.Parse(found)
	case <-time.After(motoStart):
		err = fmt.Errorf("moto did not listen within %v", motoStart)
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		m.stop()
		return nil, err
	}
	return m, nil
}

var listening = regexp.MustCompile(`Running on (http://127\.0\.0\.1:\d+)`)

// readAddress sends the address that the server prints when it listens, and
// throws away what it prints later, a line for each request.
func readAddress(r io.Reader, address chan<- string) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			address <- m[1]
			io.Copy(io.Discard, r) //nolint:errcheck // it ends with the server
			return
		}
	}
	close(address)
}

// runExecutions turns moto's Step Functions engine on; without it every execution
// stays RUNNING.
func (m *moto) runExecutions(ctx context.Context) error {
	body := strings.NewReader(`{"stepfunctions": {"execute_state_machine": true}}`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url.String()+"/moto-api/config", body)
	if err != nil {
		return fmt.Errorf("configure moto: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("configure moto: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("configure moto: %s", resp.Status)
	}
	return nil
}

// stop kills the server and waits until it is gone. It keeps nothing on disk.
func (m *moto) stop() {
	m.cmd.Process.Kill() //nolint:errcheck // it may be gone already
	m.cmd.Wait()         //nolint:errcheck // killed is how it is meant to end
}
