package gateway

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"time"
)

// APIError is an error as the JSON protocols of AWS answer it.
type APIError struct {
	Status        int
	Code, Message string
}

// BadRequest is the error of a call that asks for what cannot be.
func BadRequest(code, message string) *APIError {
	return &APIError{Status: http.StatusBadRequest, Code: code, Message: message}
}

// Epoch is a time as the JSON protocols have it: seconds, with a fraction.
func Epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// Error gives code and message.
func (e *APIError) Error() string { return e.Code + ": " + e.Message }

// ServeHTTP answers with the error, so that it can be a Fault.
func (e *APIError) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Errortype", e.Code)
	w.Header().Set("X-Amzn-Requestid", "local")
	w.Header().Set("Access-Control-Allow-Origin", "*") // as Cognito has it, or a browser tells its app of no error
	w.Header().Set("Access-Control-Expose-Headers", "X-Amzn-Errortype, X-Amzn-Requestid")
	w.WriteHeader(e.Status)
	json.NewEncoder(w).Encode(map[string]string{"__type": e.Code, "message": e.Message}) //nolint:errcheck // the caller may be gone
}

// QueryError is an error as the Query protocol answers it, the one of SES v1.
type QueryError APIError

// ServeHTTP answers with the error, so that it can be a Fault.
func (e *QueryError) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(e.Status)
	var message bytes.Buffer
	xml.EscapeText(&message, []byte(e.Message)) //nolint:errcheck // a buffer takes everything
	fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>local</RequestId></ErrorResponse>", e.Code, &message)
}

// WriteError answers with the error; one that is no *APIError is the service's own.
func WriteError(w http.ResponseWriter, err error) {
	api, ok := errors.AsType[*APIError](err)
	if !ok {
		api = &APIError{Status: http.StatusInternalServerError, Code: "InternalErrorException", Message: err.Error()}
	}
	api.ServeHTTP(w, nil)
}

// recorder keeps a copy of what is answered.
type recorder struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController, which a fault may need.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// HeldResponse is an http.ResponseWriter that keeps the answer, to be looked at
// before it is sent, if it is.
type HeldResponse struct {
	Status int
	Body   bytes.Buffer

	header http.Header
}

// Header implements http.ResponseWriter.
func (h *HeldResponse) Header() http.Header {
	if h.header == nil {
		h.header = make(http.Header)
	}
	return h.header
}

// WriteHeader implements http.ResponseWriter.
func (h *HeldResponse) WriteHeader(status int) { h.Status = status }

// Write implements http.ResponseWriter.
func (h *HeldResponse) Write(p []byte) (int, error) {
	if h.Status == 0 {
		h.Status = http.StatusOK
	}
	return h.Body.Write(p)
}

// SendTo sends the answer.
func (h *HeldResponse) SendTo(w http.ResponseWriter) {
	maps.Copy(w.Header(), h.header)
	w.WriteHeader(h.Status)
	w.Write(h.Body.Bytes()) //nolint:errcheck // the caller may be gone
}

// Ask makes another call on behalf of a request, with its headers. The target is what
// X-Amz-Target says, such as "AWSStepFunctions.DescribeExecution".
func Ask(of http.Handler, r *http.Request, target string, in any) (*HeldResponse, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("marshal %s: %w", target, err)
	}
	r = r.Clone(r.Context())
	r.Header.Set("X-Amz-Target", target)
	r.Header.Del("Content-Length")
	r.Header.Del("Accept-Encoding")
	setBody(r, body)
	held := new(HeldResponse)
	of.ServeHTTP(held, r)
	return held, nil
}
