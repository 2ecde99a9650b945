package web_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io/fs"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"twolock/auth"
	"twolock/server/servertest"
)

// running is a twolock server.
type running struct {
	url, certificate string
	operator         string // file of an operator's identity
	output           *servertest.Output
}

func (s *running) log() string { return s.output.String() }

// serve builds the program and runs it, with TLS and an operator, until the test ends.
func serve(t *testing.T) *running {
	t.Helper()
	dir := t.TempDir()
	program := build(t, dir)
	s := &running{certificate: filepath.Join(dir, "tls.crt"), operator: filepath.Join(dir, "operator.json")}
	key := filepath.Join(dir, "tls.key")
	writeCertificate(t, s.certificate, key)
	operator, err := auth.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	file, err := operator.MarshalFile()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.operator, file, 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, program, filepath.Join(dir, "data"), "--operator", operator.DID(), "--tls-cert", s.certificate, "--tls-key", key)
	s.url, s.output = r.url, r.output
	return s
}

const awsKeyID, awsSecret = "AKIDEXAMPLE", "wJalrXUtnFEMI-EXAMPLE"

// run runs a server on loopback until the test ends.
func run(t *testing.T, program, data string, flags ...string) *running {
	t.Helper()
	s := &running{output: servertest.NewOutput()}
	cmd := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0", "--data-dir", data}, flags...)...)
	cmd.Env = append(os.Environ(), "AWS_EC2_METADATA_DISABLED=true", "AWS_ACCESS_KEY_ID="+awsKeyID, "AWS_SECRET_ACCESS_KEY="+awsSecret)
	cmd.Stderr = s.output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exit := make(chan error, 1)
	go func() { exit <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := <-exit; err != nil {
			t.Errorf("twolock serve: %v\n%s", err, s.log())
		}
	})
	select {
	case s.url = <-s.output.Listening:
	case err := <-exit:
		exit <- err
		t.Fatalf("twolock serve ended: %s", s.log())
	case <-time.After(20 * time.Second):
		t.Fatalf("twolock serve does not listen: %s", s.log())
	}
	return s
}

// build makes the program with the flags of `make build`, whose compiled packages it takes.
func build(t *testing.T, dir string) string {
	t.Helper()
	watch(t)
	path := filepath.Join(dir, "twolock")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// watch lets the test's cached result depend on the whole program: what go build reads is not seen otherwise.
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

func writeCertificate(t *testing.T, certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
