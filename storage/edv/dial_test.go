package edv_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"twolock/storage/edv"
	"twolock/storage/storagetest"
)

// The client refuses the address after the name was resolved: localhost is a name, and this machine answers.
func TestClientKeepsOffThisMachine(t *testing.T) {
	visits := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits++ }))
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	strict := edv.NewHTTPClient(false)
	for _, host := range []string{"127.0.0.1", "localhost", "127.8.8.8", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "[::ffff:0.0.0.0]", "[::1]"} {
		resp, err := strict.Get("http://" + host + ":" + port + "/")
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s was reached", host)
		} else if !strings.Contains(err.Error(), "not allowed") {
			t.Errorf("%s: %v, want a refusal of the address", host, err)
		}
	}
	if visits != 0 {
		t.Errorf("%d requests arrived", visits)
	}
	resp, err := edv.NewHTTPClient(true).Get("http://localhost:" + port + "/")
	if err != nil {
		t.Fatalf("with loopback allowed: %v", err)
	}
	resp.Body.Close()
	if visits != 1 {
		t.Errorf("%d requests arrived, want 1", visits)
	}
}

// Loopback allowed means loopback, and nothing more.
func TestClientKeepsOffForbiddenAddresses(t *testing.T) {
	for _, loopback := range []bool{false, true} {
		client := edv.NewHTTPClient(loopback)
		for _, addr := range []string{
			"169.254.169.254", "fe80::1", "0.0.0.0", "::", "0.1.2.3", "224.0.0.251", "ff02::1", "255.255.255.255",
			"::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "100.100.100.200", "fd00:ec2::254",
		} {
			resp, err := client.Get("http://" + netip.AddrPortFrom(netip.MustParseAddr(addr), 80).String() + "/")
			if err == nil {
				resp.Body.Close()
			}
			if err == nil || !strings.Contains(err.Error(), "not allowed") {
				t.Errorf("%s (loopback allowed: %v): %v, want a refusal of the address", addr, loopback, err)
			}
		}
	}
}

// A vault whose name leads to this machine is an error of the vault that says so, and not worth trying again.
func TestVaultAtAForbiddenAddress(t *testing.T) {
	w := newWorld(t)
	o := w.options(t)
	o.HTTP = nil // the client that keeps off this machine
	v := open(t, o)
	expectVault(t, "InsertKey", v.InsertKey(t.Context(), storagetest.KeyRecord(o.Keystore)), false, "address")
	_, err := v.Key(t.Context(), o.Keystore, storagetest.ID())
	expectVault(t, "Key", err, false, "address")
	w.expectRequests(t, 0, 0, 0)
}

func TestClientBounds(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/headers" {
			w.Header().Set("X", strings.Repeat("x", 64<<10))
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	defer server.Close()
	client := edv.NewHTTPClient(true)
	resp, err := client.Get(server.URL + "/redirect")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusFound {
		t.Errorf("a redirect gives status %d, want 302 itself", resp.StatusCode)
	}
	if resp, err := client.Get(server.URL + "/headers"); err == nil {
		resp.Body.Close()
		t.Error("64 KiB of headers are read")
	}
	if client.Timeout == 0 || client.Timeout > edv.Deadline {
		t.Errorf("the client waits %v, want at most %v", client.Timeout, edv.Deadline)
	}
	transport, ok := client.Transport.(*http.Transport)
	if !ok || transport.Proxy != nil {
		t.Error("the client uses a proxy, which would resolve names itself")
	}
}

// An invalid certificate is not worth trying again, and the insert is not.
func TestVaultWithAnUntrustedCertificate(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	w := newWorld(t)
	w.url = server.URL + "/edvs/z1"
	v, id := w.open(t)
	err := v.InsertKey(t.Context(), storagetest.KeyRecord(id))
	expectVault(t, "InsertKey", err, false, "certificate")
	if errors.Unwrap(err) == nil {
		t.Error("the log gets no cause")
	}
}
