package standin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"

	"example.com/onboarding/statemachine/local/internal/gateway"
)

// Router hands each call to the stand-in that knows it, and all others to moto. It
// implements http.Handler.
type Router struct {
	moto, server http.Handler
	services     []string

	mu     sync.Mutex
	tables map[string]bool
	pools  map[string]*gateway.HeldResponse
}

// NewRouter returns a router between moto and a Server at that address, which gets
// the calls of these services.
func NewRouter(moto http.Handler, server *url.URL, services []string) *Router {
	return &Router{
		moto: moto, services: services, tables: make(map[string]bool), pools: make(map[string]*gateway.HeldResponse),
		server: &httputil.ReverseProxy{
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(server) },
			Transport: gateway.NewTransport(),
		},
	}
}

// tableActions are the calls of an item; others are of a table.
var tableActions = []string{"PutItem", "UpdateItem", "DeleteItem", "GetItem"}

// ServeHTTP implements http.Handler.
func (o *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := callOf(r)
	if !slices.Contains(o.services, call.Service) {
		o.moto.ServeHTTP(w, r)
		return
	}
	switch call.Service {
	case "cognito-idp":
		if _, known := userActions[call.Action]; !known && call.Action != "SignUp" {
			o.pool(w, r, call)
			return
		}
	case "dynamodb":
		if !slices.Contains(tableActions, call.Action) {
			o.moto.ServeHTTP(w, r)
			return
		}
		if err := o.makeTable(r, call); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
	case "ses", "events":
		if call.Action != "SendEmail" && call.Action != "PutEvents" {
			o.moto.ServeHTTP(w, r)
			return
		}
	}
	o.server.ServeHTTP(w, r)
}

// pool answers a call that reads the pool as moto did before, until one changes it:
// Cognito's part in each confirmation reads it five times.
func (o *Router) pool(w http.ResponseWriter, r *http.Request, call gateway.Call) {
	reads := strings.HasPrefix(call.Action, "Describe") || strings.HasPrefix(call.Action, "List")
	key := call.Action + string(call.Body)
	o.mu.Lock()
	held := o.pools[key]
	if !reads {
		clear(o.pools)
	}
	o.mu.Unlock()
	if held == nil || !reads {
		held = new(gateway.HeldResponse)
		o.moto.ServeHTTP(held, r)
		if reads && held.Status == http.StatusOK {
			o.mu.Lock()
			o.pools[key] = held
			o.mu.Unlock()
		}
	}
	held.SendTo(w)
}

// makeTable makes the table of the call in the stand-in, like moto's, if it has not
// been made yet.
func (o *Router) makeTable(r *http.Request, call gateway.Call) error {
	var in struct{ TableName string }
	if err := call.Decode(&in); err != nil {
		return fmt.Errorf("decode the call: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.tables[in.TableName] {
		return nil
	}
	var described struct{ Table map[string]json.RawMessage }
	if err := ask(o.moto, r, "DescribeTable", in, &described); err != nil {
		return err
	}
	made := map[string]any{"BillingMode": "PAY_PER_REQUEST"}
	for _, name := range []string{"TableName", "AttributeDefinitions", "KeySchema"} {
		made[name] = described.Table[name]
	}
	if err := ask(o.server, r, "CreateTable", made, nil); err != nil {
		return err
	}
	o.tables[in.TableName] = true
	return nil
}

// ask makes a call of DynamoDB on behalf of a request.
func ask(of http.Handler, r *http.Request, action string, in, out any) error {
	held, err := gateway.Ask(of, r, "DynamoDB_20120810."+action, in)
	if err != nil {
		return fmt.Errorf("ask for the table: %w", err)
	}
	if held.Status != http.StatusOK {
		return fmt.Errorf("%s: %d %s", action, held.Status, &held.Body)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(held.Body.Bytes(), out); err != nil {
		return fmt.Errorf("decode the answer to %s: %w", action, err)
	}
	return nil
}
