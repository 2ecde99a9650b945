package lock_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"twolock/crypto/lock"
)

var (
	testLabel = lock.Label{Purpose: lock.PurposeKey, Keystore: "zKs", Key: "zKey", Version: 3, Type: "ED25519"}
	testKey   = bytes.Repeat([]byte("k3y"), 11)[:32]
	testText  = []byte("Zx7QvJ0pLw9KdR3mYt8BhN5cGf2")
)

func newKey(t testing.TB, id string, k []byte) *lock.Key {
	t.Helper()
	key, err := lock.NewKey(id, k)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func seal(t testing.TB, k *lock.Key, secret []byte, l lock.Label) []byte {
	t.Helper()
	blob, err := k.Seal(secret, l)
	if err != nil {
		t.Fatal(err)
	}
	return blob
}

// reference is the format written out a second time, from its description, with the nonce and all else in the open.
type reference struct {
	id          string
	key         []byte
	label       lock.Label
	salt, nonce []byte
	version     byte
	algorithm   byte
	commitment  []byte // nil: the right one
}

func (r reference) derive(t testing.TB) (cipher.AEAD, []byte) {
	t.Helper()
	okm, err := hkdf.Key(sha256.New, r.key, r.salt, "twolock sealed blob, format 1, AES-256-GCM: message key and commitment", 64)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(okm[:32])
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	return gcm, okm[32:]
}

func (r reference) seal(t testing.TB, secret []byte) []byte {
	t.Helper()
	gcm, commitment := r.derive(t)
	if r.commitment != nil {
		commitment = r.commitment
	}
	head := append([]byte{r.version, r.algorithm, byte(len(r.id))}, r.id...)
	head = append(append(head, r.salt...), commitment...)
	return append(append(bytes.Clone(head), r.nonce...), gcm.Seal(nil, r.nonce, secret, referenceAAD(head, r.label))...)
}

func referenceAAD(head []byte, l lock.Label) []byte {
	aad := bytes.Clone(head)
	for _, s := range []string{l.Purpose, l.Keystore, l.Key, fmt.Sprint(l.Version), l.Type} {
		aad = binary.BigEndian.AppendUint16(aad, uint16(len(s)))
		aad = append(aad, s...)
	}
	return aad
}

func newReference() reference {
	return reference{
		id: "local:0011223344556677", key: testKey, label: testLabel,
		salt: bytes.Repeat([]byte{0xa5}, 32), nonce: bytes.Repeat([]byte{0x5a}, 12), version: 1, algorithm: 1,
	}
}

func TestKeyOpensWhatTheDescriptionOfTheFormatMakes(t *testing.T) {
	r := newReference()
	got, err := newKey(t, r.id, r.key).Open(r.seal(t, testText), r.label)
	if err != nil || !bytes.Equal(got, testText) {
		t.Errorf("Open: got %q, %v; want %q", got, err, testText)
	}
}

func TestTheDescriptionOfTheFormatOpensWhatKeySeals(t *testing.T) {
	r := newReference()
	blob := seal(t, newKey(t, r.id, r.key), testText, r.label)
	head := 3 + len(r.id)
	if want := head + 32 + 32 + 12 + len(testText) + 16; len(blob) != want {
		t.Fatalf("blob has %d bytes, want %d", len(blob), want)
	}
	if want := append([]byte{1, 1, byte(len(r.id))}, r.id...); !bytes.Equal(blob[:head], want) {
		t.Errorf("header: got %x, want %x", blob[:head], want)
	}
	r.salt = blob[head : head+32]
	gcm, commitment := r.derive(t)
	if !bytes.Equal(blob[head+32:head+64], commitment) {
		t.Errorf("commitment: got %x, want %x", blob[head+32:head+64], commitment)
	}
	got, err := gcm.Open(nil, blob[head+64:head+76], blob[head+76:], referenceAAD(blob[:head+64], r.label))
	if err != nil || !bytes.Equal(got, testText) {
		t.Errorf("got %q, %v; want %q", got, err, testText)
	}
}

// A blob with a valid tag whose commitment is to another key is what an attack on a format that does not commit looks like.
func TestKeyRefusesABlobThatCommitsToAnotherKey(t *testing.T) {
	r := newReference()
	k := newKey(t, r.id, r.key)
	_, r.commitment = r.derive(t)
	if _, err := k.Open(r.seal(t, testText), r.label); err != nil {
		t.Fatalf("right commitment: %v", err)
	}
	for i := range r.commitment {
		r.commitment = slices.Clone(r.commitment)
		r.commitment[i] ^= 1
		if _, err := k.Open(r.seal(t, testText), r.label); !errors.Is(err, lock.ErrOpen) {
			t.Fatalf("commitment wrong in byte %d: got %v, want ErrOpen", i, err)
		}
		r.commitment[i] ^= 1
	}
}

// Well sealed in every other way, so that only the look at these two bytes can refuse it.
func TestKeyRefusesOtherVersionsAndAlgorithms(t *testing.T) {
	for v := range 256 {
		r := newReference()
		r.version = byte(v)
		_, err := newKey(t, r.id, r.key).Open(r.seal(t, testText), r.label)
		if (err == nil) != (v == 1) || err != nil && (!errors.Is(err, lock.ErrOpen) || !strings.Contains(err.Error(), fmt.Sprint("version ", v))) {
			t.Errorf("version %d: got %v", v, err)
		}
		r = newReference()
		r.algorithm = byte(v)
		if _, err := newKey(t, r.id, r.key).Open(r.seal(t, testText), r.label); (err == nil) != (v == 1) || err != nil && !errors.Is(err, lock.ErrOpen) {
			t.Errorf("algorithm %d: got %v", v, err)
		}
	}
}

func TestKeyRefusesEveryChangedBit(t *testing.T) {
	k := newKey(t, "local:00", testKey)
	blob := seal(t, k, testText, testLabel)
	for i := range blob {
		for bit := range 8 {
			changed := bytes.Clone(blob)
			changed[i] ^= 1 << bit
			if got, err := k.Open(changed, testLabel); !errors.Is(err, lock.ErrOpen) || got != nil {
				t.Fatalf("byte %d bit %d: got %x, %v; want ErrOpen", i, bit, got, err)
			}
		}
	}
}

func TestKeyRefusesEveryOtherLength(t *testing.T) {
	k := newKey(t, "local:00", testKey)
	blob := seal(t, k, testText, testLabel)
	for n := range blob {
		if _, err := k.Open(blob[:n], testLabel); !errors.Is(err, lock.ErrOpen) {
			t.Fatalf("first %d bytes: got %v, want ErrOpen", n, err)
		}
		if _, err := k.Open(blob[n+1:], testLabel); !errors.Is(err, lock.ErrOpen) {
			t.Fatalf("without the first %d bytes: got %v, want ErrOpen", n+1, err)
		}
	}
	for _, more := range [][]byte{{0}, blob, make([]byte, 1<<20)} {
		if _, err := k.Open(append(bytes.Clone(blob), more...), testLabel); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("%d bytes more: got %v, want ErrOpen", len(more), err)
		}
	}
	// Sealed well, and longer or shorter than Seal makes them.
	r := newReference()
	k = newKey(t, r.id, r.key)
	for _, n := range []int{0, lock.MaxSecret + 1} {
		if _, err := k.Open(r.seal(t, make([]byte, n)), r.label); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("secret of %d bytes: got %v, want ErrOpen", n, err)
		}
	}
}

