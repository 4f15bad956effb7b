package awsconfig

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// maxIdle is how long an unused connection is kept. AWS closes it at some time,
// and a frozen function does not notice; Go compares the time of day, so that the
// freeze counts. A longer time saves a handshake now and then, and risks more often
// to write into a connection that is dead.
const maxIdle = 45 * time.Second

// HTTPClient returns the client of all calls that may take as long. A connection
// opened anew resumes the TLS session of the one before, which spares it most of
// the handshake.
func HTTPClient(attemptTimeout time.Duration, options ...func(*http.Transport)) aws.HTTPClient {
	t := awshttp.NewBuildableClient().GetTransport()
	t.IdleConnTimeout = maxIdle
	t.TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	for _, option := range options {
		option(t)
	}
	return &client{t, attemptTimeout}
}

// client is the transport of the SDK's default client, with a time-out. It leaves out
// what http.Client adds, of which the API of a service needs nothing: redirects,
// cookies, passwords in addresses.
type client struct {
	transport      http.RoundTripper
	attemptTimeout time.Duration
}

// Do implements aws.HTTPClient.
func (c *client) Do(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), c.attemptTimeout)
	request = request.WithContext(ctx)
	if err := InOnePiece(request); err != nil {
		cancel()
		return nil, err
	}
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		cancel()
		return nil, err //nolint:wrapcheck // the SDK does
	}
	response.Body = cancelling{response.Body, cancel}
	return response, nil
}

// InOnePiece gives the request a body that net/http knows to be in memory. It sends
// such a body along with the headers, and any other one, like the SDK's, in a second
// packet. Nor does the SDK close it while net/http may be reading it.
func InOnePiece(request *http.Request) error {
	if request.Body == nil || request.ContentLength <= 0 {
		return nil
	}
	body := make([]byte, request.ContentLength)
	if _, err := io.ReadFull(request.Body, body); err != nil {
		return err //nolint:wrapcheck // the SDK does
	}
	if err := request.Body.Close(); err != nil {
		return err //nolint:wrapcheck // the SDK does
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// cancelling is the body of a response. The time-out ends when it has been read.
type cancelling struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close implements io.Closer.
func (c cancelling) Close() error {
	c.cancel()
	return c.ReadCloser.Close() //nolint:wrapcheck // the SDK does
}
