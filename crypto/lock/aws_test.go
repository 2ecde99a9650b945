package lock_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"twolock/companion/awskms"
	"twolock/crypto/lock"
)

const (
	testAccessKeyID = "AKIDEXAMPLE"
	testSecretKey   = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

	arnA = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	arnB = "arn:aws:kms:eu-central-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
)

// useCredentials sets what the default chain reads, and keeps the machine's own settings out.
func useCredentials(t testing.TB, id, secretKey string) {
	t.Helper()
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			_ = os.Unsetenv(name)
		}
	}
	t.Setenv("AWS_ACCESS_KEY_ID", id)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secretKey)
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func openAWS(t testing.TB, o lock.AWSOptions) *lock.AWS {
	t.Helper()
	if os.Getenv("AWS_EC2_METADATA_DISABLED") == "" {
		useCredentials(t, testAccessKeyID, testSecretKey)
	}
	a, err := lock.OpenAWS(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

type calls struct {
	mu  sync.Mutex
	all []awskms.Call
}

func (c *calls) add(one awskms.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, one)
}

func startKMS(t testing.TB, change func(*awskms.Options)) (*awskms.Server, string) {
	t.Helper()
	o := awskms.Options{
		AccessKeyID: testAccessKeyID, SecretAccessKey: testSecretKey, Region: "eu-central-1", Keys: []string{arnA, arnB},
		Seed: []byte("a seed of 16 bytes or more"),
	}
	if change != nil {
		change(&o)
	}
	kms := awskms.New(o)
	server := httptest.NewServer(kms)
	t.Cleanup(server.Close)
	t.Cleanup(kms.Close)
	return kms, server.URL
}

func TestAWSSealsAndOpensUnderItsLabel(t *testing.T) {
	var seen calls
	kms, url := startKMS(t, func(o *awskms.Options) { o.OnCall = seen.add })
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url})
	ctx := context.Background()
	if a.ID() != "aws-kms:"+arnA {
		t.Errorf("id: got %q", a.ID())
	}
	for _, n := range []int{1, 32, lock.MaxSecret} {
		secret := bytes.Repeat([]byte{9}, n)
		blob, err := a.Seal(ctx, secret, testLabel)
		if err != nil {
			t.Fatal(err)
		}
		if want := append([]byte{1, 2, byte(len(a.ID()))}, a.ID()...); !bytes.HasPrefix(blob, want) {
			t.Errorf("blob begins with %x, want %x", blob[:len(want)], want)
		}
		if got, err := a.Open(ctx, blob, testLabel); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	want := map[string]string{
		"twolock:format": "1", "twolock:purpose": "key", "twolock:keystore": "zKs", "twolock:key": "zKey",
		"twolock:version": "3", "twolock:type": "ED25519",
	}
	for _, c := range seen.all {
		if !maps.Equal(c.EncryptionContext, want) || c.KeyARN != arnA || c.Outcome != "OK" {
			t.Errorf("call: %+v", c)
		}
	}
	if kms.Calls("Encrypt") != 3 || kms.Calls("Decrypt") != 3 {
		t.Errorf("%d Encrypt, %d Decrypt; want 3 of each", kms.Calls("Encrypt"), kms.Calls("Decrypt"))
	}
}