// otherLabels are all that differ from the test's in one field, and some that a sloppy encoding would confuse with it.
func otherLabels() map[string]lock.Label {
	with := func(change func(*lock.Label)) lock.Label {
		l := testLabel
		change(&l)
		return l
	}
	return map[string]lock.Label{
		"purpose":                 with(func(l *lock.Label) { l.Purpose = lock.PurposeKeystore }),
		"keystore":                with(func(l *lock.Label) { l.Keystore = "zKs2" }),
		"keystore empty":          with(func(l *lock.Label) { l.Keystore = "" }),
		"keystore in capitals":    with(func(l *lock.Label) { l.Keystore = "zKS" }),
		"key":                     with(func(l *lock.Label) { l.Key = "zKex" }),
		"key empty":               with(func(l *lock.Label) { l.Key = "" }),
		"version":                 with(func(l *lock.Label) { l.Version = 4 }),
		"version 0":               with(func(l *lock.Label) { l.Version = 0 }),
		"type":                    with(func(l *lock.Label) { l.Type = "AES_256_GCM" }),
		"type empty":              with(func(l *lock.Label) { l.Type = "" }),
		"keystore and key swap":   with(func(l *lock.Label) { l.Keystore, l.Key = l.Key, l.Keystore }),
		"boundary moved":          with(func(l *lock.Label) { l.Keystore, l.Key = "zKsz", "Key" }),
		"boundary moved to type":  with(func(l *lock.Label) { l.Version, l.Type = 0, "3ED25519" }),
		"all in the purpose":      {Purpose: "keyzKszKey3ED25519"},
		"length bytes in a field": {Purpose: "key\x00\x03zKs", Key: "zKey", Version: 3, Type: "ED25519"},
	}
}

