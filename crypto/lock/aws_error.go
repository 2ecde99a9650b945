package lock

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const awsUpstream = "aws-kms"

// What KMS answers, in words for a caller. What is not here is told by its HTTP status.
// https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and the pages of Encrypt and Decrypt.
var awsReasons = map[string]struct {
	reason    string
	retryable bool
}{
	"ThrottlingException":                 {"throttled", true},
	"Throttling":                          {"throttled", true},
	"ThrottledException":                  {"throttled", true},
	"RequestLimitExceeded":                {"throttled", true},
	"TooManyRequestsException":            {"throttled", true},
	"LimitExceededException":              {"throttled", true},
	"AccessDeniedException":               {"access denied", false},
	"AccessDenied":                        {"access denied", false},
	"NotAuthorized":                       {"access denied", false},
	"OptInRequired":                       {"access denied", false},
	"UnrecognizedClientException":         {"credentials refused", false},
	"InvalidClientTokenId":                {"credentials refused", false},
	"InvalidSignatureException":           {"credentials refused", false},
	"SignatureDoesNotMatch":               {"credentials refused", false},
	"IncompleteSignatureException":        {"credentials refused", false},
	"IncompleteSignature":                 {"credentials refused", false},
	"MissingAuthenticationTokenException": {"credentials refused", false},
	"MissingAuthenticationToken":          {"credentials refused", false},
	"ExpiredTokenException":               {"credentials expired", false},
	"ExpiredToken":                        {"credentials expired", false},
	"RequestExpired":                      {"credentials refused", false},
	"NotFoundException":                   {"key not found", false},
	"InvalidArnException":                 {"key not found", false},
	"DisabledException":                   {"key disabled", false},
	"KMSInvalidStateException":            {"key is in a state that does not allow it", false},
	"InvalidKeyUsageException":            {"key is not for encryption", false},
	"KeyUnavailableException":             {"key unavailable for the moment", true},
	"DependencyTimeoutException":          {"outage", true},
	"KMSInternalException":                {"outage", true},
	"InternalFailure":                     {"outage", true},
	"ServiceUnavailable":                  {"outage", true},
	"ServiceUnavailableException":         {"outage", true},
	"ValidationException":                 {"call refused", false},
}

func awsUnavailable(reason string, retryable bool, err error) *UnavailableError {
	return &UnavailableError{Upstream: awsUpstream, Reason: reason, Retryable: retryable, Err: err}
}

// isNoCiphertext: KMS looked at the blob and does not know it, under this key or this encryption context.
func isNoCiphertext(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && (api.ErrorCode() == "InvalidCiphertextException" || api.ErrorCode() == "IncorrectKeyException")
}

// awsFault makes an error of the SDK one that is safe to log: of an answer only code, message, status and request id go
// along. An answer that was not understood may hold a secret, and the SDK's errors quote it.
func awsFault(ctx context.Context, err error) *UnavailableError {
	if cause := ctx.Err(); cause != nil {
		reason, retryable := connectionFault(cause)
		return awsUnavailable(reason, retryable, cause)
	}
	status, request := 0, ""
	if r, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		status, request = r.HTTPStatusCode(), printable(r.ServiceRequestID(), 64)
	} else if r, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = r.HTTPStatusCode()
	}
	if errors.Is(err, errAnswerTooLong) {
		return awsUnavailable("answer is too long", false, fmt.Errorf("status %d, request %q", status, request))
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		code, message := printable(api.ErrorCode(), 64), printable(api.ErrorMessage(), 300)
		logged := fmt.Errorf("%s: %s (status %d, request %q)", code, message, status, request)
		if known, ok := awsReasons[code]; ok {
			return awsUnavailable(known.reason, known.retryable, logged)
		}
		return awsUnavailable(statusReason(status), status >= http.StatusInternalServerError, logged)
	}
	if status != 0 {
		return awsUnavailable(statusReason(status), status >= http.StatusInternalServerError,
			fmt.Errorf("answer was not understood (status %d, request %q)", status, request))
	}
	if sent, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		reason, retryable := connectionFault(sent.Err)
		return awsUnavailable(reason, retryable, sent.Err)
	}
	// Nothing was sent: the SDK found no credentials, or could not refresh them.
	if _, ok := errors.AsType[*processcreds.ProviderError](err); ok {
		// Its text quotes what the process printed, which are the credentials.
		return awsUnavailable("no credentials", false, errors.New("credential_process failed"))
	}
	return awsUnavailable("no credentials", false, errors.New(printable(err.Error(), 500)))
}

func statusReason(status int) string {
	switch {
	case status >= http.StatusInternalServerError:
		return "outage"
	case status >= 300 && status < 400:
		return "answer is a redirect, which is not followed"
	case status >= 400:
		return "call refused"
	}
	return "answer was not understood"
}

// printable cuts to at most n bytes and takes away what could forge a line of a log.
func printable(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
