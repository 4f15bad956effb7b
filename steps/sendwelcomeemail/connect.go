package main

import (
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// connecting makes every failure that came before there was a connection, TLS
// included, one to dial: then no mail was sent.
type connecting struct{ aws.HTTPClient }

// Do implements aws.HTTPClient.
func (c connecting) Do(request *http.Request) (*http.Response, error) {
	var connected atomic.Bool
	ctx := httptrace.WithClientTrace(request.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	response, err := c.HTTPClient.Do(request.WithContext(ctx))
	if err != nil && !connected.Load() {
		err = &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	return response, err
}
