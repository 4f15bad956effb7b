package execution

import (
	"strings"
	"testing"
)

func TestCauseIsOneLineWithoutWhatDiffers(t *testing.T) {
	for cause, want := range map[string]string{
		"": "",
		`{"errorMessage":"SES SendEmail: MessageRejected","errorType":"ConfigurationError"}`:                                 "SES SendEmail: MessageRejected",
		`{"errorMessage":"RequestId: 6c4a4c9f-0b1d-4f5e-8a9b-0c1d2e3f4a5b Error: Runtime exited"}`:                           "RequestId: … Error: Runtime exited",
		"The JSONPath '$.a' could not be found in the input '{\"username\":\"Jane Doe\"}'\nmore":                             "The JSONPath '$.a' could not be found in the input '…",
		"panic: jane@example.com is not known\n\ngoroutine 1":                                                                "panic: … is not known",
		`{"errorMessage":"user <jane@example.com>, 3F2A7C1E-5B8D-4E6F-9A0B-1C2D3E4F5A6B","stackTrace":["jane@example.com"]}`: "user … …",
		strings.Repeat("ü", 200): strings.Repeat("ü", maxCause) + "…",
	} {
		if got := causeLine(cause); got != want {
			t.Errorf("%s:\n got %q\nwant %q", cause, got, want)
		}
	}
}
