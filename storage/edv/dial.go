package edv

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Deadline bounds every call to a vault in total, retry included.
const Deadline = 3 * time.Second

// errAddress: the vault's name leads where no request may go.
var errAddress = errors.New("address is not allowed")

// NewHTTPClient makes the client for vaults, whose URLs strangers choose. It looks at the address itself, after the name was
// resolved and for every connection, so that a name cannot be pointed at this machine or at a cloud's metadata service later. It
// follows no redirect, which would carry the capability elsewhere, and uses no proxy, which would resolve the name itself.
// With allowLoopback it may reach this machine, for development and tests. Share one client: it holds the connections.
func NewHTTPClient(allowLoopback bool) *http.Client {
	dialer := &net.Dialer{
		Timeout:   2 * time.Second,
		KeepAlive: 30 * time.Second,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			ap, err := netip.ParseAddrPort(address)
			if err != nil {
				return fmt.Errorf("%w: %s", errAddress, address)
			}
			addr := ap.Addr().Unmap()
			if forbidden(addr) && !(allowLoopback && addr.IsLoopback()) {
				return fmt.Errorf("%w: %s", errAddress, addr)
			}
			return nil
		},
	}
	return &http.Client{
		Timeout:       Deadline,
		CheckRedirect: noRedirect,
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    2 * time.Second,
			ForceAttemptHTTP2:      true,
			DisableCompression:     true, // what is read is bounded on the wire as in memory
			MaxConnsPerHost:        64,
			MaxIdleConns:           256,
			MaxIdleConnsPerHost:    16,
			IdleConnTimeout:        60 * time.Second,
			MaxResponseHeaderBytes: 32 << 10,
		},
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// What is not the Internet and not a private network either. Private addresses stay allowed: vaults live there.
var forbiddenNets = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),          // unspecified and "this network" (RFC 1122); Linux takes 0.0.0.0 for this machine
	netip.MustParsePrefix("255.255.255.255/32"), // broadcast
	netip.MustParsePrefix("100.100.100.200/32"), // metadata services outside the link-local range
	netip.MustParsePrefix("fd00:ec2::254/128"),
	netip.MustParsePrefix("168.63.129.16/32"),
	netip.MustParsePrefix("192.0.0.0/24"),   // IETF protocol assignments (RFC 6890), a metadata service among them
	netip.MustParsePrefix("64:ff9b:1::/48"), // local translation (RFC 8215): what is behind it cannot be told
	netip.MustParsePrefix("2002::/16"),      // 6to4 (RFC 3056), retired
	netip.MustParsePrefix("fec0::/10"),      // site-local (RFC 3879), retired
}

// Prefixes whose last 32 bits are an IPv4 address (RFC 6052, RFC 4291): the address counts that is reached through them. The second one
// has the unspecified address in it.
var embedding = []netip.Prefix{netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("::/96")}

// forbidden tells whether a request of ours must not go to addr.
func forbidden(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if addr.IsLoopback() || addr.IsMulticast() || addr.IsLinkLocalUnicast() {
		return true
	}
	for _, p := range forbiddenNets {
		if p.Contains(addr) {
			return true
		}
	}
	for _, p := range embedding {
		if p.Contains(addr) {
			b := addr.As16()
			return forbidden(netip.AddrFrom4([4]byte(b[12:])))
		}
	}
	return false
}
