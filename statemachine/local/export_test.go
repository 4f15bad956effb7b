package local

// What the tests of the template need.
var ReadTemplate = readTemplate

// Template is template.yaml in plain CloudFormation.
type Template = template