func TestAWSRefusesOtherLabelsAndLocks(t *testing.T) {
	kms, url := startKMS(t, nil)
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url})
	b := openAWS(t, lock.AWSOptions{KeyARN: arnB, Endpoint: url})
	ctx := context.Background()
	blob, err := a.Seal(ctx, testText, testLabel)
	if err != nil {
		t.Fatal(err)
	}
	for name, l := range otherLabels() {
		if _, err := a.Open(ctx, blob, l); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("label with another %s: got %v, want ErrOpen", name, err)
		}
	}
	decrypts := kms.Calls("Decrypt")
	if _, err := b.Open(ctx, blob, testLabel); !errors.Is(err, lock.ErrOpen) {
		t.Errorf("another key: got %v, want ErrOpen", err)
	}
	header := 3 + len(a.ID())
	for i := range header {
		for bit := range 8 {
			changed := bytes.Clone(blob)
			changed[i] ^= 1 << bit
			if _, err := a.Open(ctx, changed, testLabel); !errors.Is(err, lock.ErrOpen) {
				t.Fatalf("byte %d bit %d: got %v, want ErrOpen", i, bit, err)
			}
		}
	}
	for _, short := range [][]byte{nil, blob[:1], blob[:header], append(bytes.Clone(blob[:header]), make([]byte, 6145)...)} {
		if _, err := a.Open(ctx, short, testLabel); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("%d bytes: got %v, want ErrOpen", len(short), err)
		}
	}
	if kms.Calls("Decrypt") != decrypts {
		t.Error("KMS was asked about blobs that the header refuses")
	}
	for i := header; i < len(blob); i++ {
		changed := bytes.Clone(blob)
		changed[i] ^= 1
		if _, err := a.Open(ctx, changed, testLabel); !errors.Is(err, lock.ErrOpen) {
			t.Fatalf("byte %d: got %v, want ErrOpen", i, err)
		}
	}
	// The ciphertext of key A in a frame that names key B: KMS must be told which key we mean.
	framed := append(append([]byte{1, 2, byte(len(b.ID()))}, b.ID()...), blob[header:]...)
	if _, err := b.Open(ctx, framed, testLabel); !errors.Is(err, lock.ErrOpen) {
		t.Errorf("reframed for another key: got %v, want ErrOpen", err)
	}
}

func TestAWSSealRefusesWithoutAsking(t *testing.T) {
	kms, url := startKMS(t, nil)
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url})
	for _, n := range []int{0, lock.MaxSecret + 1} {
		if _, err := a.Seal(context.Background(), make([]byte, n), testLabel); err == nil || !strings.Contains(err.Error(), "secret has") {
			t.Errorf("%d bytes: got %v", n, err)
		}
	}
	if _, err := a.Seal(context.Background(), testText, lock.Label{}); err == nil || !strings.Contains(err.Error(), "purpose") {
		t.Errorf("no purpose: got %v", err)
	}
	if n := kms.Calls("Encrypt"); n != 0 {
		t.Errorf("KMS was asked %d times", n)
	}
}

// A restart of KMS, or of ours, loses nothing.
func TestAWSOpensAfterARestart(t *testing.T) {
	_, url := startKMS(t, nil)
	blob, err := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url}).Seal(context.Background(), testText, testLabel)
	if err != nil {
		t.Fatal(err)
	}
	_, url = startKMS(t, nil)
	got, err := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url}).Open(context.Background(), blob, testLabel)
	if err != nil || !bytes.Equal(got, testText) {
		t.Errorf("got %q, %v", got, err)
	}
}

// wantUnavailable checks an error of either upstream and returns its text.
func wantUnavailable(t *testing.T, err error, upstream, reason string, retryable bool) {
	t.Helper()
	u, ok := errors.AsType[*lock.UnavailableError](err)
	if !ok {
		t.Errorf("got %v (%T), want an UnavailableError", err, err)
		return
	}
	if u.Upstream != upstream || u.Reason != reason || u.Retryable != retryable || errors.Is(err, lock.ErrOpen) {
		t.Errorf("got %s, %q, retryable %v (%v); want %s, %q, retryable %v",
			u.Upstream, u.Reason, u.Retryable, err, upstream, reason, retryable)
	}
}

