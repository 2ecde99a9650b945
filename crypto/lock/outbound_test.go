package lock_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"twolock/crypto/lock"
)

func TestPlainHTTPDialsThisMachineOnly(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	transport, err := lock.OutboundTransport("http://localhost:1")
	if err != nil {
		t.Fatal(err)
	}
	if transport.Proxy != nil {
		t.Error("plain http goes through a proxy")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	for _, address := range []string{"192.0.2.1:80", "0.0.0.0:80", "[2001:db8::1]:80", "169.254.169.254:80"} {
		c, err := transport.DialContext(ctx, "tcp", address)
		if err == nil || !strings.Contains(err.Error(), "for this machine only") {
			t.Errorf("%s: got %v", address, err)
		}
		if c != nil {
			_ = c.Close()
		}
	}
	c, err := transport.DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}
