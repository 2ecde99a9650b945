package key_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"testing"

	"twolock/crypto/key"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t testing.TB, typ key.Type, private []byte) *key.Key {
	t.Helper()
	k, err := key.Parse(typ, private)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// RFC 8032 section 7.1: tests 1 to 3, and SHA(abc).
func TestEd25519KnownAnswers(t *testing.T) {
	abc := sha512.Sum512([]byte("abc"))
	for _, c := range []struct{ seed, public, message, signature string }{
		{
			"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
		},
		{
			"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		},
		{
			"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
		},
		{
			"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
			"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", hex.EncodeToString(abc[:]),
			"dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
		},
	} {
		k := parse(t, key.Ed25519, unhex(t, c.seed))
		if got := hex.EncodeToString(k.Public().Bytes()); got != c.public {
			t.Errorf("%s: public key %s, want %s", c.seed, got, c.public)
		}
		message, want := unhex(t, c.message), unhex(t, c.signature)
		got, err := k.Sign(message, key.SignOptions{})
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: signature %x (%v), want %x", c.seed, got, err, want)
		}
		if valid, err := k.Verify(message, want, key.SignOptions{Algorithm: key.EdDSA}); err != nil || !valid {
			t.Errorf("%s: the signature is not valid (%v)", c.seed, err)
		}
	}
}

// RFC 6979 section A.2.5: the key, and the signatures with SHA-256, in both forms. Ours are drawn with another nonce, so only verifying is compared.
func TestP256KnownAnswers(t *testing.T) {
	k := parse(t, key.ECDSAP256, unhex(t, "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"))
	const public = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
	if got := hex.EncodeToString(k.Public().Bytes()); got != public {
		t.Errorf("public key %s, want %s", got, public)
	}
	for _, c := range []struct{ message, r, s, der string }{
		{"sample", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716", "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
			"3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
		{"test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367", "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
			"3045022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d383670220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"},
	} {
		for encoding, signature := range map[key.SignatureEncoding]string{"": c.r + c.s, key.IEEEP1363: c.r + c.s, key.DER: c.der} {
			o := key.SignOptions{Encoding: encoding}
			if valid, err := k.Verify([]byte(c.message), unhex(t, signature), o); err != nil || !valid {
				t.Errorf("%s, form %q: not valid (%v)", c.message, encoding, err)
			}
			if valid, err := k.Verify([]byte(c.message+"."), unhex(t, signature), o); err != nil || valid {
				t.Errorf("another message, form %q: valid (%v)", encoding, err)
			}
		}
	}
}

// The test cases 13 to 16 of the GCM submission to NIST: AES-256, 96-bit nonces.
func TestAES256GCMKnownAnswers(t *testing.T) {
	const (
		zero32 = "0000000000000000000000000000000000000000000000000000000000000000"
		key2   = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
		plain2 = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
		out2   = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
	)
	for name, c := range map[string]struct{ key, nonce, aad, plaintext, ciphertext string }{
		"case 13": {zero32, "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
		"case 14": {zero32, "000000000000000000000000", "", "00000000000000000000000000000000",
			"cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
		"case 15": {key2, "cafebabefacedbaddecaf888", "", plain2 + "1aafd255", out2 + "898015ad" + "b094dac5d93471bdec1a502270e3cc6c"},
		"case 16": {key2, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", plain2, out2 + "76fc6ece0f4e1768cddf8853bb2d551b"},
	} {
		k := parse(t, key.AES256GCM, unhex(t, c.key))
		got, err := k.Decrypt(unhex(t, c.ciphertext), unhex(t, c.nonce), key.EncryptOptions{AAD: unhex(t, c.aad)})
		if err != nil || hex.EncodeToString(got) != c.plaintext {
			t.Errorf("%s: got %x (%v), want %s", name, got, err, c.plaintext)
		}
	}
}

// RFC 4231 section 4, test cases 1 to 4: HMAC fills a short key with zeros, so with them it is one of ours, of 32 bytes.
func TestHMACKnownAnswers(t *testing.T) {
	repeat := func(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }
	for name, c := range map[string]struct {
		key, data []byte
		mac       string
	}{
		"case 1": {repeat(0x0b, 20), []byte("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		"case 2": {[]byte("Jefe"), []byte("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		"case 3": {repeat(0xaa, 20), repeat(0xdd, 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		"case 4": {unhex(t, "0102030405060708090a0b0c0d0e0f10111213141516171819"), repeat(0xcd, 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
	} {
		k := parse(t, key.HMACSHA256, append(c.key, make([]byte, 32-len(c.key))...))
		got, err := k.ComputeMAC(c.data)
		if err != nil || hex.EncodeToString(got) != c.mac {
			t.Errorf("%s: got %x (%v), want %s", name, got, err, c.mac)
		}
		if valid, err := k.VerifyMAC(c.data, unhex(t, c.mac)); err != nil || !valid {
			t.Errorf("%s: the code is not valid (%v)", name, err)
		}
	}
}
