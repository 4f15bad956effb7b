package local

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// httpClient sends the requests of the SDK with a body that nobody closes early.
//
// The SDK closes a request's body when the answer begins. Where an answer comes as
// fast as here, net/http may just be looking whether the body goes on; it takes
// the closed body for a failed request, and closes the connection while the answer
// is being read.
type httpClient struct{}

// Do implements aws.HTTPClient.
func (httpClient) Do(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	return http.DefaultClient.Do(req) //nolint:wrapcheck,gosec // the SDK looks at the error itself, and the address is the gateway
}
