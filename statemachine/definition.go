package statemachine

import _ "embed" // for the definition

// Definition is the state machine in Amazon States Language, with the
// ${…FunctionArn} substitutions that the template fills in.
//
//go:embed onboarding.asl.json
var Definition string
