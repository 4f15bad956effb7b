package local

// What the tests of the template need.
var ReadTemplate = readTemplate

// PhysicalIDs returns what the stack's resources are called, by logical ID.
func (a *AWS) PhysicalIDs() map[string]string { return a.names }
