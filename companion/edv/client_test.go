package edv_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// node runs a script of testdata with the packages of package-lock.json, trusting the server's certificate.
func node(t *testing.T, s *running, input []byte, script string, args ...string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join("..", "..", "node_modules", "@digitalbazaar", "edv-client")); err != nil {
		t.Fatal("the vault client is not installed: run npm ci at the root of the repository")
	}
	certificate := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{
		Type: "CERTIFICATE", Bytes: s.listener.Certificate().Raw,
	}), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", append([]string{script}, args...)...)
	cmd.Dir = "testdata"
	cmd.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+certificate)
	cmd.Stdin = bytes.NewReader(input)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("node %s: %v\n%s%s", script, err, &stdout, &stderr)
	}
	return stdout.String()
}

// The protocol as an unmodified client speaks it, over TLS.
func TestUnmodifiedClient(t *testing.T) {
	s := startTLS(t)
	if got := node(t, s, nil, "session.mjs", s.base); !strings.Contains(got, "session complete") {
		t.Errorf("the session ended with %q", got)
	}
}
