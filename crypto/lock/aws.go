package lock

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/logging"
)

const (
	defaultAWSTimeout = 2500 * time.Millisecond
	maxAWSTimeout     = time.Minute
	awsAttempts       = 3
	awsBackoff        = 150 * time.Millisecond // the longest before the second try; twice that before the third
	maxAWSAnswer      = 64 << 10
	maxAWSCiphertext  = 6144 // what AWS KMS itself takes
	awsConnections    = 64
)

// AWSOptions say which key of AWS KMS is the lock and how it is reached. Credentials come from the SDK's default chain.
type AWSOptions struct {
	KeyARN   string // of the key itself, not of an alias, which could be made to mean another key
	Endpoint string // https, or http to this machine; the SDK's own choice if empty
	Region   string // the ARN's if empty
	// Timeout of a whole call with its retries; 2.5 seconds if 0, at most a minute.
	Timeout time.Duration
}

// AWS is a lock of the server whose key never leaves AWS KMS: what it seals is a ciphertext of KMS Encrypt. Label and format
// version are the encryption context, so that KMS itself refuses a blob in another place, and so that a key policy may hold
// the server to its own context (kms:EncryptionContext:twolock:purpose). They show in CloudTrail: nothing in a label is secret.
//
// Its blob is the header and KMS's ciphertext. Methods are safe for concurrent use.
// The SDK's own buffers, which held a secret on its way, are not wiped: they are out of reach here.
type AWS struct {
	client    *kms.Client
	transport *http.Transport
	keyARN    string
	id        string
	timeout   time.Duration
}

// OpenAWS checks the options and loads the SDK's configuration; an error names what is wrong. It does not call KMS.
func OpenAWS(ctx context.Context, o AWSOptions) (*AWS, error) {
	key, err := parseKeyARN(o.KeyARN)
	if err != nil {
		return nil, err
	}
	timeout, err := timeoutOr("AWS timeout", o.Timeout, defaultAWSTimeout, maxAWSTimeout)
	if err != nil {
		return nil, err
	}
	region := o.Region
	if region == "" {
		region = key.Region
	} else if !regionForm.MatchString(region) {
		return nil, errors.New("AWS region is not the name of one, such as eu-central-1")
	}
	a := &AWS{keyARN: o.KeyARN, id: "aws-kms:" + o.KeyARN, timeout: timeout}
	if err := checkLockID(a.id); err != nil {
		return nil, fmt.Errorf("AWS key ARN: %w", err)
	}
	c, err := config.LoadDefaultConfig(ctx, config.WithRegion(region), config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	endpoint, err := awsEndpoint(c, o.Endpoint)
	if err != nil {
		return nil, err
	}
	a.transport = awsTransport(c.HTTPClient)
	configureOutbound(a.transport, endpoint, awsConnections)
	// A connection that says nothing must leave time for another try.
	a.transport.ResponseHeaderTimeout = timeout * 2 / 5
	a.client = kms.NewFromConfig(c, func(k *kms.Options) {
		if endpoint != nil {
			k.BaseEndpoint = aws.String(endpoint.String())
		}
		k.HTTPClient = &http.Client{Transport: boundedBodies{a.transport, maxAWSAnswer}, CheckRedirect: refuseRedirects}
		k.RetryMaxAttempts = 0 // else AWS_MAX_ATTEMPTS overrides the retryer
		k.Retryer = retry.NewStandard(func(r *retry.StandardOptions) {
			r.MaxAttempts = awsAttempts
			r.Backoff = retry.BackoffDelayerFunc(fullJitter)
		})
	})
	return a, nil
}

// ID is "aws-kms:" and the key's ARN.
func (a *AWS) ID() string { return a.id }

// Seal has KMS encrypt a secret of 1 to MaxSecret bytes. *UnavailableError of "aws-kms" when it did not.
func (a *AWS) Seal(ctx context.Context, secret []byte, l Label) ([]byte, error) {
	if err := checkSecret(secret); err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	out, err := a.client.Encrypt(ctx, &kms.EncryptInput{
		KeyId: &a.keyARN, Plaintext: secret, EncryptionContext: encryptionContext(l),
	})
	if err != nil {
		return nil, awsFault(ctx, err)
	}
	// A wrong answer here would be found out at Open, when the secret is lost.
	if aws.ToString(out.KeyId) != a.keyARN || len(out.CiphertextBlob) == 0 || len(out.CiphertextBlob) > maxAWSCiphertext {
		return nil, awsUnavailable("answer does not fit the call", false, nil)
	}
	blob := appendHeader(make([]byte, 0, headerLength+len(a.id)+len(out.CiphertextBlob)), algorithmAWSKMS, a.id)
	return append(blob, out.CiphertextBlob...), nil
}

// Open has KMS decrypt a blob and returns the secret, which the caller wipes. ErrOpen when the blob was not sealed by this
// lock under this label, *UnavailableError of "aws-kms" when KMS did not say.
func (a *AWS) Open(ctx context.Context, sealed []byte, l Label) ([]byte, error) {
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOpen, err)
	}
	ciphertext, err := cutHeader(sealed, algorithmAWSKMS, a.id)
	if err != nil {
		return nil, err
	}
	if len(ciphertext) == 0 || len(ciphertext) > maxAWSCiphertext {
		return nil, ErrOpen
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	out, err := a.client.Decrypt(ctx, &kms.DecryptInput{
		KeyId: &a.keyARN, CiphertextBlob: ciphertext, EncryptionContext: encryptionContext(l),
	})
	if err != nil {
		if isNoCiphertext(err) {
			return nil, ErrOpen
		}
		return nil, awsFault(ctx, err)
	}
	if aws.ToString(out.KeyId) != a.keyARN || checkSecret(out.Plaintext) != nil {
		clear(out.Plaintext)
		return nil, awsUnavailable("answer does not fit the call", false, nil)
	}
	return out.Plaintext, nil
}

