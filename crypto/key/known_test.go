package key_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

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

// RFC 4231 section 4, test cases 1, 3, 4, 6 and 7; the second's key is shorter than we take.
func TestHMACKnownAnswers(t *testing.T) {
	repeat := func(b byte, n int) []byte { return bytes.Repeat([]byte{b}, n) }
	for name, c := range map[string]struct {
		key, data []byte
		macs      map[key.Type]string
	}{
		"case 1": {repeat(0x0b, 20), []byte("Hi There"), map[key.Type]string{
			key.HMACSHA256: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
			key.HMACSHA384: "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
			key.HMACSHA512: "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
		}},
		"case 3": {repeat(0xaa, 20), repeat(0xdd, 50), map[key.Type]string{
			key.HMACSHA256: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
			key.HMACSHA384: "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
			key.HMACSHA512: "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
		}},
		"case 4": {unhex(t, "0102030405060708090a0b0c0d0e0f10111213141516171819"), repeat(0xcd, 50), map[key.Type]string{
			key.HMACSHA256: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
			key.HMACSHA384: "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
			key.HMACSHA512: "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
		}},
		"case 6": {repeat(0xaa, 131), []byte("Test Using Larger Than Block-Size Key - Hash Key First"), map[key.Type]string{
			key.HMACSHA256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
			key.HMACSHA384: "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
			key.HMACSHA512: "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
		}},
	} {
		for typ, want := range c.macs {
			k := parse(t, typ, c.key)
			got, err := k.ComputeMAC(c.data)
			if err != nil || hex.EncodeToString(got) != want {
				t.Errorf("%s, %s: got %x (%v), want %s", name, typ, got, err, want)
			}
			if valid, err := k.VerifyMAC(c.data, unhex(t, want)); err != nil || !valid {
				t.Errorf("%s, %s: the code is not valid (%v)", name, typ, err)
			}
		}
	}
}

// RFC 5869 section A.1, and what cannot be derived.
func TestHKDFKnownAnswer(t *testing.T) {
	k := parse(t, key.HMACSHA384, bytes.Repeat([]byte{0x0b}, 22))
	o := key.DeriveOptions{Salt: unhex(t, "000102030405060708090a0b0c"), Info: unhex(t, "f0f1f2f3f4f5f6f7f8f9"), Length: 42}
	const want = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
	if got, err := k.Derive(o); err != nil || hex.EncodeToString(got) != want {
		t.Errorf("got %x (%v), want %s", got, err, want)
	}
	for field, bad := range map[string][]key.DeriveOptions{
		"length":    {{}, {Length: -1}, {Length: 8161}},
		"publicKey": {{Length: 32, Peer: []byte{}}, {Length: 32, Peer: make([]byte, 32)}},
	} {
		for _, o := range bad {
			if _, err := k.Derive(o); !names(err, field) {
				t.Errorf("%+v: got %v, want an error that names the %s", o, err, field)
			}
		}
	}
	if got, err := k.Derive(key.DeriveOptions{Length: 8160}); err != nil || len(got) != 8160 {
		t.Errorf("8160 bytes: got %d (%v)", len(got), err)
	}
}

// names tells whether the error is an InputError about the field.
func names(err error, field string) bool {
	bad, ok := errors.AsType[*key.InputError](err)
	return ok && bad.Field == field
}

// RFC 6979 sections A.2.6 and A.2.7, with the curve's own hash: only verifying is compared, as with P-256.
func TestOtherCurvesKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		typ                            key.Type
		private, public, message, r, s string
	}{
		{
			key.ECDSAP384, "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
			"04EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13" +
				"8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720", "sample",
			"94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
			"99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
		},
		{
			key.ECDSAP521, "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538",
			"0401894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD371123D46E45DB6B5D5370A7F20FB633155D38FFA16D2BD761DCAC474B9A2F5023A4" +
				"00493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A28A0DB25741B5B34A828008B22ACC23F924FAAFBD4D33F81EA66956DFEAA2BFDFCF5", "sample",
			"00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA",
			"00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
		},
	} {
		k := parse(t, c.typ, unhex(t, c.private))
		if got := k.Public().Bytes(); !bytes.Equal(got, unhex(t, c.public)) {
			t.Errorf("%s: public key %x, want %s", c.typ, got, c.public)
		}
		if valid, err := k.Verify([]byte(c.message), unhex(t, c.r+c.s), key.SignOptions{}); err != nil || !valid {
			t.Errorf("%s: not valid (%v)", c.typ, err)
		}
		if valid, err := k.Verify([]byte(c.message+"."), unhex(t, c.r+c.s), key.SignOptions{}); err != nil || valid {
			t.Errorf("%s: another message is valid (%v)", c.typ, err)
		}
	}
}

