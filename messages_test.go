package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"twolock/client"
	edvserver "twolock/companion/edv"
	"twolock/crypto/jwe"
	"twolock/crypto/key"
	"twolock/storage"
)

// A version under nonces of 96 bits encrypts 2^32 messages, and no more.
func TestMessages(t *testing.T) {
	tell(t, map[string]story{"counted": messagesCounted, "limit": messagesLimit})
}

const messageLimit = 1 << 32

func (u *user) messages(url string, version int) int {
	u.t.Helper()
	return number(u.versions(url)[version]["messages"])
}

func messagesCounted(t *testing.T, _ *site, u *user) {
	for typ, limited := range map[string]bool{"AES_128_GCM": true, "AES_256_GCM": true, "CHACHA20_POLY1305": true, "XAES_256_GCM": false, "XCHACHA20_POLY1305": false, "X25519": false, "HMAC_SHA256": false} {
		k := u.make(typ)
		if limited {
			is(t, typ+", not used", u.versions(k)[1], object{"messages": 0, "uses": 0, "lastUsedAt": nil})
			u.get("encryptBatch", object{"key": k, "items": []object{{"plaintext": message}, {"plaintext": message}, {"plaintext": message}}})
			u.get("generateDataKey", object{"key": k})
			if n := u.messages(k, 1); n < 4 || n > 1<<16 {
				t.Errorf("%s: after 4 messages %d are counted, want 4 to 65536", typ, n)
			}
			u.get("rotateKey", object{"key": k})
			is(t, typ+", rotated", u.versions(k)[2], object{"messages": 0})
		} else {
			is(t, typ, u.versions(k)[1], object{"messages": nil})
		}
	}
	// Who has the wrong share counts nothing.
	if u.shares == nil {
		return
	}
	k := u.make("AES_256_GCM")
	u.refused("WRONG_SHARE", "encrypt", object{"key": k, "plaintext": message, "secretShares": []string{b64(anyShare(9))}})
	is(t, "after a wrong share", u.versions(k)[1], object{"messages": 0})
}

// managed is the public JWK of a managed key.
func (u *user) managed(url string) json.RawMessage {
	u.t.Helper()
	jwk, err := json.Marshal(u.key(url)["publicKey"].(object)["jwk"])
	must(u.t, err)
	return jwk
}

// opened is what a JWE for a key of ours holds.
func opened(t testing.TB, compact any, by *key.Key) object {
	t.Helper()
	m, err := jwe.Parse(compact.(string))
	must(t, err)
	plain, err := m.Open(by.Unwrap)
	must(t, err)
	var o object
	must(t, json.Unmarshal(plain, &o))
	return o
}

// backup is a key's backup, opened, for telling lies with.
func (u *user) backup(url string) object {
	u.t.Helper()
	mine := generated(u.t, key.X25519)
	b := opened(u.t, u.get("backupKey", object{"key": url, "recipient": publicJWK(u.t, mine)})["backup"], mine)
	u.secrets.collect(b)
	return b
}

// sealedTo encrypts a backup to a managed key.
func (u *user) sealedTo(kek string, b any) string {
	u.t.Helper()
	plain, err := json.Marshal(b)
	must(u.t, err)
	compact, err := jwe.Seal(u.managed(kek), "json", plain)
	must(u.t, err)
	return compact
}

// nearLimit makes a key that has so many messages left.
func (u *user) nearLimit(s *site, typ string, left int) string {
	u.t.Helper()
	k := u.make(typ, object{"exportable": true})
	b := u.backup(k)
	b["versions"].([]any)[0].(object)["messages"] = messageLimit - left
	there := s.user(u.t.(*testing.T))
	u.keystore = there.keystore
	kek := u.make("X25519")
	return u.get("restoreKey", object{"backup": u.sealedTo(kek, b), "unwrappingKey": kek})["id"].(string)
}

func messagesLimit(t *testing.T, s *site, u *user) {
	for _, typ := range []string{"AES_128_GCM", "AES_256_GCM", "CHACHA20_POLY1305"} {
		k := u.nearLimit(s, typ, 10)
		is(t, typ, u.versions(k)[1], object{"messages": messageLimit - 10})
		items := make([]object, 11)
		for i := range items {
			items[i] = object{"plaintext": message}
		}
		refused := func(field string, in object) {
			t.Helper()
			u.refused("KEY_UNUSABLE", field, merged(in, object{"key": k}), "rotate", "XAES_256_GCM", "version 1")
		}
		refused("encryptBatch", object{"items": items})
		var old object
		for range 7 {
			old = u.get("encrypt", object{"key": k, "plaintext": message})
		}
		u.get("encryptBatch", object{"key": k, "items": items[:2]})
		u.get("generateDataKey", object{"key": k})
		in := object{"ciphertext": old["ciphertext"], "nonce": old["nonce"]}
		refused("encrypt", object{"plaintext": message})
		refused("encryptBatch", object{"items": items[:1]})
		refused("generateDataKey", object{})
		refused("generateDataKeyBatch", object{"items": []object{{}}})
		refused("reencrypt", in)
		refused("reencryptBatch", object{"items": []object{in}})
		other := u.make("XAES_256_GCM")
		sealed := u.get("encrypt", object{"key": other, "plaintext": message})
		u.refused("KEY_UNUSABLE", "reencrypt", object{"key": other, "destinationKey": k, "ciphertext": sealed["ciphertext"], "nonce": sealed["nonce"]}, "rotate")
		is(t, "decrypt goes on", u.get("decrypt", merged(in, object{"key": k})), object{"plaintext": message})
		is(t, "to another key", u.get("reencrypt", merged(in, object{"key": k, "destinationKey": other})), object{"version": 1})
		is(t, "messages", u.versions(k)[1], object{"messages": messageLimit})
		u.get("rotateKey", object{"key": k})
		forget()
		is(t, "after rotateKey", u.get("encrypt", object{"key": k, "plaintext": message}), object{"version": 2})
		is(t, "to the new version", u.get("reencrypt", merged(in, object{"key": k})), object{"version": 2, "sourceVersion": 1})
		is(t, "the old version's messages", u.versions(k)[1], object{"messages": messageLimit})
	}
}

