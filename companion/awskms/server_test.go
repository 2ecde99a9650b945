package awskms_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"

	"twolock/companion/awskms"
)

const (
	accessKeyID = "AKIDEXAMPLE"
	secretKey   = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	region      = "eu-central-1"
	arnA        = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	arnB        = "arn:aws:kms:eu-central-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
)

func options() awskms.Options {
	return awskms.Options{
		AccessKeyID: accessKeyID, SecretAccessKey: secretKey, Region: region, Keys: []string{arnA, arnB},
		Seed: []byte("a seed of 16 bytes or more"),
	}
}

func start(t *testing.T, o awskms.Options) (*awskms.Server, string) {
	t.Helper()
	s := awskms.New(o)
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	t.Cleanup(s.Close)
	return s, h.URL
}

// client is the SDK's as it comes, but for one try, so that tests can count.
func client(url string, change ...func(*kms.Options)) *kms.Client {
	o := kms.Options{
		Region: region, BaseEndpoint: &url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(accessKeyID, secretKey, ""),
	}
	return kms.New(o, change...)
}

var ctx = context.Background()

func TestSDKEncryptsAndDecrypts(t *testing.T) {
	_, url := start(t, options())
	c := client(url)
	context1 := map[string]string{"a": "1", "b": ""}
	for _, n := range []int{1, 32, 4096} {
		plaintext := bytes.Repeat([]byte{5}, n)
		e, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: plaintext, EncryptionContext: context1})
		if err != nil {
			t.Fatal(err)
		}
		if aws.ToString(e.KeyId) != arnA || e.EncryptionAlgorithm != types.EncryptionAlgorithmSpecSymmetricDefault {
			t.Errorf("Encrypt: %v, %v", aws.ToString(e.KeyId), e.EncryptionAlgorithm)
		}
		for _, id := range []*string{nil, aws.String(arnA), aws.String("1234abcd-12ab-34cd-56ef-1234567890ab")} {
			d, err := c.Decrypt(ctx, &kms.DecryptInput{KeyId: id, CiphertextBlob: e.CiphertextBlob, EncryptionContext: context1})
			if err != nil || !bytes.Equal(d.Plaintext, plaintext) || aws.ToString(d.KeyId) != arnA {
				t.Errorf("Decrypt: %v", err)
			}
		}
	}
}

func TestDecryptRefuses(t *testing.T) {
	_, url := start(t, options())
	c := client(url)
	context1 := map[string]string{"a": "1", "b": "2"}
	e, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte("x"), EncryptionContext: context1})
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]map[string]string{
		"none": nil, "fewer": {"a": "1"}, "more": {"a": "1", "b": "2", "c": "3"}, "value": {"a": "1", "b": "3"},
		"case": {"A": "1", "b": "2"}, "swapped": {"a": "2", "b": "1"}, "boundary moved": {"a1": "", "b": "2"},
	} {
		_, err := c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: e.CiphertextBlob, EncryptionContext: other})
		wantType[*types.InvalidCiphertextException](t, "context, "+name, err)
	}
	for i := range e.CiphertextBlob {
		blob := bytes.Clone(e.CiphertextBlob)
		blob[i] ^= 1
		_, err := c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: context1})
		wantType[*types.InvalidCiphertextException](t, fmt.Sprint("byte ", i), err)
		_, err = c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: e.CiphertextBlob[:i+1], EncryptionContext: map[string]string{"x": "y"}})
		wantType[*types.InvalidCiphertextException](t, fmt.Sprint("length ", i+1), err)
	}
	_, err = c.Decrypt(ctx, &kms.DecryptInput{KeyId: aws.String(arnB), CiphertextBlob: e.CiphertextBlob, EncryptionContext: context1})
	wantType[*types.IncorrectKeyException](t, "another key", err)
	_, err = c.Decrypt(ctx, &kms.DecryptInput{KeyId: aws.String(arnA + "0"), CiphertextBlob: e.CiphertextBlob, EncryptionContext: context1})
	wantType[*types.NotFoundException](t, "unknown key", err)
}

