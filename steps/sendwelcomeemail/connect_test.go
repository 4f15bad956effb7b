package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"go.yaml.in/yaml/v3"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/steps/sendwelcomeemail/welcome"
)

// sendingTo is the step with the client that main makes, for an SES at the address.
func sendingTo(t *testing.T, url string) *SendWelcomeEmail {
	t.Helper()
	step := newStep(t, jane(), nil, emptyTable(t))
	step.Mails = ses.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, once)
	return step
}

const accepted = `<SendEmailResponse><SendEmailResult><MessageId>message-1</MessageId></SendEmailResult></SendEmailResponse>`

// TestIdleConnectionIsNotUsedAgain talks to a service that answers one request a
// connection and then resets it, as one that was closed while the function was
// frozen is.
func TestIdleConnectionIsNotUsedAgain(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() }) //nolint:errcheck // the test is over
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answerOnce(conn.(*net.TCPConn)) //nolint:forcetypeassert // it is TCP
		}
	}()
	step := sendingTo(t, "http://"+listener.Addr().String())
	for _, user := range []string{"first", "second"} {
		result, err := step.deliver(t.Context(), user, "jane.doe@example.com", welcome.Message{})
		if err != nil || result.MessageID != "message-1" {
			t.Errorf("%s mail: %+v, error %v; want it sent", user, result, err)
		}
	}
}

// answerOnce answers one request, and resets the connection when another one comes.
func answerOnce(conn *net.TCPConn) {
	reader := bufio.NewReader(conn)
	if request, err := http.ReadRequest(reader); err == nil {
		io.Copy(io.Discard, request.Body) //nolint:errcheck // whatever it is
	}
	fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(accepted), accepted)
	reader.ReadByte() //nolint:errcheck // the next request, or the end
	conn.SetLinger(0) //nolint:errcheck // so that closing is a reset
	conn.Close()      //nolint:errcheck // as meant
}

func TestMailIsRetriedWhenNoConnectionWasMade(t *testing.T) {
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	refused := httptest.NewServer(nil)
	refused.Close()
	for name, url := range map[string]string{"TLS": untrusted.URL, "connect": refused.URL} {
		t.Run(name, func(t *testing.T) {
			result, err := sendingTo(t, url).deliver(t.Context(), user, "jane.doe@example.com", welcome.Message{})
			if got, want := reflect.TypeOf(err), reflect.TypeFor[*statemachine.TransientError](); got != want {
				t.Errorf("got %v (%+v), want a %v: nothing was sent", err, result, want)
			}
		})
	}
}

// TestSenderOfTheTemplate holds the pattern of the template's parameter against the
// check that the function makes when it starts.
func TestSenderOfTheTemplate(t *testing.T) {
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Parameters map[string]struct {
			AllowedPattern string `yaml:"AllowedPattern"`
		} `yaml:"Parameters"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(template.Parameters["SenderEmail"].AllowedPattern)
	if got, want := template.Parameters["ReplyTo"].AllowedPattern, "^$|"+pattern.String(); got != want {
		t.Errorf("the pattern of ReplyTo is %s, want %s", got, want)
	}
	for address, want := range map[string]bool{
		"welcome@example.com": true, "first.last+tag@mail.example.co.uk": true, "a@1.example": true,
		"welcome": false, "a@localhost": false, "a..b@example.com": false, ".a@example.com": false, "a.@example.com": false,
		"<a@example.com": false, "a,b@example.com": false, "a@example.com.": false, "a@-example.com": false, "a@exa_mple.com": false,
		"josé@example.com": false, "a@exämple.com": false, "A <a@example.com>": false, "": false,
	} {
		_, err := Sender("App", address)
		if got := pattern.MatchString(address); got != want || (err == nil) != want {
			t.Errorf("%q: the template takes it: %t, the function: %v; want %t", address, got, err, want)
		}
		if got, err := ReplyTo(address); want && (err != nil || len(got) != 1 || got[0] != address) {
			t.Errorf("answers to %q go to %q, error %v", address, got, err)
		}
	}
}