// Counts survive a restart: what a server had taken ahead is lost, never given out twice.
func TestMessagesAfterRestart(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site, u *user) {
		k, many := u.nearLimit(s, "AES_256_GCM", 10), u.make("AES_256_GCM")
		u.get("encrypt", object{"key": k, "plaintext": message})
		u.get("encrypt", object{"key": many, "plaintext": message})
		before := u.messages(many, 1)
		s.restart(t)
		if n := u.messages(many, 1); n != before || n < 1 {
			t.Errorf("after a restart %d messages are counted, before it %d", n, before)
		}
		u.refused("KEY_UNUSABLE", "encrypt", object{"key": k, "plaintext": message}, "rotate")
		u.get("encrypt", object{"key": many, "plaintext": message})
		if n := u.messages(many, 1); n <= before {
			t.Errorf("after one more message %d are counted, before it %d", n, before)
		}
	})
}

// Servers on one database, or vault, never go past the limit together.
func TestMessagesOfTwoServers(t *testing.T) {
	t.Parallel()
	for _, p := range []place{{"postgres", "LOCAL", false}, {"postgres", "SHAMIR", true}} {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, p, "--cache-ttl", "1m")
			u := s.user(t)
			const left = 150
			var k string
			if p.vault {
				k = u.nearLimit(s, "AES_256_GCM", left)
			} else {
				k = u.make("AES_256_GCM")
				db, err := storage.Open(context.Background(), s.w.database)
				must(t, err)
				granted, err := db.ReserveMessages(context.Background(), lastPart(u.keystore), lastPart(k), 1, messageLimit-left, messageLimit)
				must(t, err)
				must(t, db.Close())
				if granted != messageLimit-left {
					t.Fatalf("%d messages granted", granted)
				}
			}
			// The other one answers for the same URLs, at another address: the requests go there by the test's own road.
			second := startAt(t, s.w.clock.now, append(append([]string{}, s.flags...), "--listen", free(t), "--base-url", s.url)...)
			v := *u
			v.c = via(u.c, second.addr)
			var encrypted, refused atomic.Int64
			together(t, 8, func(i int) any {
				by := u
				if i%2 == 1 {
					by = &v
				}
				for range 40 {
					switch _, err := by.try("encrypt", object{"key": k, "plaintext": message}); code(err) {
					case "":
						encrypted.Add(1)
					case "KEY_UNUSABLE":
						refused.Add(1)
					default:
						t.Error(err)
					}
				}
				return nil
			})
			if encrypted.Load() > left || encrypted.Load() < left-1 || encrypted.Load()+refused.Load() != 320 {
				t.Errorf("two servers encrypted %d messages and refused %d, want %d and no more", encrypted.Load(), refused.Load(), left)
			}
			is(t, "messages", u.versions(k)[1], object{"messages": messageLimit})
			u.get("rotateKey", object{"key": k})
			forget()
			for i, by := range []*user{u, &v} {
				is(t, fmt.Sprint("server ", i, " after rotateKey"), by.get("encrypt", object{"key": k, "plaintext": message}), object{"version": 2})
			}
		})
	}
}

// A restored key has what was counted from the first moment, and one whose restore failed is not there.
func TestMessagesOfRestoreCutOff(t *testing.T) {
	t.Parallel()
	s := newSite(t, place{"sqlite", "LOCAL", true}, "--cache-ttl", "1m")
	u := s.user(t)
	b := u.backup(u.make("AES_256_GCM", object{"exportable": true}))
	b["versions"].([]any)[0].(object)["messages"] = messageLimit
	there := s.user(t)
	kek := there.make("X25519")
	in := object{"backup": there.sealedTo(kek, b), "unwrappingKey": kek}
	s.w.edv.Inject(edvserver.Insert, edvserver.Fault{Kind: edvserver.Outage})
	there.refused("UPSTREAM_UNAVAILABLE", "restoreKey", in)
	s.w.edv.Heal()
	k := there.get("restoreKey", in)["id"].(string)
	is(t, "restored", there.versions(k)[1], object{"messages": messageLimit})
	there.refused("KEY_UNUSABLE", "encrypt", object{"key": k, "plaintext": message}, "rotate")
}

// via is a client whose requests go to another address than their URLs say.
func via(c *client.Client, addr string) *client.Client {
	v := *c
	v.HTTP = &http.Client{Transport: &http.Transport{DialContext: dialer(addr)}}
	return &v
}