// The deterministic signatures that wallets compare themselves by (SHA-256, RFC 6979, low s): ours are equal, byte for byte. A high s verifies too.
func TestSecp256k1KnownAnswers(t *testing.T) {
	order, _ := new(big.Int).SetString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)
	last := new(big.Int).Sub(order, big.NewInt(1)).Bytes()
	one := append(make([]byte, 31), 1)
	for _, c := range []struct {
		private       []byte
		message, r, s string
	}{
		{one, "Satoshi Nakamoto", "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8", "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"},
		{one, "All those moments will be lost in time, like tears in rain. Time to die...",
			"8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b", "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"},
		{last, "Satoshi Nakamoto", "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0", "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5"},
		{unhex(t, "f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181"), "Alan Turing",
			"7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c", "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea"},
	} {
		k := parse(t, key.ECDSASecp256k1, c.private)
		want := unhex(t, c.r+c.s)
		got, err := k.Sign([]byte(c.message), key.SignOptions{})
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q: signature %x (%v), want %x", c.message, got, err, want)
		}
		high := append(unhex(t, c.r), new(big.Int).Sub(order, new(big.Int).SetBytes(want[32:])).FillBytes(make([]byte, 32))...)
		for _, s := range [][]byte{want, high} {
			if valid, err := k.Verify([]byte(c.message), s, key.SignOptions{}); err != nil || !valid {
				t.Errorf("%q: %x is not valid (%v)", c.message, s, err)
			}
		}
	}
	const g = "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
	if got := parse(t, key.ECDSASecp256k1, one).Public().Bytes(); hex.EncodeToString(got) != g {
		t.Errorf("the public key of 1 is %x, want the generator (SEC 2 section 2.4.1)", got)
	}
	// What another implementation signs like, of random keys and messages: the library's own signer.
	for range 200 {
		k := generate(t, key.ECDSASecp256k1)
		private := k.Private()
		digest := sha256.Sum256(private)
		theirs := ecdsa.Sign(secp256k1.PrivKeyFromBytes(private), digest[:]).Serialize()
		ours, err := k.Sign(digest[:], key.SignOptions{Message: key.Digest, Encoding: key.DER})
		if err != nil || !bytes.Equal(ours, theirs) {
			t.Errorf("signature %x (%v), want %x", ours, err, theirs)
		}
		if p := secp256k1.PrivKeyFromBytes(private).PubKey().SerializeUncompressed(); !bytes.Equal(p, k.Public().Bytes()) {
			t.Errorf("public key %x, want %x", k.Public().Bytes(), p)
		}
	}
}

