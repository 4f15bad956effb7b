package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// endpoint is where the functions find the services.
type endpoint struct {
	*services
	url    string
	server *http.Server
}

// listen starts an endpoint on a free port of 127.0.0.1. With a certificate it speaks
// TLS. It offers no HTTP/2, as most endpoints of AWS do not.
func listen(certificate *tls.Certificate) (*endpoint, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the services: %w", err)
	}
	s := &services{}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	scheme := "http"
	if certificate != nil {
		scheme = "https"
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12})
	}
	go server.Serve(listener) //nolint:errcheck // it ends when the endpoint is closed
	port := listener.Addr().(*net.TCPAddr).Port
	return &endpoint{s, fmt.Sprintf("%s://localhost:%d", scheme, port), server}, nil
}

func (e *endpoint) Close() {
	e.server.Close() //nolint:errcheck // nobody is connected any more
}
