package proof_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/server/servertest"
	"twolock/storage/storagetest"
)

// program is the path of the built program.
var program string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "twolock-proof-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "twolock")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "..") // the flags of `make build`, whose compiled packages it takes
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// server is a running process with a keystore of its operator's.
type server struct {
	url, keystore string
	operator      *auth.Identity
	client        *client.Client
	log           *servertest.Output
}

// databases runs a test on both.
func databases(t *testing.T, test func(t *testing.T, s *server)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, start(t, "sqlite:"+filepath.Join(t.TempDir(), "twolock.db")))
	})
	t.Run("postgres", func(t *testing.T) { test(t, start(t, storagetest.Postgres(t))) })
}

func start(t *testing.T, database string) *server {
	t.Helper()
	watch(t)
	operator, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{operator: operator, log: servertest.NewOutput()}
	cmd := exec.Command(program, "serve", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir(), "--database", database, "--operator", operator.DID(),
		"--rsa-per-minute", "1000")
	cmd.Env = append(os.Environ(), "AWS_EC2_METADATA_DISABLED=true")
	cmd.Stderr = s.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exit := make(chan error, 1)
	go func() { exit <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := <-exit; err != nil {
			t.Errorf("twolock serve: %v\n%s", err, s.log)
		}
		if log := s.log.String(); strings.Contains(log, `"level":"ERROR"`) || strings.Contains(log, `"msg":"panic`) {
			t.Errorf("the server logged errors:\n%s", log)
		}
	})
	select {
	case s.url = <-s.log.Listening:
	case err := <-exit:
		exit <- err
		t.Fatalf("twolock serve ended: %s", s.log)
	case <-time.After(20 * time.Second):
		t.Fatalf("twolock serve does not listen: %s", s.log)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	s.client = &client.Client{Identity: operator, HTTP: &http.Client{Transport: transport, Timeout: time.Minute}}
	var out struct {
		CreateKeystore struct{ Keystore struct{ ID string } }
	}
	const query = `mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }`
	if err := s.client.Do(context.Background(), s.url+"/graphql", "createKeystore", query, input{"input": input{"controller": operator.DID()}}, &out); err != nil {
		t.Fatal(err)
	}
	s.keystore = out.CreateKeystore.Keystore.ID
	return s
}

// watch lets the tests' cached result depend on the whole program and on the peers: what other processes read is not seen otherwise.
func watch(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() && (name == "node_modules" || name == "data" || name == "bin" || len(name) > 2 && name[0] == '.') {
			return fs.SkipDir
		}
		if d.Type().IsRegular() && !strings.HasSuffix(path, "_test.go") {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// octets are Bytes in the API.
type octets []byte

func (o octets) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, o), nil
}

func (o *octets) UnmarshalText(text []byte) (err error) {
	*o, err = base64.RawURLEncoding.Strict().AppendDecode([]byte{}, text)
	return err
}

// input is what an operation is given.
type input map[string]any

// key is a key of the server, with the public forms that it has.
type key struct {
	ID        string
	PublicKey *struct {
		Bytes, SPKI octets
		PEM         string
		JWK         json.RawMessage
	}
}

func (k key) public() []byte {
	if k.PublicKey == nil {
		return nil
	}
	return k.PublicKey.Bytes
}

const keyFields = "key { id publicKey { bytes spki pem jwk } }"

// create makes a key.
func (s *server) create(typ string, more input) (key, error) {
	in := input{"keystore": s.keystore, "type": typ}
	for name, value := range more {
		in[name] = value
	}
	var out struct{ CreateKey struct{ Key key } }
	query := `mutation($input: CreateKeyInput!) { createKey(input: $input) { ` + keyFields + ` } }`
	err := s.client.Do(context.Background(), s.keystore, "generateKey", query, input{"input": in}, &out)
	return out.CreateKey.Key, err
}

// take imports a key in one of its forms, which is also what the refusal must name.
func (s *server) take(typ, form string, value any, more input) (key, error) {
	in := input{"keystore": s.keystore, "type": typ, form: value}
	for name, value := range more {
		in[name] = value
	}
	var out struct{ ImportKey struct{ Key key } }
	query := `mutation($input: ImportKeyInput!) { importKey(input: $input) { ` + keyFields + ` } }`
	err := s.client.Do(context.Background(), s.keystore, "importKey", query, input{"input": in}, &out)
	return out.ImportKey.Key, err
}

// operation is a field of Mutation that uses a key: its action, and what is asked back.
type operation struct{ field, action, answer string }

