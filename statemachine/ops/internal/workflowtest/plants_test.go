package workflowtest_test

import (
	"net/http"

	"example.com/onboarding/statemachine/dev/local"
)

// plants are the faults, what doctor is to say of each, and what it is to name.
var plants = []struct {
	name, want, names string
	// needs is a state or a resource without which the fault cannot be, if there is one.
	needs string
	plant func(planter)
}{
	{"a deployment was rolled back", "stack: warning", "UPDATE_ROLLBACK_COMPLETE", "", func(p planter) {
		p.rewrite("DescribeStacks", "CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
	}},
	{"the table of records was deleted", "tables: fault", "restore", "DeliveryTable", planter.deleteTable},
	{"the pool has no trigger", "trigger: fault, trigger: warning", "attach --stack onboarding", "", planter.removeTrigger},
	{"the pool has another trigger", "trigger: fault", "--replace", "", planter.replaceTrigger},
	{"the pool mails by Cognito", "pool mail: warning", "50 mails", "", func(p planter) {
		p.rewrite("DescribeUserPool", "DEVELOPER", "COGNITO_DEFAULT")
	}},
	{"Cognito may not invoke the trigger", "permission: fault", "add-permission", "", planter.removePermission},
	{"a former pool calls the trigger", "former pools: fault", "detach --user-pool", "", planter.addFormerPool},
	{"the trigger was not updated", "functions: fault", "failed", "", func(p planter) {
		p.rewrite("/2015-03-31/functions/"+*p.physical("TriggerFunction")+"/configuration", "Successful", "Failed")
	}},
	{"a step is switched off", "functions: fault", "delete-function-concurrency", "", planter.switchOff},
	{"the account is new, and has little concurrency", "concurrency: warning", "service-quotas", "", func(p planter) {
		p.rewrite("/2016-08-19/account-settings", `"UnreservedConcurrentExecutions":1000`, `"UnreservedConcurrentExecutions":10`)
	}},
	{"a deferred start fails", "deferred starts: warning", ": 1", "", func(p planter) { p.send("DeferredStartQueue") }},
	{"a deferred start was given up", "dead letters: fault", "start-message-move-task", "", func(p planter) {
		p.send("DeferredStartDeadLetterQueue")
	}},
	{"the mapping is disabled", "queue mapping: fault", "update-event-source-mapping --enabled", "", planter.disableMapping},
	{"another definition is deployed", "definition: fault", "TimeoutSeconds", "", planter.changeDefinition},
	{"the state machine is being deleted", "state machine: fault", "DELETING", "", func(p planter) {
		p.rewrite("DescribeStateMachine", `"ACTIVE"`, `"DELETING"`)
	}},
	{"the state machine is none of those that can be redriven", "state machine: fault", "EXPRESS", "", func(p planter) {
		p.rewrite("DescribeStateMachine", `"STANDARD"`, `"EXPRESS"`)
	}},
	{"an execution stopped", "executions: warning", "redrive --stack onboarding", "", planter.stopExecution},
	{"the last sweep was stopped", "sweep: warning", "ABORTED", "", planter.stopSweep},
	{"a group of a rule is missing", "groups: fault", "--group-name staff", "AddUserToGroup", func(p planter) {
		p.setRules(`[{"attribute": "email", "emailDomain": "example.com", "groups": ["staff"]}]`)
	}},
	{"the rules are no rules", "group rules: fault", "GroupRules", "AddUserToGroup", func(p planter) { p.setRules(`[{]`) }},
	{"an app client may write an attribute of a rule", "rule attributes: fault", "locale", "AddUserToGroup", planter.addClient},
	{"nobody has the attribute of a rule", "rule attributes: warning", "custom:plan", "AddUserToGroup", func(p planter) {
		p.setRules(`[{"attribute": "custom:plan", "equals": "pro", "groups": ["members"]}]`)
	}},
	{"an app client may write email_verified", "app clients: warning", "email_verified", "", planter.addVerifyingClient},
	{"an identity provider gives addresses that are not verified", "identity providers: warning", "update-identity-provider", "SendWelcomeEmail", planter.addProvider},
	{"the sender is not verified", "sender: fault", "aws ses verify-email-identity --email-address " + sender, "SendWelcomeEmail", planter.deleteIdentity},
	{"the mail is not signed", "authentication: warning", "create-email-identity --email-identity onboarding.example", "SendWelcomeEmail", func(p planter) {
		p.rewrite("/v2/email/identities/"+sender, `"SigningEnabled":true`, `"SigningEnabled":false`)
	}},
	{"SES tells nothing of the mails", "mail receipts: fault", "DELIVERY_DELAY", "MailEvents", func(p planter) {
		p.rewrite("/v2/email/configuration-sets/"+*p.physical("MailConfigurationSet")+"/event-destinations", `"Enabled": true`, `"Enabled": false`)
	}},
	{"the account is in the sandbox", "SES account: fault", "production access", "SendWelcomeEmail", func(p planter) {
		p.rewrite(accountPath, `"ProductionAccessEnabled": true`, `"ProductionAccessEnabled": false`)
	}},
	{"sending is paused", "SES account: fault", "put-account-sending-attributes", "SendWelcomeEmail", func(p planter) {
		p.rewrite(accountPath, `"SendingEnabled": true`, `"SendingEnabled": false`)
	}},
	{"sending is shut down", "SES account: fault", "shut", "SendWelcomeEmail", func(p planter) { p.rewrite(accountPath, "HEALTHY", "SHUTDOWN") }},
	{"the account is on probation", "SES account: warning", "probation", "SendWelcomeEmail", func(p planter) { p.rewrite(accountPath, "HEALTHY", "PROBATION") }},
	{"the quota is used up", "SES account: warning", "200 of 200", "SendWelcomeEmail", func(p planter) {
		p.rewrite(accountPath, `"Max24HourSend": -1`, `"Max24HourSend": 200`, `"SentLast24Hours": 0`, `"SentLast24Hours": 200`)
	}},
	{"the analytics rule is disabled", "event rules: fault", "enable-rule", "AnalyticsRule", planter.disableRule},
	{"the analytics rule has no target", "event rules: fault", "put-targets", "AnalyticsRule", planter.removeTarget},
	{"an event could not be delivered", "undelivered events: warning", ": 1", "AnalyticsDeadLetterQueue", func(p planter) {
		p.send("AnalyticsDeadLetterQueue")
	}},
	{"nobody receives the alarms", "alarms: warning", "not confirmed", "", func(p planter) {
		p.rewrite("ListSubscriptionsByTopic", "<SubscriptionArn>arn:", "<SubscriptionArn>PendingConfirmation:")
	}},
	{"a call is denied", "concurrency: could not check", "lambda:GetAccountSettings", "", func(p planter) {
		p.answer("/2016-08-19/account-settings", &local.APIError{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "planted"})
	}},
}

const accountPath = "/v2/email/account"