func wantType[E error](t *testing.T, what string, err error) {
	t.Helper()
	if _, ok := errors.AsType[E](err); !ok {
		t.Errorf("%s: got %v, want %T", what, err, *new(E))
	}
}

func wantCode(t *testing.T, what, code string, err error) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != code {
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}

func TestLimits(t *testing.T) {
	_, url := start(t, options())
	c := client(url)
	for _, in := range []*kms.EncryptInput{
		{KeyId: aws.String(arnA), Plaintext: []byte{}},
		{KeyId: aws.String(arnA), Plaintext: make([]byte, 4097)},
		{KeyId: aws.String(""), Plaintext: []byte{1}},
		{KeyId: aws.String(strings.Repeat("k", 2049)), Plaintext: []byte{1}},
		{KeyId: aws.String(arnA), Plaintext: []byte{1}, EncryptionContext: map[string]string{"aws:x": "1"}},
		{KeyId: aws.String(arnA), Plaintext: []byte{1}, EncryptionContext: map[string]string{"": "1"}},
		{KeyId: aws.String(arnA), Plaintext: []byte{1}, EncryptionContext: map[string]string{"x": strings.Repeat("x", 8192)}},
	} {
		_, err := c.Encrypt(ctx, in)
		wantCode(t, fmt.Sprintf("%d bytes, key of %d", len(in.Plaintext), len(*in.KeyId)), "ValidationException", err)
	}
	for _, blob := range [][]byte{{}, make([]byte, 6145)} {
		_, err := c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: blob})
		wantCode(t, fmt.Sprint("blob of ", len(blob)), "ValidationException", err)
	}
	_, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String("alias/x"), Plaintext: []byte{1}})
	wantType[*types.NotFoundException](t, "alias", err)
	_, err = c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte{1},
		EncryptionAlgorithm: types.EncryptionAlgorithmSpecRsaesOaepSha256})
	wantType[*types.InvalidKeyUsageException](t, "algorithm", err)
	_, err = c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte{1}, GrantTokens: []string{"g"}})
	wantCode(t, "member that is not known here", "SerializationException", err)
	_, err = c.ListKeys(ctx, &kms.ListKeysInput{})
	wantCode(t, "operation that is not known here", "UnknownOperationException", err)
}

func TestGenerateDataKeyAndDescribeKey(t *testing.T) {
	s, url := start(t, options())
	c := client(url)
	for n, in := range map[int]*kms.GenerateDataKeyInput{
		32: {KeySpec: types.DataKeySpecAes256}, 16: {KeySpec: types.DataKeySpecAes128}, 64: {NumberOfBytes: aws.Int32(64)},
	} {
		in.KeyId, in.EncryptionContext = aws.String(arnB), map[string]string{"n": "v"}
		g, err := c.GenerateDataKey(ctx, in)
		if err != nil || len(g.Plaintext) != n {
			t.Fatalf("%d bytes: %v", n, err)
		}
		d, err := c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: g.CiphertextBlob, EncryptionContext: in.EncryptionContext})
		if err != nil || !bytes.Equal(d.Plaintext, g.Plaintext) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for _, in := range []*kms.GenerateDataKeyInput{
		{}, {KeySpec: types.DataKeySpecAes256, NumberOfBytes: aws.Int32(1)}, {NumberOfBytes: aws.Int32(0)},
		{NumberOfBytes: aws.Int32(1025)}, {KeySpec: "AES_512"},
	} {
		in.KeyId = aws.String(arnA)
		_, err := c.GenerateDataKey(ctx, in)
		wantCode(t, fmt.Sprintf("%+v", in), "ValidationException", err)
	}
	s.SetDisabled(arnA, true)
	for arn, want := range map[string]types.KeyState{arnA: types.KeyStateDisabled, arnB: types.KeyStateEnabled} {
		d, err := c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
		if err != nil || d.KeyMetadata.KeyState != want || aws.ToString(d.KeyMetadata.Arn) != arn || d.KeyMetadata.Enabled != (want == types.KeyStateEnabled) {
			t.Errorf("%s: %+v, %v", arn, d, err)
		}
	}
	_, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte{1}})
	wantType[*types.DisabledException](t, "disabled", err)
}