// Close drops idle connections, at shutdown. Calls after it work still.
func (a *AWS) Close() { a.transport.CloseIdleConnections() }

// fullJitter waits anything up to a bound that doubles; attempt counts from 1. The SDK's own backoff, cut to what a deadline of seconds leaves room
// for, is the bound itself nearly always, and servers that were throttled together come back together.
func fullJitter(attempt int, _ error) (time.Duration, error) {
	return rand.N(awsBackoff << min(max(attempt-1, 0), awsAttempts)), nil
}

// encryptionContext is injective as Label.encode is: a field that is empty is absent. The names are part of the format.
func encryptionContext(l Label) map[string]string {
	c := map[string]string{
		"twolock:format":  strconv.Itoa(formatVersion),
		"twolock:purpose": l.Purpose,
		"twolock:version": strconv.Itoa(l.Version),
	}
	for name, value := range map[string]string{"twolock:keystore": l.Keystore, "twolock:key": l.Key, "twolock:type": l.Type} {
		if value != "" {
			c[name] = value
		}
	}
	return c
}

var (
	partitionForm = regexp.MustCompile(`^aws(-[a-z]+)*$`)
	regionForm    = regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)+$`)
	accountForm   = regexp.MustCompile(`^[0-9]{12}$`)
	keyForm       = regexp.MustCompile(`^key/[A-Za-z0-9-]{1,128}$`)
)

func parseKeyARN(s string) (arn.ARN, error) {
	a, err := arn.Parse(s)
	if err != nil || a.Service != "kms" || !partitionForm.MatchString(a.Partition) || !regionForm.MatchString(a.Region) ||
		!accountForm.MatchString(a.AccountID) || !keyForm.MatchString(a.Resource) {
		return arn.ARN{}, errors.New("AWS key ARN is not the ARN of a KMS key, " +
			"such as arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab")
	}
	return a, nil
}

// awsEndpoint returns the endpoint asked for, else the one that the SDK took from its environment or files, else nil: that
// one is as able to send secrets in the clear.
func awsEndpoint(c aws.Config, asked string) (*url.URL, error) {
	if asked != "" {
		return parseOutbound("AWS endpoint", asked)
	}
	if found := kms.NewFromConfig(c).Options().BaseEndpoint; found != nil {
		return parseOutbound("AWS endpoint of the environment or profile", *found)
	}
	return nil, nil
}

// awsTransport is the SDK's, which honours AWS_CA_BUNDLE and the proxy of the environment.
func awsTransport(configured aws.HTTPClient) *http.Transport {
	b, ok := configured.(*awshttp.BuildableClient)
	if !ok {
		b = awshttp.NewBuildableClient()
	}
	return b.GetTransport()
}
