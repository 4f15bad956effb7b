package local

// What the tests of the template need.
var ReadTemplate = readTemplate

// Text is the template as JSON.
func (t template) Text() []byte { return t.text }

// Attempts is what the comparison of engines needs.
var Attempts = attempts

// PhysicalIDs returns what the stack's resources are called, by logical ID.
func (a *AWS) PhysicalIDs() map[string]string { return a.names }