// RFC 8439 section 2.8.2, draft-irtf-cfrg-xchacha-03 section A.3.1, C2SP XAES-256-GCM, and test cases 1, 2 and 4 of the GCM submission: AES-128.
func TestOtherAEADKnownAnswers(t *testing.T) {
	const sunscreen = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."
	for name, c := range map[string]struct {
		typ                                key.Type
		key, nonce, aad, plain, ciphertext string
	}{
		"RFC 8439": {key.ChaCha20Poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7", sunscreen,
			"d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"},
		"xchacha": {key.XChaCha20Poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "404142434445464748494a4b4c4d4e4f5051525354555657", "50515253c0c1c2c3c4c5c6c7", sunscreen,
			"bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49"},
		"XAES, MSB 0": {key.XAES256GCM, strings.Repeat("01", 32), hex.EncodeToString([]byte("ABCDEFGHIJKLMNOPQRSTUVWX")), "", "XAES-256-GCM",
			"ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"},
		"XAES, MSB 1": {key.XAES256GCM, strings.Repeat("03", 32), hex.EncodeToString([]byte("ABCDEFGHIJKLMNOPQRSTUVWX")), hex.EncodeToString([]byte("c2sp.org/XAES-256-GCM")), "XAES-256-GCM",
			"986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"},
		"GCM 1": {key.AES128GCM, strings.Repeat("00", 16), strings.Repeat("00", 12), "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
		"GCM 2": {key.AES128GCM, strings.Repeat("00", 16), strings.Repeat("00", 12), "", strings.Repeat("\x00", 16), "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
		"GCM 4": {key.AES128GCM, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
			string(unhex(t, "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")),
			"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
	} {
		k := parse(t, c.typ, unhex(t, c.key))
		got, err := k.Decrypt(unhex(t, c.ciphertext), unhex(t, c.nonce), key.EncryptOptions{AAD: unhex(t, c.aad)})
		if err != nil || string(got) != c.plain {
			t.Errorf("%s: got %x (%v), want %x", name, got, err, c.plain)
		}
	}
}

// RFC 7515 sections A.1 to A.4: the keys as JWKs, and the signatures; those of RS256 and HS256 are what we make, too.
func TestRFC7515(t *testing.T) {
	const (
		payload = ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
		rs256   = "eyJhbGciOiJSUzI1NiJ9" + payload
	)
	mac := imported(t, key.HMACSHA256, key.Material{JWK: json.RawMessage(`{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}`)})
	if got, err := mac.ComputeMAC([]byte("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" + payload)); err != nil || !bytes.Equal(got, b64(t, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")) {
		t.Errorf("A.1: code %x (%v)", got, err)
	}
	k := imported(t, key.RSA2048, key.Material{JWK: json.RawMessage(rsaRFC7515)})
	want := b64(t, "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")
	if got, err := k.Sign([]byte(rs256), key.SignOptions{Algorithm: key.RSAPKCS1SHA256}); err != nil || !bytes.Equal(got, want) {
		t.Errorf("A.2: signature %x (%v), want %x", got, err, want)
	}
	if out, err := k.JWK(); err != nil || !sameJSON(t, out, []byte(rsaRFC7515)) {
		t.Errorf("A.2: exported as %s (%v)", out, err)
	}
	for _, c := range []struct {
		typ                     key.Type
		jwk, message, signature string
	}{
		{key.ECDSAP256, `{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}`,
			"eyJhbGciOiJFUzI1NiJ9" + payload, "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
		{key.ECDSAP521, `{"kty":"EC","crv":"P-521","x":"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk","y":"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2","d":"AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C"}`,
			"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA", "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"},
	} {
		k := imported(t, c.typ, key.Material{JWK: json.RawMessage(c.jwk)})
		if valid, err := k.Verify([]byte(c.message), b64(t, c.signature), key.SignOptions{}); err != nil || !valid {
			t.Errorf("%s: not valid (%v)", c.typ, err)
		}
		if out, err := k.JWK(); err != nil || !sameJSON(t, out, []byte(c.jwk)) {
			t.Errorf("%s: exported as %s (%v)", c.typ, out, err)
		}
	}
}

const rsaRFC7515 = `{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB",` +
	`"d":"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",` +
	`"p":"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",` +
	`"q":"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",` +
	`"dp":"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",` +
	`"dq":"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",` +
	`"qi":"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U"}`

func imported(t testing.TB, typ key.Type, m key.Material) *key.Key {
	t.Helper()
	k, err := key.Import(typ, m)
	if err != nil {
		t.Fatalf("%s: %v", typ, err)
	}
	return k
}

func sameJSON(t testing.TB, a, b []byte) bool {
	t.Helper()
	var x, y map[string]any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		t.Fatalf("not JSON: %s, %s", a, b)
	}
	return reflect.DeepEqual(x, y)
}