func TestSeedOutlivesTheServer(t *testing.T) {
	_, url := start(t, options())
	e, err := client(url).Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	_, again := start(t, options())
	if d, err := client(again).Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: e.CiphertextBlob}); err != nil || string(d.Plaintext) != "x" {
		t.Errorf("same seed: %v", err)
	}
	o := options()
	o.Seed = nil
	_, other := start(t, o)
	_, err = client(other).Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: e.CiphertextBlob})
	wantType[*types.InvalidCiphertextException](t, "another seed", err)
}

func TestFaults(t *testing.T) {
	s, url := start(t, options())
	c := client(url)
	encrypt := func() error {
		limited, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		_, err := c.Encrypt(limited, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte{1}})
		return err
	}
	for f, code := range map[awskms.Fault]string{
		awskms.Throttle: "ThrottlingException", awskms.Outage: "KMSInternalException", awskms.Deny: "AccessDeniedException",
	} {
		s.Inject(f, 2)
		wantCode(t, f.String(), code, encrypt())
		wantCode(t, f.String(), code, encrypt())
		if err := encrypt(); err != nil {
			t.Errorf("%v, third call: %v", f, err)
		}
	}
	for _, f := range []awskms.Fault{awskms.Hang, awskms.Garbage, awskms.Mangled, awskms.Reset, awskms.Redirect} {
		s.Inject(f, awskms.Always)
		for range 3 {
			err := encrypt()
			if _, api := errors.AsType[smithy.APIError](err); err == nil || api && f != awskms.Redirect {
				t.Errorf("%v: got %v", f, err)
			}
		}
		s.Heal()
		if err := encrypt(); err != nil {
			t.Errorf("%v, healed: %v", f, err)
		}
	}
	s.Inject(awskms.OtherKey, 1)
	e, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte{1}})
	if err != nil || aws.ToString(e.KeyId) == arnA {
		t.Errorf("OtherKey: %v", err)
	}
	s.Inject(awskms.Throttle, 1)
	if n := s.Calls("Encrypt"); n != 3*3+5*4+1 {
		t.Errorf("%d calls", n)
	}
}

func TestCloseLetsGoOfHangingCalls(t *testing.T) {
	s, url := start(t, options())
	s.Inject(awskms.Hang, awskms.Always)
	done := make(chan error, 1)
	go func() {
		_, err := client(url).Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte{1}})
		done <- err
	}()
	select {
	case err := <-done:
		t.Errorf("did not hang: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	s.Close()
	select {
	case err := <-done:
		if err == nil {
			t.Error("hung, then answered")
		}
	case <-time.After(5 * time.Second):
		t.Error("hangs still")
	}
}

func TestCallsAreToldWithoutSecrets(t *testing.T) {
	var mu sync.Mutex
	var told []awskms.Call
	o := options()
	o.OnCall = func(c awskms.Call) { mu.Lock(); defer mu.Unlock(); told = append(told, c) }
	s, url := start(t, o)
	c := client(url)
	secret := []byte("Zx7QvJ0pLw9KdR3m")
	e, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: secret, EncryptionContext: map[string]string{"a": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: e.CiphertextBlob})
	s.Inject(awskms.Reset, 1)
	_, _ = c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: e.CiphertextBlob})
	mu.Lock()
	defer mu.Unlock()
	if len(told) != 3 || told[0].Outcome != "OK" || told[0].EncryptionContext["a"] != "1" || told[0].KeyARN != arnA ||
		told[1].Outcome != "InvalidCiphertextException" || told[2].Outcome != "Reset" {
		t.Errorf("told %+v", told)
	}
	if text := fmt.Sprintf("%+v %x", told, fmt.Sprint(told)); strings.Contains(text, string(secret)) {
		t.Errorf("told %s", text)
	}
}

