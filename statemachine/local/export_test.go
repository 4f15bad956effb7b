package local

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// What the tests of the template need.
var ReadTemplate = readTemplate

// Attempts is what the comparison of engines needs.
var Attempts = attempts

// PhysicalIDs returns what the stack's resources are called, by logical ID.
func (a *AWS) PhysicalIDs() map[string]string { return a.names }

// InProcess is a client whose requests a handler in this process gets.
func InProcess(handler http.Handler) aws.HTTPClient { return handlerClient{handler} }