func TestKeyRefusesEveryOtherLabel(t *testing.T) {
	k := newKey(t, "local:00", testKey)
	blob := seal(t, k, testText, testLabel)
	for name, l := range otherLabels() {
		if _, err := k.Open(blob, l); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("%s: got %v, want ErrOpen", name, err)
		}
		if _, err := k.Open(seal(t, k, testText, l), testLabel); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("%s, the other way round: got %v, want ErrOpen", name, err)
		}
	}
}

func TestKeyRefusesLabelsThatSayNothingOrTooMuch(t *testing.T) {
	k := newKey(t, "local:00", testKey)
	long := strings.Repeat("x", 256)
	for field, l := range map[string]lock.Label{
		"purpose is empty": {}, "purpose has": {Purpose: long}, "keystore has": {Purpose: "p", Keystore: long},
		"key has": {Purpose: "p", Key: long}, "type has": {Purpose: "p", Type: long}, "version is": {Purpose: "p", Version: -1},
	} {
		if _, err := k.Seal(testText, l); err == nil || !strings.Contains(err.Error(), "label: "+field) {
			t.Errorf("Seal: got %v, want one that says %q", err, field)
		}
		if _, err := k.Open(seal(t, k, testText, testLabel), l); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("Open, %s: got %v, want ErrOpen", field, err)
		}
	}
}

func TestKeyRefusesOtherLocks(t *testing.T) {
	k := newKey(t, "local:00", testKey)
	blob := seal(t, k, testText, testLabel)
	for name, other := range map[string]*lock.Key{
		"same key, other id":          newKey(t, "local:01", testKey),
		"same key, longer id":         newKey(t, "local:000", testKey),
		"same id, other key":          newKey(t, "local:00", bytes.Repeat([]byte{1}, 32)),
		"same id, one bit of the key": newKey(t, "local:00", append([]byte{testKey[0] ^ 1}, testKey[1:]...)),
	} {
		if _, err := other.Open(blob, testLabel); !errors.Is(err, lock.ErrOpen) {
			t.Errorf("%s: got %v, want ErrOpen", name, err)
		}
	}
}

func TestKeySealsEveryLengthUpToItsLimit(t *testing.T) {
	k := newKey(t, strings.Repeat("i", 255), testKey)
	for _, n := range []int{1, 2, 15, 16, 17, 32, 33, 1000, lock.MaxSecret} {
		secret := bytes.Repeat([]byte{7}, n)
		if got, err := k.Open(seal(t, k, secret, testLabel), testLabel); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for _, n := range []int{0, lock.MaxSecret + 1} {
		if _, err := k.Seal(make([]byte, n), testLabel); err == nil || !strings.Contains(err.Error(), "secret has") {
			t.Errorf("%d bytes: got %v, want an error about the secret", n, err)
		}
	}
}

func TestKeyNeverSealsTwiceTheSame(t *testing.T) {
	k := newKey(t, "k", testKey)
	salts, nonces := map[string]bool{}, map[string]bool{}
	const n = 2000
	for range n {
		blob := seal(t, k, testText, testLabel)[4:]
		salts[string(blob[:32])], nonces[string(blob[64:76])] = true, true
	}
	if len(salts) != n || len(nonces) != n {
		t.Errorf("of %d blobs: %d salts, %d nonces", n, len(salts), len(nonces))
	}
}

func TestNewKeyRefusesBadKeysAndIDs(t *testing.T) {
	for _, c := range []struct {
		id   string
		key  []byte
		want string
	}{
		{"", testKey, "lock id has 0"}, {strings.Repeat("x", 256), testKey, "lock id has 256"}, {"a b", testKey, "not visible"},
		{"a\nb", testKey, "not visible"}, {"é", testKey, "not visible"},
		{"k", nil, "lock key has 0"}, {"k", testKey[:31], "lock key has 31"}, {"k", append(testKey[:32:32], 0), "lock key has 33"},
	} {
		if _, err := lock.NewKey(c.id, c.key); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("id %q, key of %d bytes: got %v, want one that says %q", c.id, len(c.key), err, c.want)
		}
	}
}