func TestAWSTellsFaultsApart(t *testing.T) {
	kms, url := startKMS(t, nil)
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url})
	blob, err := a.Seal(context.Background(), testText, testLabel)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		fault     awskms.Fault
		reason    string
		retryable bool
		tries     int
	}{
		{awskms.Throttle, "throttled", true, 3},
		{awskms.Outage, "outage", true, 3},
		{awskms.Hang, "no answer in time", true, 3},
		{awskms.Deny, "access denied", false, 1},
		{awskms.Garbage, "answer was not understood", false, 1},
		{awskms.Mangled, "answer was not understood", false, 1},
		{awskms.Reset, "no connection", true, 3},
		{awskms.Huge, "answer is too long", false, 1},
		{awskms.Redirect, "answer is a redirect, which is not followed", false, 1},
		{awskms.OtherKey, "answer does not fit the call", false, 1},
	} {
		for operation, do := range map[string]func() ([]byte, error){
			"Encrypt": func() ([]byte, error) { return a.Seal(context.Background(), testText, testLabel) },
			"Decrypt": func() ([]byte, error) { return a.Open(context.Background(), blob, testLabel) },
		} {
			t.Run(fmt.Sprint(c.fault, "/", operation), func(t *testing.T) {
				kms.Inject(c.fault, awskms.Always)
				before, start := kms.Calls(operation), time.Now()
				got, err := do()
				if took := time.Since(start); took > 3*time.Second {
					t.Errorf("took %v, want less than 3 s", took)
				}
				wantUnavailable(t, err, "aws-kms", c.reason, c.retryable)
				if got != nil {
					t.Errorf("got %x beside the error", got)
				}
				if n := kms.Calls(operation) - before; n < 1 || n > c.tries {
					t.Errorf("%d tries, want 1 to %d", n, c.tries)
				}
				text := fmt.Sprintf("%v %+v", err, err)
				for _, secret := range []string{string(testText), testSecretKey, awskms.MangledSecret} {
					mustNotLeak(t, text, []byte(secret))
				}
				kms.Heal()
				if _, err := do(); err != nil {
					t.Errorf("after the fault: %v", err)
				}
			})
		}
	}
}

func TestAWSRidesOutShortFaults(t *testing.T) {
	kms, url := startKMS(t, nil)
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url})
	for _, fault := range []awskms.Fault{awskms.Throttle, awskms.Outage, awskms.Reset, awskms.Hang} {
		n := 2
		if fault == awskms.Hang {
			n = 1
		}
		kms.Inject(fault, n)
		if _, err := a.Seal(context.Background(), testText, testLabel); err != nil {
			t.Errorf("%v, %d times: %v", fault, n, err)
		}
	}
}

func TestAWSHoldsItsRetriesWhateverTheEnvironment(t *testing.T) {
	kms, url := startKMS(t, nil)
	useCredentials(t, testAccessKeyID, testSecretKey)
	t.Setenv("AWS_MAX_ATTEMPTS", "50")
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url})
	kms.Inject(awskms.Throttle, awskms.Always)
	_, err := a.Seal(context.Background(), testText, testLabel)
	wantUnavailable(t, err, "aws-kms", "throttled", true)
	if n := kms.Calls("Encrypt"); n != 3 {
		t.Errorf("%d tries, want 3", n)
	}
}

// Eight calls that are throttled at once must not all come back at once.
func TestAWSRetriesWithJitter(t *testing.T) {
	kms, url := startKMS(t, nil)
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url})
	kms.Inject(awskms.Throttle, awskms.Always)
	took := make([]time.Duration, 8)
	var users sync.WaitGroup
	for i := range took {
		users.Go(func() {
			start := time.Now()
			_, _ = a.Seal(context.Background(), testText, testLabel)
			took[i] = time.Since(start)
		})
	}
	users.Wait()
	if spread := slices.Max(took) - slices.Min(took); spread < 40*time.Millisecond || slices.Max(took) > 2*time.Second {
		t.Errorf("took %v: spread %v", took, spread)
	}
}

func TestAWSDisabledAndUnknownKeys(t *testing.T) {
	kms, url := startKMS(t, nil)
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url})
	blob, err := a.Seal(context.Background(), testText, testLabel)
	if err != nil {
		t.Fatal(err)
	}
	kms.SetDisabled(arnA, true)
	_, err = a.Open(context.Background(), blob, testLabel)
	wantUnavailable(t, err, "aws-kms", "key disabled", false)
	_, err = a.Seal(context.Background(), testText, testLabel)
	wantUnavailable(t, err, "aws-kms", "key disabled", false)
	kms.SetDisabled(arnA, false)
	if _, err := a.Open(context.Background(), blob, testLabel); err != nil {
		t.Errorf("enabled again: %v", err)
	}
	unknown := openAWS(t, lock.AWSOptions{KeyARN: arnA[:len(arnA)-1] + "c", Endpoint: url})
	_, err = unknown.Seal(context.Background(), testText, testLabel)
	wantUnavailable(t, err, "aws-kms", "key not found", false)
}

