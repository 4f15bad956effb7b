package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// timedOut is the error of an attempt that took longer than TimeoutSeconds.
const timedOut = "States.Timeout"

// invoke invokes the function of the parameters, and names what goes wrong as Step
// Functions does.
func (e *Engine) invoke(endpoint string, timeout time.Duration, parameters map[string]any) (any, *failure) {
	ctx, cancel := context.WithTimeout(e.ctx, timeout)
	defer cancel()
	function, _ := parameters["FunctionName"].(string)
	body, err := json.Marshal(parameters["Payload"])
	if err != nil {
		return nil, &failure{"States.Runtime", err.Error()}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint+"/2015-03-31/functions/"+function+"/invocations", bytes.NewReader(body))
	if err != nil {
		return nil, &failure{"States.Runtime", err.Error()}
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, unanswered(err)
	}
	defer resp.Body.Close() //nolint:errcheck // nothing was written
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, unanswered(err)
	}
	return judge(resp, answer)
}

func unanswered(err error) *failure {
	if errors.Is(err, context.DeadlineExceeded) {
		return &failure{timedOut, ""}
	}
	return &failure{"Lambda.SdkClientException", err.Error()}
}

// judge tells the errors of Lambda and of the function from an answer.
func judge(resp *http.Response, answer []byte) (any, *failure) {
	if resp.StatusCode >= http.StatusBadRequest {
		code, _, _ := strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":")
		return nil, &failure{"Lambda." + code, string(answer)}
	}
	if resp.Header.Get("X-Amz-Function-Error") != "" {
		var thrown struct{ ErrorType string }
		if json.Unmarshal(answer, &thrown) != nil || thrown.ErrorType == "" {
			thrown.ErrorType = "Lambda.Unknown"
		}
		return nil, &failure{thrown.ErrorType, string(answer)}
	}
	var payload any
	if err := json.Unmarshal(answer, &payload); err != nil {
		return nil, &failure{"Lambda.Unknown", "the function's answer is no JSON"}
	}
	return payload, nil
}
