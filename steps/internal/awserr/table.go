package awserr

// Row says what one error code means, whichever service answers with it.
type Row struct {
	Code  string
	Class Class
	// Detail tells an operator what the code says of this system.
	Detail string
}

// Table has the documented error codes of the operations that the steps call. A
// few mean something else to a single step, which looks for them first:
// UserNotFoundException of Cognito, InvalidParameterValue of SES and
// ConditionalCheckFailedException of the record and of the profile.
// Sources: "Errors" on the API reference page of each operation, and the "Common
// Errors" page of each service.
var Table = []Row{
	{"Throttling", Throttled, "the sending rate of SES is reached"},
	{"ThrottlingException", Throttled, ""},
	{"TooManyRequestsException", Throttled, ""},
	{"LimitExceeded", Throttled, ""}, // what SES calls the next one
	{"LimitExceededException", Throttled, ""},
	{"ProvisionedThroughputExceededException", Throttled, ""},
	{"RequestLimitExceeded", Throttled, ""},

	{"InternalErrorException", Transient, ""},
	{"InternalException", Transient, ""},
	{"InternalFailure", Transient, ""},
	{"InternalServerError", Transient, ""},
	{"ServiceUnavailable", Transient, ""},
	{"ServiceUnavailableException", Transient, ""},
	{"RequestTimeout", Transient, ""},
	{"RequestTimeoutException", Transient, ""},
	{"ReplicatedWriteConflictException", Transient, ""},
	{"TransactionConflictException", Transient, ""},
	{"ExpiredToken", Transient, "Lambda renews the credentials of a function"},
	{"ExpiredTokenException", Transient, "Lambda renews the credentials of a function"},

	{"ResourceNotFoundException", NotReady, "the user pool, the group, the event bus or the table does not exist"},
	{"AccessDenied", NotReady, "the role of the function lacks the permission"},
	{"AccessDeniedException", NotReady, "the role of the function lacks the permission"},
	{"NotAuthorizedException", NotReady, "the role of the function lacks the permission"},
	{"NotAuthorized", NotReady, "the role of the function lacks the permission"},
	{"NotAuthorizedForSourceException", NotReady, "the event bus does not take events of this source from this account"},
	{"NotAuthorizedForDetailTypeException", NotReady, "the event bus does not take events of this type from this account"},
	{"ConfigurationSetDoesNotExist", NotReady, "the configuration set of the stack is gone"},

	{"MessageRejected", Configuration, "the sender is not verified in this Region, or SES is in the sandbox and the recipient is not"},
	{"FromEmailAddressNotVerified", Configuration, "the sender is not verified in this Region"},
	{"MailFromDomainNotVerified", Configuration, "the MAIL FROM domain of the sender has no valid MX record"},
	{"MailFromDomainNotVerifiedException", Configuration, "the MAIL FROM domain of the sender has no valid MX record"},
	{"AccountSendingPaused", Configuration, "sending is paused for this account and Region"},
	{"AccountSendingPausedException", Configuration, "sending is paused for this account and Region"},
	{"ConfigurationSetSendingPaused", Configuration, "sending is paused for the configuration set"},
	{"ConfigurationSetSendingPausedException", Configuration, "sending is paused for the configuration set"},
	{"OptInRequired", Configuration, "the account is not signed up for the service"},
	{"OperationNotEnabledException", Configuration, "the operation is not enabled for this user pool"},
	{"InvalidClientTokenId", Configuration, "the account does not have this Region enabled"},
	{"UnrecognizedClientException", Configuration, "the account does not have this Region enabled"},

	{"ConditionalCheckFailedException", Unexpected, "but for the record and the profile"},
	{"ItemCollectionSizeLimitExceededException", Unexpected, ""},
	{"InvalidParameterException", Unexpected, ""},
	{"InvalidParameterValue", Unexpected, "but for SES"},
	{"InvalidArgument", Unexpected, ""},
	{"MalformedDetail", Unexpected, ""},
	{"ValidationError", Unexpected, ""},
	{"ValidationException", Unexpected, ""},
}

func lookUp(code string) (Row, bool) {
	for _, row := range Table {
		if row.Code == code {
			return row, true
		}
	}
	return Row{}, false
}