var (
	opSign        = operation{"sign", "sign", "signature"}
	opVerify      = operation{"verify", "verify", "valid"}
	opEncrypt     = operation{"encrypt", "encrypt", "ciphertext nonce"}
	opDecrypt     = operation{"decrypt", "decrypt", "plaintext"}
	opComputeMac  = operation{"computeMac", "computeMac", "mac"}
	opVerifyMac   = operation{"verifyMac", "verifyMac", "valid"}
	opWrap        = operation{"wrapKey", "wrapKey", "wrappedKey epk"}
	opUnwrap      = operation{"unwrapKey", "unwrapKey", "unwrappedKey"}
	opSeal        = operation{"seal", "seal", "ciphertext nonce"}
	opOpen        = operation{"open", "open", "plaintext"}
	opEncapsulate = operation{"encapsulate", "encapsulate", "sharedSecret ciphertext"}
	opDecapsulate = operation{"decapsulate", "decapsulate", "sharedSecret"}
	opSecret      = operation{"deriveSecret", "deriveSecret", "secret"}
	opDerive      = operation{"deriveKey", "deriveKey", "secret"}
	opExport      = operation{"exportKey", "exportKey", "wrapped"}
	opBackup      = operation{"backupKey", "backupKey", "backup"}
)

// batch is the same operation on many inputs.
func (o operation) batch() operation {
	return operation{o.field + "Batch", o.action, "results { " + o.answer + " error { code message } }"}
}

// answer is what any of the operations returns.
type answer struct {
	Signature, Ciphertext, Nonce, Plaintext, Mac, WrappedKey, UnwrappedKey, SharedSecret, Secret octets

	Valid           bool
	EPK             json.RawMessage
	Wrapped, Backup string
	Error           *struct{ Code, Message string }
	Results         []answer
}

// err is what went wrong with an item of a batch, as it would be of the operation alone.
func (a answer) err() error {
	if a.Error == nil {
		return nil
	}
	e := client.Error{Message: a.Error.Message}
	e.Extensions.Code = a.Error.Code
	return client.Errors{e}
}

// use runs an operation with a key.
func (s *server) use(k key, o operation, in input) (answer, error) {
	in["key"] = k.ID
	name := strings.ToUpper(o.field[:1]) + o.field[1:]
	query := "mutation($input: " + name + "Input!) { " + o.field + "(input: $input) { " + o.answer + " } }"
	var out map[string]answer
	err := s.client.Do(context.Background(), k.ID, o.action, query, input{"input": in}, &out)
	return out[o.field], err
}

// maxItems and maxBytes keep a batch within what the server takes, 1,000 items and 1 MiB, and within its time, of RSA_4096 too.
const (
	maxItems = 100
	maxBytes = 700 << 10 // in base64url, with names
)

// useEach runs an operation on many inputs of a key: alone where there is one, else in batches, which have in common what common has. It returns an
// answer and an error for each. Items of sign and computeMac are messages alone.
func (s *server) useEach(k key, o operation, common input, items []input) ([]answer, []error) {
	answers, errs := make([]answer, 0, len(items)), make([]error, 0, len(items))
	for len(items) > 0 {
		n, size := 0, 0
		for n < len(items) && n < maxItems {
			one, err := json.Marshal(items[n])
			if err != nil {
				panic(err)
			}
			if size += len(one); n > 0 && size > maxBytes {
				break
			}
			n++
		}
		in := input{}
		for name, value := range common {
			in[name] = value
		}
		if n == 1 {
			for name, value := range items[0] {
				in[name] = value
			}
			a, err := s.use(k, o, in)
			answers, errs, items = append(answers, a), append(errs, err), items[1:]
			continue
		}
		switch o {
		case opSign:
			in["messages"] = column(items[:n], "message")
		case opComputeMac:
			in["data"] = column(items[:n], "data")
		default:
			in["items"] = items[:n]
		}
		a, err := s.use(k, o.batch(), in)
		if err == nil && len(a.Results) != n {
			err = fmt.Errorf("%s: %d results for %d items", o.batch().field, len(a.Results), n)
		}
		for i := range n {
			if err != nil {
				answers, errs = append(answers, answer{}), append(errs, err)
				continue
			}
			answers, errs = append(answers, a.Results[i]), append(errs, a.Results[i].err())
		}
		items = items[n:]
	}
	return answers, errs
}

func column(items []input, name string) []any {
	values := make([]any, len(items))
	for i, item := range items {
		values[i] = item[name]
	}
	return values
}

// refused tells whether an error is the server's refusal of what it was given, naming one of the fields. No error is none.
func refused(err error, fields ...string) bool {
	e, ok := asErrors(err)
	if !ok || e.Code() != "BAD_USER_INPUT" {
		return false
	}
	name, _, _ := strings.Cut(e[0].Message, ":")
	return slices.Contains(fields, name)
}

func asErrors(err error) (client.Errors, bool) { return errors.AsType[client.Errors](err) }

// concurrent is how many requests of a test are under way at a time.
const concurrent = 12

// each calls f for 0 to n-1, several at a time.
func each(n int, f func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(concurrent, n) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
