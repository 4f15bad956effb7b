package awsconfig

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Service is a service that functions connect to: the first part of the name of its
// host.
type Service string

// The services that functions connect to before their first invocation.
const (
	StepFunctions Service = "states"
	Cognito       Service = "cognito-idp"
	DynamoDB      Service = "dynamodb"
	EventBridge   Service = "events"
	SES           Service = "email"
)

// connectTimeout is how long the start of a function waits for its connections.
const connectTimeout = time.Second

// Connect opens a connection to each of the services by asking for the root of its
// endpoint, without a signature. What comes back does not matter; the clients made
// from cfg find the connection open. When there is none after a second it says so in the
// log and goes on, because the first call opens one then. A local AWS without TLS
// needs no connection beforehand.
func Connect(cfg aws.Config, log *slog.Logger, services ...Service) {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	var wg sync.WaitGroup
	for _, service := range services {
		wg.Go(func() {
			if err := connect(ctx, cfg.HTTPClient, endpoint(cfg, service)); err != nil {
				log.InfoContext(ctx, "no connection beforehand", "service", service, "error", err.Error())
			}
		})
	}
	wg.Wait()
}

// endpoint is the address of a service in the Region.
func endpoint(cfg aws.Config, service Service) string {
	if cfg.BaseEndpoint != nil {
		return *cfg.BaseEndpoint
	}
	domain := ".amazonaws.com"
	switch {
	case strings.HasPrefix(cfg.Region, "cn-"):
		domain = ".amazonaws.com.cn"
	case strings.HasPrefix(cfg.Region, "eusc-"):
		domain = ".amazonaws.eu"
	}
	return "https://" + string(service) + "." + cfg.Region + domain
}

func connect(ctx context.Context, client aws.HTTPClient, endpoint string) error {
	if !strings.HasPrefix(endpoint, "https:") {
		return nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
	if err != nil {
		return fmt.Errorf("request to connect: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // it was read
	// Read to its end, the connection is free for the next request.
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return nil
}