func TestAWSCredentials(t *testing.T) {
	_, url := startKMS(t, nil)
	o := lock.AWSOptions{KeyARN: arnA, Endpoint: url}
	sealWith := func() error {
		a, err := lock.OpenAWS(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		_, err = a.Seal(context.Background(), testText, testLabel)
		return err
	}
	useCredentials(t, testAccessKeyID, "another secret")
	wantUnavailable(t, sealWith(), "aws-kms", "credentials refused", false)
	useCredentials(t, "AKIDOTHER", testSecretKey)
	wantUnavailable(t, sealWith(), "aws-kms", "credentials refused", false)
	useCredentials(t, "", "")
	wantUnavailable(t, sealWith(), "aws-kms", "no credentials", false)

	// A process that prints credentials in a form that the SDK does not read: it puts them into its error.
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("[default]\ncredential_process = /bin/echo Jw5sQ9xZt2Vb7Lk0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", file)
	err := sealWith()
	wantUnavailable(t, err, "aws-kms", "no credentials", false)
	if err != nil {
		mustNotLeak(t, err.Error(), []byte("Jw5sQ9xZt2Vb7Lk0"))
	}
}

func TestAWSHonoursTheCallersDeadline(t *testing.T) {
	kms, url := startKMS(t, nil)
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url})
	kms.Inject(awskms.Hang, awskms.Always)
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := a.Seal(ctx, testText, testLabel)
	wantUnavailable(t, err, "aws-kms", "no answer in time", true)
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
	ctx, cancel = context.WithCancel(context.Background())
	cancel()
	if _, err = a.Seal(ctx, testText, testLabel); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: got %v, want context.Canceled within", err)
	}
}

func TestAWSNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	_ = l.Close()
	_, err = openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url}).Seal(context.Background(), testText, testLabel)
	wantUnavailable(t, err, "aws-kms", "no connection", true)
}

// A redirect that a client would follow takes the session token along, and its answer would pass for that of KMS.
func TestAWSDoesNotFollowRedirects(t *testing.T) {
	useCredentials(t, testAccessKeyID, testSecretKey)
	var reached atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(other.URL, status))
		_, err := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: server.URL}).Seal(context.Background(), testText, testLabel)
		wantUnavailable(t, err, "aws-kms", "answer is a redirect, which is not followed", false)
		server.Close()
	}
	if reached.Load() {
		t.Error("the other server was called")
	}
}

