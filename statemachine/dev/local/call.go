package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// call makes a call in a JSON protocol where the SDK cannot: the target is what
// X-Amz-Target says.
func (a *AWS) call(ctx context.Context, service, target string, in, out any) error {
	return callAt(ctx, a.Endpoint, service, target, in, out)
}

// backend calls moto past the gateway, for what is no API call of anybody: nobody is told
// of it, and no fault strikes it.
func (a *AWS) backend(ctx context.Context, service, target string, in, out any) error {
	return callAt(ctx, a.moto.url.String(), service, target, in, out)
}

// callAt does not look at the answer if out is nil.
func callAt(ctx context.Context, endpoint, service, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("marshal %s: %w", target, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("request %s: %w", target, err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", target)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/"+Region+"/"+service+
		"/aws4_request, SignedHeaders=host, Signature=none") // moto reads the service, and checks nothing
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("call %s: %w", target, err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	if resp.StatusCode != http.StatusOK {
		return errors.New(target + ": " + resp.Status)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("decode the answer of %s: %w", target, err)
	}
	return nil
}
