package proof_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// openssl is OpenSSL's command line in a folder of its own.
type openssl struct {
	t   *testing.T
	dir string
}

func newOpenSSL(t *testing.T) *openssl {
	t.Helper()
	o := &openssl{t, t.TempDir()}
	if out, err := o.try("version"); err != nil || !bytes.HasPrefix(out, []byte("OpenSSL 3.")) {
		t.Fatalf("openssl version: %v, %s: OpenSSL 3 is needed (Debian: apt-get install openssl)", err, out)
	}
	return o
}

func (o *openssl) try(args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "openssl", args...)
	cmd.Dir = o.dir
	return cmd.CombinedOutput()
}

// run runs a command, which must go well.
func (o *openssl) run(args ...string) {
	o.t.Helper()
	if out, err := o.try(args...); err != nil {
		o.t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// fails runs a command, which must not.
func (o *openssl) fails(args ...string) {
	o.t.Helper()
	if out, err := o.try(args...); err == nil {
		o.t.Errorf("openssl %s: went well: %s", strings.Join(args, " "), out)
	}
}

func (o *openssl) write(name string, data []byte) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), data, 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *openssl) read(name string) octets {
	o.t.Helper()
	data, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		o.t.Fatal(err)
	}
	return data
}

// generate makes a key pair: private.der is PKCS #8, which genpkey itself writes in PEM only, public.der is SPKI.
func (o *openssl) generate(args ...string) {
	o.t.Helper()
	o.run(append([]string{"genpkey", "-out", "private.pem"}, args...)...)
	o.run("pkcs8", "-topk8", "-nocrypt", "-in", "private.pem", "-outform", "DER", "-out", "private.der")
	o.run("pkey", "-in", "private.der", "-pubout", "-outform", "DER", "-out", "public.der")
}