func TestOpenAWSNamesTheBadOption(t *testing.T) {
	useCredentials(t, testAccessKeyID, testSecretKey)
	long := "arn:aws:kms:eu-central-1:111122223333:key/" + strings.Repeat("a", 129)
	for _, bad := range []string{
		"", "x", "1234abcd-12ab-34cd-56ef-1234567890ab", "alias/x", "arn:aws:kms:eu-central-1:111122223333:alias/x",
		"arn:aws:s3:eu-central-1:111122223333:key/x", "arn:aws:kms::111122223333:key/x", "arn:aws:kms:eu-central-1::key/x",
		"arn:aws:kms:eu-central-1:111122223333:key/", "arn:aws:kms:eu-central-1:111122223333:key/a/b",
		"arn:aws:kms:eu-central-1:111122223333:key/a b", "arn:gcp:kms:eu-central-1:111122223333:key/x",
		"arn:aws:kms:eu_central:111122223333:key/x", arnA + "\n", " " + arnA, long,
	} {
		if _, err := lock.OpenAWS(context.Background(), lock.AWSOptions{KeyARN: bad}); err == nil || !strings.Contains(err.Error(), "AWS key ARN") {
			t.Errorf("ARN %q: got %v", bad, err)
		}
	}
	for _, good := range []string{arnA, arnB, "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/x", "arn:aws-cn:kms:cn-north-1:111122223333:key/x"} {
		if _, err := lock.OpenAWS(context.Background(), lock.AWSOptions{KeyARN: good}); err != nil {
			t.Errorf("ARN %q: %v", good, err)
		}
	}
	for endpoint, says := range badURLs {
		if _, err := lock.OpenAWS(context.Background(), lock.AWSOptions{KeyARN: arnA, Endpoint: endpoint}); endpoint != "" &&
			(err == nil || !strings.Contains(err.Error(), "AWS endpoint "+says)) {
			t.Errorf("endpoint %q: got %v, want one that says %q", endpoint, err, says)
		}
	}
	for o, says := range map[lock.AWSOptions]string{
		{KeyARN: arnA, Region: "EU"}:                   "AWS region",
		{KeyARN: arnA, Region: "eu-central-1.evil.io"}: "AWS region",
		{KeyARN: arnA, Timeout: -1}:                    "AWS timeout",
		{KeyARN: arnA, Timeout: time.Hour}:             "AWS timeout",
	} {
		if _, err := lock.OpenAWS(context.Background(), o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: got %v, want one that says %q", o, err, says)
		}
	}
}

// The environment can name an endpoint too; it must not be where secrets go in the clear.
func TestOpenAWSChecksTheEnvironmentsEndpoint(t *testing.T) {
	useCredentials(t, testAccessKeyID, testSecretKey)
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_KMS"} {
		t.Setenv(name, "http://kms.example.com")
		if _, err := lock.OpenAWS(context.Background(), lock.AWSOptions{KeyARN: arnA}); err == nil || !strings.Contains(err.Error(), "http to another machine") {
			t.Errorf("%s: got %v", name, err)
		}
		kms, url := startKMS(t, nil)
		t.Setenv(name, url)
		if _, err := openAWS(t, lock.AWSOptions{KeyARN: arnA}).Seal(context.Background(), testText, testLabel); err != nil || kms.Calls("Encrypt") != 1 {
			t.Errorf("%s on this machine: %v", name, err)
		}
		t.Setenv(name, "")
		_ = os.Unsetenv(name)
	}
}

func TestOpenAWSTakesTheRegionOfTheARN(t *testing.T) {
	useCredentials(t, testAccessKeyID, testSecretKey)
	t.Setenv("AWS_REGION", "us-west-2")
	_, url := startKMS(t, nil) // checks the region in the signature
	if _, err := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url}).Seal(context.Background(), testText, testLabel); err != nil {
		t.Error(err)
	}
	_, url = startKMS(t, func(o *awskms.Options) { o.Region = "eu-west-3" })
	if _, err := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url, Region: "eu-west-3"}).Seal(context.Background(), testText, testLabel); err != nil {
		t.Error(err)
	}
}

func TestAWSLeavesNoGoroutinesBehind(t *testing.T) {
	kms, url := startKMS(t, nil)
	a := openAWS(t, lock.AWSOptions{KeyARN: arnA, Endpoint: url, Timeout: 200 * time.Millisecond})
	faults := []awskms.Fault{awskms.None, awskms.Hang, awskms.Huge, awskms.Reset, awskms.Garbage, awskms.Throttle}
	noGoroutinesLeft(t, a.Close, func() {
		for _, f := range faults {
			kms.Inject(f, awskms.Always)
			var users sync.WaitGroup
			for range 8 {
				users.Go(func() { _, _ = a.Seal(context.Background(), testText, testLabel) })
			}
			users.Wait()
		}
	})
}

// noGoroutinesLeft runs do, closes, and waits until there are no more goroutines than before.
func noGoroutinesLeft(t *testing.T, closeIdle func(), do func()) {
	t.Helper()
	http.DefaultClient.CloseIdleConnections()
	before := runtime.NumGoroutine()
	do()
	closeIdle()
	for range 300 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}
