package main

import (
	"net/http"
	"time"

	"twolock/keystore"
	"twolock/storage/edv"
)

// vaults gives keystore the vaults of storage/edv.
type vaults struct {
	local bool // loopback vaults are allowed, for the service is on loopback itself
	http  *http.Client
	now   func() time.Time
}

func newVaults(local bool, now func() time.Time) *vaults {
	return &vaults{local, edv.NewHTTPClient(local), now}
}

func (v *vaults) CheckURL(url string) error { return edv.CheckURL(url, v.local) }

func (v *vaults) Open(a keystore.VaultAccess) (keystore.Vault, error) {
	return edv.Open(edv.Options{
		Keystore: a.Keystore, URL: a.URL, Capability: a.Capability, Identity: a.Identity, Recipient: a.Recipient, MAC: a.MAC,
		RecipientID: "urn:twolock:" + a.Keystore, HTTP: v.noting(a.Note), Now: v.now,
	})
}

// noting is the client, telling of each request how it went.
func (v *vaults) noting(note func(ok bool)) *http.Client {
	c := *v.http
	c.Transport = noted{v.http.Transport, note}
	return &c
}

type noted struct {
	http.RoundTripper
	note func(ok bool)
}

func (n noted) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := n.RoundTripper.RoundTrip(r)
	n.note(err == nil && resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests)
	return resp, err
}