func random(n int) octets {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// signing is how OpenSSL makes and checks what the server calls by an algorithm.
type signing struct {
	in           input
	sign, verify []string
}

func dgst(in input, hash string, options ...string) signing {
	return signing{
		in,
		append([]string{"dgst", "-" + hash, "-sign", "private.der", "-keyform", "DER", "-out", "signature"}, append(options, "message")...),
		append([]string{"dgst", "-" + hash, "-verify", "peer", "-signature", "signature"}, append(options, "message")...),
	}
}

// What OpenSSL signs, encrypts, wraps and derives is right for the server, with keys that OpenSSL made, and the other way round.
func TestOpenSSL(t *testing.T) {
	s := start(t, "sqlite:"+filepath.Join(t.TempDir(), "twolock.db"))
	rsa := []signing{}
	for _, hash := range []string{"sha256", "sha384", "sha512"} {
		upper := strings.ToUpper(hash)
		rsa = append(rsa, dgst(input{"algorithm": "RSA_PKCS1_" + upper}, hash),
			dgst(input{"algorithm": "RSA_PSS_" + upper}, hash, "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"))
	}
	der := input{"encoding": "DER"}
	for typ, c := range map[string]struct {
		generate []string
		ways     []signing
	}{
		"ED25519": {[]string{"-algorithm", "ED25519"}, []signing{{
			input{},
			[]string{"pkeyutl", "-sign", "-rawin", "-inkey", "private.der", "-keyform", "DER", "-in", "message", "-out", "signature"},
			[]string{"pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "peer", "-in", "message", "-sigfile", "signature"},
		}}},
		"ECDSA_P256":      {[]string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"}, []signing{dgst(der, "sha256")}},
		"ECDSA_P384":      {[]string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"}, []signing{dgst(der, "sha384")}},
		"ECDSA_P521":      {[]string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"}, []signing{dgst(der, "sha512")}},
		"ECDSA_SECP256K1": {[]string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"}, []signing{dgst(der, "sha256")}},
		"RSA_2048":        {[]string{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, rsa},
		"RSA_3072":        {[]string{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"}, rsa},
		"RSA_4096":        {[]string{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"}, rsa},
	} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			o := newOpenSSL(t)
			o.generate(c.generate...)
			keys := s.three(t, o, typ)
			for _, way := range c.ways {
				s.signBothWays(t, o, keys, way)
			}
			if strings.HasPrefix(typ, "RSA") {
				s.oaepBothWays(t, o, keys)
			}
		})
	}
	for typ, generate := range map[string][]string{
		"X25519":    {"-algorithm", "X25519"},
		"ECDH_P256": {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
		"ECDH_P384": {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
		"ECDH_P521": {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"},
	} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			o := newOpenSSL(t)
			o.generate(generate...)
			keys := s.three(t, o, typ)
			// With the server's own key and OpenSSL's, each side has one private part.
			o.write("peer", []byte(keys.made.PublicKey.PEM))
			o.run("pkeyutl", "-derive", "-inkey", "private.der", "-keyform", "DER", "-peerkey", "peer", "-out", "secret")
			for what, a := range map[string]struct {
				k    key
				peer []byte
			}{"the server's key and OpenSSL's public key": {keys.made, keys.public.public()}, "OpenSSL's key and the server's public key": {keys.private, keys.made.public()}} {
				got, err := s.use(a.k, opSecret, input{"publicKey": octets(a.peer)})
				if err != nil || !bytes.Equal(got.Secret, o.read("secret")) {
					t.Errorf("%s: agreed on %x (%v), OpenSSL on %x", what, got.Secret, err, o.read("secret"))
				}
				info, salt := random(20), random(32)
				derived, err := s.use(a.k, opDerive, input{"publicKey": octets(a.peer), "info": info, "salt": salt, "length": 77})
				if want := o.hkdf(o.read("secret"), salt, info, "77"); err != nil || !bytes.Equal(derived.Secret, want) {
					t.Errorf("%s: derived %x (%v), OpenSSL %x", what, derived.Secret, err, want)
				}
			}
		})
	}
	for typ, digest := range map[string]string{"HMAC_SHA256": "SHA256", "HMAC_SHA384": "SHA384", "HMAC_SHA512": "SHA512"} {
		t.Run(typ, func(t *testing.T) { t.Parallel(); s.macBothWays(t, newOpenSSL(t), typ, digest) })
	}
	for typ, bits := range map[string]int{"AES_128_GCM": 128, "AES_256_GCM": 256} {
		t.Run(typ, func(t *testing.T) { t.Parallel(); s.wrapBothWays(t, newOpenSSL(t), typ, bits) })
	}
}

// three are OpenSSL's key pair imported whole, its public key alone, and a key that the server made.
type three struct{ private, public, made key }

func (s *server) three(t *testing.T, o *openssl, typ string) (k three) {
	t.Helper()
	var err error
	if k.private, err = s.take(typ, "pkcs8", o.read("private.der"), nil); err != nil {
		t.Fatalf("import of OpenSSL's PKCS #8: %v", err)
	}
	if k.public, err = s.take(typ, "spki", o.read("public.der"), nil); err != nil {
		t.Fatalf("import of OpenSSL's SPKI: %v", err)
	}
	for what, k := range map[string]key{"private": k.private, "public": k.public} {
		if !bytes.Equal(k.PublicKey.SPKI, o.read("public.der")) {
			t.Errorf("the %s key has the SPKI %x, OpenSSL wrote %x", what, k.PublicKey.SPKI, o.read("public.der"))
		}
	}
	if k.made, err = s.create(typ, nil); err != nil {
		t.Fatal(err)
	}
	// OpenSSL writes what it reads: what we write is as it would write it.
	o.write("made.pem", []byte(k.made.PublicKey.PEM))
	o.run("pkey", "-pubin", "-in", "made.pem", "-outform", "DER", "-out", "made.der")
	if !bytes.Equal(o.read("made.der"), k.made.PublicKey.SPKI) {
		t.Errorf("our SPKI is %x, OpenSSL writes it as %x", k.made.PublicKey.SPKI, o.read("made.der"))
	}
	o.run("pkey", "-pubin", "-in", "made.pem", "-out", "again.pem")
	if !bytes.Equal(o.read("again.pem"), []byte(k.made.PublicKey.PEM)) {
		t.Errorf("our PEM is %q, OpenSSL writes it as %q", k.made.PublicKey.PEM, o.read("again.pem"))
	}
	return k
}

func (s *server) signBothWays(t *testing.T, o *openssl, keys three, way signing) {
	t.Helper()
	with := func(more input) input {
		in := input{}
		for _, from := range []input{way.in, more} {
			for name, value := range from {
				in[name] = value
			}
		}
		return in
	}
	for _, size := range []int{1, 100, 5000} {
		message := random(size)
		o.write("message", message)
		o.run(way.sign...)
		theirs := o.read("signature")
		for what, k := range map[string]key{"whole": keys.private, "public": keys.public} {
			if a, err := s.use(k, opVerify, with(input{"message": message, "signature": theirs})); err != nil || !a.Valid {
				t.Errorf("%v: OpenSSL's signature of %d bytes does not verify with its %s key: %v", way.in, size, what, err)
			}
			if a, err := s.use(k, opVerify, with(input{"message": append(octets{0}, message...), "signature": theirs})); err != nil || a.Valid {
				t.Errorf("%v: OpenSSL's signature is of another message too: %v", way.in, err)
			}
		}
		for _, k := range []key{keys.made, keys.private} {
			a, err := s.use(k, opSign, with(input{"message": message}))
			if err != nil {
				t.Fatal(err)
			}
			o.write("peer", []byte(k.PublicKey.PEM))
			o.write("signature", a.Signature)
			o.run(way.verify...)
			o.write("message", append(octets{0}, message...))
			o.fails(way.verify...)
			o.write("message", message)
		}
	}
}

func (s *server) oaepBothWays(t *testing.T, o *openssl, keys three) {
	t.Helper()
	for _, label := range []octets{nil, random(9)} {
		options := []string{"-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"}
		in := input{}
		if label != nil {
			options = append(options, "-pkeyopt", "rsa_oaep_label:"+hex.EncodeToString(label))
			in["aad"] = label
		}
		for _, size := range []int{0, 1, 32, 190} {
			message := random(size)
			o.write("message", message)
			for what, k := range map[string]key{"the server's": keys.made, "OpenSSL's": keys.private} {
				o.write("peer", []byte(k.PublicKey.PEM))
				o.run(append([]string{"pkeyutl", "-encrypt", "-pubin", "-inkey", "peer", "-in", "message", "-out", "ciphertext"}, options...)...)
				in := input{"ciphertext": o.read("ciphertext"), "nonce": octets{}}
				if label != nil {
					in["aad"] = label
				}
				if a, err := s.use(k, opDecrypt, in); err != nil || !bytes.Equal(a.Plaintext, message) {
					t.Errorf("OpenSSL's ciphertext of %d bytes for %s key decrypts to %x (%v), want %x", size, what, a.Plaintext, err, message)
				}
			}
			for what, k := range map[string]key{"whole": keys.private, "public": keys.public} {
				in := input{"plaintext": message}
				if label != nil {
					in["aad"] = label
				}
				a, err := s.use(k, opEncrypt, in)
				if err != nil {
					t.Fatal(err)
				}
				o.write("ciphertext", a.Ciphertext)
				o.run(append([]string{"pkeyutl", "-decrypt", "-inkey", "private.der", "-keyform", "DER", "-in", "ciphertext", "-out", "plaintext"}, options...)...)
				if !bytes.Equal(o.read("plaintext"), message) {
					t.Errorf("the server's ciphertext with OpenSSL's %s key decrypts to %x, want %x", what, o.read("plaintext"), message)
				}
			}
		}
	}
	// RSA-OAEP-256 wraps keys in the same way, without a label.
	options := []string{"-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"}
	secret := random(33)
	a, err := s.use(keys.public, opWrap, input{"keyToWrap": secret})
	if err != nil {
		t.Fatal(err)
	}
	o.write("ciphertext", a.WrappedKey)
	o.run(append([]string{"pkeyutl", "-decrypt", "-inkey", "private.der", "-keyform", "DER", "-in", "ciphertext", "-out", "plaintext"}, options...)...)
	if !bytes.Equal(o.read("plaintext"), secret) {
		t.Errorf("OpenSSL unwraps %x, want %x", o.read("plaintext"), secret)
	}
	o.write("message", secret)
	o.write("peer", []byte(keys.made.PublicKey.PEM))
	o.run(append([]string{"pkeyutl", "-encrypt", "-pubin", "-inkey", "peer", "-in", "message", "-out", "ciphertext"}, options...)...)
	if a, err := s.use(keys.made, opUnwrap, input{"wrappedKey": o.read("ciphertext")}); err != nil || !bytes.Equal(a.UnwrappedKey, secret) {
		t.Errorf("the server unwraps %x (%v), want %x", a.UnwrappedKey, err, secret)
	}
}

// hkdf is OpenSSL's HKDF-SHA-256.
func (o *openssl) hkdf(secret, salt, info octets, length string) octets {
	o.t.Helper()
	o.run("kdf", "-keylen", length, "-kdfopt", "digest:SHA256", "-kdfopt", "hexkey:"+hex.EncodeToString(secret), "-kdfopt", "hexsalt:"+hex.EncodeToString(salt),
		"-kdfopt", "hexinfo:"+hex.EncodeToString(info), "-binary", "-out", "derived", "HKDF")
	return o.read("derived")
}

func (s *server) macBothWays(t *testing.T, o *openssl, typ, digest string) {
	secret := random(64)
	k, err := s.take(typ, "raw", secret, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, 1000} {
		data := random(size)
		o.write("message", data)
		o.run("mac", "-digest", digest, "-macopt", "hexkey:"+hex.EncodeToString(secret), "-in", "message", "-binary", "-out", "mac", "HMAC")
		if a, err := s.use(k, opComputeMac, input{"data": data}); err != nil || !bytes.Equal(a.Mac, o.read("mac")) {
			t.Errorf("the server's code of %d bytes is %x (%v), OpenSSL's %x", size, a.Mac, err, o.read("mac"))
		}
		if a, err := s.use(k, opVerifyMac, input{"data": data, "mac": o.read("mac")}); err != nil || !a.Valid {
			t.Errorf("OpenSSL's code of %d bytes does not verify: %v", size, err)
		}
	}
	salt, info := random(16), random(5)
	if a, err := s.use(k, opDerive, input{"salt": salt, "info": info, "length": 100}); err != nil || !bytes.Equal(a.Secret, o.hkdf(secret, salt, info, "100")) {
		t.Errorf("derived %x (%v), OpenSSL %x", a.Secret, err, o.read("derived"))
	}
}

// wrapBothWays: openssl enc has no AEAD, but it has the key wrapping of AES.
func (s *server) wrapBothWays(t *testing.T, o *openssl, typ string, bits int) {
	kek := random(bits / 8)
	k, err := s.take(typ, "raw", kek, nil)
	if err != nil {
		t.Fatal(err)
	}
	cipher := map[int]string{128: "-id-aes128-wrap", 256: "-id-aes256-wrap"}[bits]
	for algorithm, c := range map[string]struct {
		cipher, iv string
		sizes      []int
	}{"AES_KW": {cipher, "A6A6A6A6A6A6A6A6", []int{16, 32, 64}}, "AES_KWP": {cipher + "-pad", "A65959A6", []int{1, 8, 20, 32}}} {
		for _, size := range c.sizes {
			secret := random(size)
			o.write("plain", secret)
			o.run("enc", "-e", c.cipher, "-K", hex.EncodeToString(kek), "-iv", c.iv, "-in", "plain", "-out", "wrapped")
			if a, err := s.use(k, opUnwrap, input{"wrappedKey": o.read("wrapped"), "algorithm": algorithm}); err != nil || !bytes.Equal(a.UnwrappedKey, secret) {
				t.Errorf("%s of %d bytes: the server unwraps %x (%v), want %x", algorithm, size, a.UnwrappedKey, err, secret)
			}
			a, err := s.use(k, opWrap, input{"keyToWrap": secret, "algorithm": algorithm})
			if err != nil || !bytes.Equal(a.WrappedKey, o.read("wrapped")) {
				t.Errorf("%s of %d bytes: the server wraps it as %x (%v), OpenSSL as %x", algorithm, size, a.WrappedKey, err, o.read("wrapped"))
			}
			o.run("enc", "-d", c.cipher, "-K", hex.EncodeToString(kek), "-iv", c.iv, "-in", "wrapped", "-out", "plain")
			if !bytes.Equal(o.read("plain"), secret) {
				t.Errorf("%s: OpenSSL unwraps %x, want %x", algorithm, o.read("plain"), secret)
			}
		}
	}
}