// The signer of the SDK, with the request in our hands.
func signed(t *testing.T, url, body string, at time.Time, change func(*http.Request), creds aws.Credentials, service, reg string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url+"/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "TrentService.Encrypt")
	if change != nil {
		change(r)
	}
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(ctx, creds, r, hex.EncodeToString(sum[:]), service, reg, at); err != nil {
		t.Fatal(err)
	}
	return r
}

func post(t *testing.T, r *http.Request) string {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(res.Body)
	if res.Header.Get("X-Amzn-Requestid") == "" || res.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
		t.Errorf("headers: %v", res.Header)
	}
	return fmt.Sprint(res.StatusCode, " ", b.String())
}

const encryptBody = `{"KeyId":"` + arnA + `","Plaintext":"AQ=="}`

var goodCredentials = aws.Credentials{AccessKeyID: accessKeyID, SecretAccessKey: secretKey}

func TestSignatures(t *testing.T) {
	s, url := start(t, options())
	now := time.Now()
	good := func() *http.Request {
		return signed(t, url, encryptBody, now, nil, goodCredentials, "kms", region)
	}
	if got := post(t, good()); !strings.HasPrefix(got, "200 ") {
		t.Fatalf("good: %s", got)
	}
	replaceIn := func(header, old, new string) func(*http.Request) {
		return func(r *http.Request) {
			h := r.Header.Get(header)
			if !strings.Contains(h, old) {
				t.Errorf("%s %q has no %q", header, h, old)
			}
			r.Header.Set(header, strings.Replace(h, old, new, 1))
		}
	}
	flip := func(r *http.Request) {
		h := []byte(r.Header.Get("Authorization"))
		if h[len(h)-1] == '0' {
			h[len(h)-1] = '1'
		} else {
			h[len(h)-1] = '0'
		}
		r.Header.Set("Authorization", string(h))
	}
	body := func(b string) func(*http.Request) {
		return func(r *http.Request) {
			r.Body, r.ContentLength = http.NoBody, int64(len(b))
			r.Body = readCloser{strings.NewReader(b)}
		}
	}
	drop := func(name string) func(*http.Request) { return func(r *http.Request) { r.Header.Del(name) } }
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	// These would fail as signatures too: the message tells that they were refused for what they are.
	const outOfOrder = `InvalidSignatureException","message":"SignedHeaders are not in order`
	for name, c := range map[string]struct {
		breakIt func(*http.Request)
		code    string
	}{
		"no Authorization":         {drop("Authorization"), "MissingAuthenticationTokenException"},
		"two Authorizations":       {func(r *http.Request) { r.Header.Add("Authorization", r.Header.Get("Authorization")) }, "IncompleteSignatureException"},
		"another scheme":           {set("Authorization", "Bearer x"), "IncompleteSignatureException"},
		"empty Authorization":      {set("Authorization", "AWS4-HMAC-SHA256 "), "IncompleteSignatureException"},
		"no Signature":             {replaceIn("Authorization", "Signature=", "Sig="), "IncompleteSignatureException"},
		"short Signature":          {replaceIn("Authorization", "Signature=", "Signature=00"), "IncompleteSignatureException"},
		"parameter twice":          {replaceIn("Authorization", "Signature=", "Credential=x, Signature="), "IncompleteSignatureException"},
		"another parameter":        {replaceIn("Authorization", "Signature=", "More=x, Signature="), "IncompleteSignatureException"},
		"Signature changed":        {flip, "InvalidSignatureException"},
		"another access key":       {replaceIn("Authorization", accessKeyID, "AKIDOTHER"), "UnrecognizedClientException"},
		"token nobody gave":        {set("X-Amz-Security-Token", "x"), "UnrecognizedClientException"},
		"another region":           {replaceIn("Authorization", region, "us-east-1"), "InvalidSignatureException"},
		"another service":          {replaceIn("Authorization", "/kms/", "/s3/"), "InvalidSignatureException"},
		"another terminator":       {replaceIn("Authorization", "aws4_request", "aws5_request"), "InvalidSignatureException"},
		"another day in the scope": {replaceIn("Authorization", now.UTC().Format("20060102"), "20200101"), "InvalidSignatureException"},
		"no date":                  {drop("X-Amz-Date"), "IncompleteSignatureException"},
		"malformed date":           {set("X-Amz-Date", "today"), "IncompleteSignatureException"},
		"another second":           {set("X-Amz-Date", now.UTC().Add(time.Second).Format("20060102T150405Z")), "InvalidSignatureException"},
		"body changed":             {body(strings.Replace(encryptBody, "AQ==", "Ag==", 1)), "InvalidSignatureException"},
		"body changed, hash stated": {func(r *http.Request) {
			sum := sha256.Sum256([]byte(encryptBody))
			body(`{}`)(r)
			r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
		}, "InvalidSignatureException"},
		"body longer":                 {body(encryptBody + " "), "InvalidSignatureException"},
		"target changed":              {set("X-Amz-Target", "TrentService.DescribeKey"), "InvalidSignatureException"},
		"host changed":                {func(r *http.Request) { r.Host = "kms.example.com" }, "InvalidSignatureException"},
		"query added":                 {func(r *http.Request) { r.URL.RawQuery = "x=1" }, "InvalidSignatureException"},
		"header that is not signed":   {set("X-Amz-Meta-X", "y"), "InvalidSignatureException"},
		"host not signed":             {replaceIn("Authorization", "host;", ""), "InvalidSignatureException"},
		"target not signed":           {replaceIn("Authorization", ";x-amz-target", ""), "InvalidSignatureException"},
		"content type not signed":     {replaceIn("Authorization", "content-type;", ""), "InvalidSignatureException"},
		"signed header that is not":   {replaceIn("Authorization", "host;", "host;range;"), "InvalidSignatureException"},
		"signed headers out of order": {replaceIn("Authorization", "content-type;host", "host;content-type"), outOfOrder},
		"signed header twice":         {replaceIn("Authorization", "host;", "host;host;"), outOfOrder},
		"signed header in capitals":   {replaceIn("Authorization", "host;", "Host;"), outOfOrder},
	} {
		r := good()
		c.breakIt(r)
		if got := post(t, r); !strings.HasPrefix(got, "400 ") || !strings.Contains(got, `"__type":"`+c.code+`"`) {
			t.Errorf("%s: got %s, want %s", name, got, c.code)
		}
	}
	if s.Calls("Encrypt") == 0 {
		t.Error("no calls counted")
	}
	wrong := goodCredentials
	wrong.SecretAccessKey = "another"
	if got := post(t, signed(t, url, encryptBody, now, nil, wrong, "kms", region)); !strings.Contains(got, "InvalidSignatureException") {
		t.Errorf("another secret: got %s", got)
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// A missing header must be refused for its being unsigned even where the signature over the rest is right.
func TestSignatureMustCoverTheHeadersThatCount(t *testing.T) {
	_, url := start(t, options())
	for _, name := range []string{"X-Amz-Target", "Content-Type"} {
		var value string
		r := signed(t, url, encryptBody, time.Now(), func(r *http.Request) { value = r.Header.Get(name); r.Header.Del(name) }, goodCredentials, "kms", region)
		r.Header.Set(name, value)
		if got := post(t, r); !strings.Contains(got, "must be a 'SignedHeader'") {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestClockSkew(t *testing.T) {
	at := time.Date(2030, 5, 6, 12, 0, 0, 0, time.UTC)
	o := options()
	o.Now = func() time.Time { return at }
	_, url := start(t, o)
	for skew, ok := range map[time.Duration]bool{
		0: true, 14*time.Minute + 59*time.Second: true, -14*time.Minute - 59*time.Second: true, 15 * time.Minute: true,
		15*time.Minute + time.Second: false, -15*time.Minute - time.Second: false, 24 * time.Hour: false, -24 * time.Hour: false,
		876000 * time.Hour: false,
	} {
		got := post(t, signed(t, url, encryptBody, at.Add(skew), nil, goodCredentials, "kms", region))
		if strings.HasPrefix(got, "200 ") != ok || !ok && !strings.Contains(got, "InvalidSignatureException") {
			t.Errorf("skew %v: got %s", skew, got)
		}
	}
}

func TestSessionToken(t *testing.T) {
	o := options()
	o.SessionToken = "session"
	_, url := start(t, o)
	for token, code := range map[string]string{"session": "", "other": "UnrecognizedClientException", "": "UnrecognizedClientException"} {
		c := client(url, func(k *kms.Options) {
			k.Credentials = credentials.NewStaticCredentialsProvider(accessKeyID, secretKey, token)
		})
		_, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte{1}})
		if code == "" {
			if err != nil {
				t.Errorf("token %q: %v", token, err)
			}
			continue
		}
		wantCode(t, token, code, err)
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	_, url := start(t, options())
	for name, body := range map[string]string{
		"case":     `{"keyid":"` + arnA + `","Plaintext":"AQ=="}`,
		"twice":    `{"KeyId":"` + arnA + `","KeyId":"` + arnA + `","Plaintext":"AQ=="}`,
		"unknown":  `{"KeyId":"` + arnA + `","Plaintext":"AQ==","X":1}`,
		"trailing": encryptBody + `{}`,
		"base64":   `{"KeyId":"` + arnA + `","Plaintext":"!"}`,
		"empty":    ``,
		"array":    `[]`,
	} {
		got := post(t, signed(t, url, body, time.Now(), nil, goodCredentials, "kms", region))
		if !strings.Contains(got, "SerializationException") {
			t.Errorf("%s: got %s", name, got)
		}
	}
	if got := post(t, signed(t, url, strings.Repeat(" ", 64<<10+1), time.Now(), nil, goodCredentials, "kms", region)); !strings.HasPrefix(got, "413 ") {
		t.Errorf("too long: got %s", got)
	}
}

func TestRoutes(t *testing.T) {
	_, url := start(t, options())
	for name, change := range map[string]func(*http.Request){
		"GET":          func(r *http.Request) { r.Method = http.MethodGet },
		"path":         func(r *http.Request) { r.URL.Path = "/x" },
		"content type": func(r *http.Request) { r.Header.Set("Content-Type", "application/json") },
		"no target":    func(r *http.Request) { r.Header.Del("X-Amz-Target") },
		"other target": func(r *http.Request) { r.Header.Set("X-Amz-Target", "Encrypt") },
	} {
		got := post(t, signed(t, url, encryptBody, time.Now(), change, goodCredentials, "kms", region))
		if !strings.Contains(got, "UnknownOperationException") {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

func TestNewRefusesOptionsThatMakeNoSense(t *testing.T) {
	for name, change := range map[string]func(*awskms.Options){
		"no access key":  func(o *awskms.Options) { o.AccessKeyID = "" },
		"no secret":      func(o *awskms.Options) { o.SecretAccessKey = "" },
		"short seed":     func(o *awskms.Options) { o.Seed = []byte("short") },
		"no ARN":         func(o *awskms.Options) { o.Keys = []string{"key/x"} },
		"ARN of a alias": func(o *awskms.Options) { o.Keys = []string{"arn:aws:kms:eu-central-1:111122223333:alias/x"} },
	} {
		o := options()
		change(&o)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			awskms.New(o)
		}()
	}
}

func TestConcurrentUse(t *testing.T) {
	s, url := start(t, options())
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			c := client(url)
			for range 10 {
				_, _ = c.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(arnA), Plaintext: []byte{1}})
				s.Inject(awskms.Throttle, 1)
				s.SetDisabled(arnB, true)
				s.Heal()
				s.SetDisabled(arnB, false)
				s.Calls("Encrypt")
			}
		})
	}
	users.Wait()
	if n := s.Calls("Encrypt"); n != 80 {
		t.Errorf("%d calls, want 80", n)
	}
}