func TestNewKeyCopies(t *testing.T) {
	mine := bytes.Clone(testKey)
	k := newKey(t, "k", mine)
	blob := seal(t, k, testText, testLabel)
	clear(mine)
	if _, err := k.Open(blob, testLabel); err != nil {
		t.Errorf("after the caller wiped its bytes: %v", err)
	}
	mine = bytes.Clone(testKey)
	newKey(t, "k", mine).Wipe()
	if !bytes.Equal(mine, testKey) {
		t.Error("Wipe wiped the caller's bytes")
	}
}

func TestWipedKeySaysSo(t *testing.T) {
	k := newKey(t, "k", testKey)
	blob := seal(t, k, testText, testLabel)
	k.Wipe()
	k.Wipe()
	if _, err := k.Seal(testText, testLabel); !errors.Is(err, lock.ErrWiped) {
		t.Errorf("Seal: got %v, want ErrWiped", err)
	}
	if _, err := k.Open(blob, testLabel); !errors.Is(err, lock.ErrWiped) || errors.Is(err, lock.ErrOpen) {
		t.Errorf("Open: got %v, want ErrWiped", err)
	}
}

// Run with -race. A key wiped at any moment gives the right text or ErrWiped: never a blob sealed by a key of zeros.
func TestKeyIsWipedWhileInUse(t *testing.T) {
	check := newKey(t, "k", testKey)
	for range 50 {
		k := newKey(t, "k", testKey)
		var users sync.WaitGroup
		for range 4 {
			users.Go(func() {
				for range 20 {
					blob, err := k.Seal(testText, testLabel)
					if errors.Is(err, lock.ErrWiped) {
						return
					}
					if err != nil {
						t.Error(err)
						return
					}
					if _, err := check.Open(blob, testLabel); err != nil {
						t.Errorf("sealed by something else: %v", err)
					}
				}
			})
		}
		k.Wipe()
		users.Wait()
	}
}

func TestKeyIsRedacted(t *testing.T) {
	k := newKey(t, "local:00", testKey)
	text := fmt.Sprintf("%v %+v %#v %s %x %d %q", k, k, k, k, k, k, k)
	text += fmt.Sprintf("%v %+v %#v %x", *k, *k, *k, *k)
	text += fmt.Sprintf("%v %+v %#v", struct{ K *lock.Key }{k}, struct{ K lock.Key }{*k}, []*lock.Key{k})
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "key", k, "value", *k)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "key", k, "value", *k)
	j, err := json.Marshal(map[string]any{"key": k, "value": *k})
	if err != nil {
		t.Fatal(err)
	}
	mustNotLeak(t, text+log.String()+string(j), testKey)
	if !strings.Contains(text, "lock key local:00 [redacted]") {
		t.Errorf("got %s", text)
	}
}

// mustNotLeak looks for any 6 bytes of the secret in a row, in the forms in which a program would print them.
func mustNotLeak(t *testing.T, text string, secret []byte) {
	t.Helper()
	for i := 0; i+6 <= len(secret); i++ {
		part := secret[i : i+6]
		for _, form := range []string{"%s", "%x", "%X", "%d", "%#v"} {
			if s := strings.Trim(fmt.Sprintf(form, part), "[]"); strings.Contains(text, s) {
				t.Errorf("%q shows bytes %d to %d of the secret", text, i, i+6)
				return
			}
		}
	}
}
