package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"twolock/crypto/key"
)

// wrapping adds how a key is wrapped, and what must be given again to unwrap it.
func (f *form) wrapping() {
	oneOf(f, "algorithm", "algorithm", key.WrapAlgorithms(), "how to wrap (default: the type's: AES_KW, RSA_OAEP_256, ECDH_ES_A256KW)")
	f.bytes("apu", "apu", "ECDH: PartyUInfo, as text")
	f.bytes("apv", "apv", "ECDH: PartyVInfo, as text")
	f.text("tag", "tag", "ECDH_1PU_A256KW: the tag of the JWE's content, base64url")
}

func (p *program) wrapCommand() *cobra.Command {
	f := p.useForm("wrap", "Wrap a key read from --in; print it as JSON, which unwrap reads")
	f.reads("keyToWrap")
	f.wrapping()
	f.publicKey("recipient-key", "recipientPublicKey", "ECDH: whom it is for (default: the key itself)")
	f.file("ephemeral-key", "ephemeralKey", "ECDH: file with the ephemeral key pair, a private JWK that is used once (default: drawn by the server)", asJWK)
	type wrapped struct {
		WrappedKey string          `json:"wrappedKey"`
		Algorithm  string          `json:"algorithm"`
		EPK        json.RawMessage `json:"epk,omitempty"`
		Version    int             `json:"version"`
	}
	return sends(f, uses("wrapKey", "wrappedKey algorithm epk version"), func(a *wrapped) error {
		if string(a.EPK) == "null" {
			a.EPK = nil
		}
		return printJSON(p.stdout, a)
	})
}

func (p *program) unwrapCommand() *cobra.Command {
	f := p.useForm("unwrap", "Unwrap what wrap printed, write the key as it was")
	f.readsPrinted("wrap", "wrappedKey", "algorithm", "epk", "version")
	f.wrapping()
	f.publicKey("sender-key", "senderPublicKey", "ECDH_1PU_A256KW: who wrapped it")
	out := f.output("file for the key")
	return sends(f, uses("unwrapKey", "unwrappedKey"), func(a *struct{ UnwrappedKey string }) error { return out.plain(a.UnwrappedKey) })
}

func (p *program) encapsulateCommand() *cobra.Command {
	f := p.useForm("encapsulate", "Make a shared secret; print it and the ciphertext as JSON, which decapsulate reads")
	out := f.output("file for the secret's bytes, instead of printing it")
	type encapsulated struct {
		SharedSecret string `json:"sharedSecret,omitempty"`
		Ciphertext   string `json:"ciphertext"`
		Version      int    `json:"version"`
	}
	return sends(f, uses("encapsulate", "sharedSecret ciphertext version"), func(a *encapsulated) error {
		if err := out.apart(&a.SharedSecret); err != nil {
			return err
		}
		return printJSON(p.stdout, a)
	})
}

// apart moves a secret from what is printed to --out, if it is given.
func (o *output) apart(secret *string) error {
	if o.path == "" || *secret == "" {
		return nil
	}
	err := o.plain(*secret)
	*secret = ""
	return err
}

func (p *program) decapsulateCommand() *cobra.Command {
	f := p.useForm("decapsulate", "Get the shared secret from what encapsulate printed, print it in base64url")
	f.readsPrinted("encapsulate", "ciphertext", "version")
	out := f.output("file for the secret's bytes, instead of printing it")
	return sends(f, uses("decapsulate", "sharedSecret"), func(a *struct{ SharedSecret string }) error { return out.bytes(a.SharedSecret) })
}

func (p *program) deriveCommand() *cobra.Command {
	f := p.useForm("derive", "Derive bytes from a key (HKDF), print them in base64url; or make a key of them, print its URL")
	f.publicKey("public-key", "publicKey", "ECDH: the other side's")
	f.bytes("salt", "salt", "HKDF's salt, as text")
	f.bytes("info", "info", "what the derived key is for, as text")
	f.number("length", "length", "how many bytes to derive")
	oneOf(f, "type", "type", symmetricTypes(), "type of the key to make in the same keystore; asked for again, it is the same key")
	f.widen("type")
	f.text("name", "name", "with --type: what to call the key")
	f.version("to derive from (default: the newest)")
	out := f.output("with --length: file for the bytes, instead of printing them")
	f.MarkFlagsOneRequired("length", "type")
	f.MarkFlagsMutuallyExclusive("length", "type")
	f.MarkFlagsMutuallyExclusive("out", "type")
	type derived struct {
		Secret *string
		Key    *struct{ ID string }
	}
	return sends(f, uses("deriveKey", "secret key { id }"), func(a *derived) error {
		if a.Key != nil {
			return p.line(a.Key.ID)
		}
		return out.bytes(*a.Secret)
	})
}

func symmetricTypes() (types []key.Type) {
	for _, t := range key.Types() {
		if t.IsSymmetric() {
			types = append(types, t)
		}
	}
	return types
}

func (p *program) agreeCommand() *cobra.Command {
	f := p.useForm("agree", "Agree on a secret with another side (ECDH), print it in base64url; it is not a key yet: derive keys from it")
	f.publicKey("public-key", "publicKey", "the other side's")
	f.version("to agree with (default: the newest)")
	required(f.Command, "public-key")
	out := f.output("file for the secret's bytes, instead of printing it")
	return sends(f, uses("deriveSecret", "secret"), func(a *struct{ Secret string }) error { return out.bytes(a.Secret) })
}

func (p *program) dataKeyCommand() *cobra.Command {
	f := p.useForm("data-key", "Make a key for your own use; print it, in the clear and encrypted, as JSON, which decrypt reads")
	f.number("length", "length", "how many bytes it has (default: 32)")
	f.encryption()
	algorithm := f.chosen(algorithmOf)
	f.yes("without-plaintext", "withPlaintext", false, "return it encrypted only")
	out := f.output("file for the key's bytes, instead of printing it")
	type dataKey struct {
		Plaintext string `json:"plaintext,omitempty"`
		ciphertext
	}
	return sends(f, uses("generateDataKey", "plaintext "+ciphertextFields), func(a *dataKey) error {
		if err := out.apart(&a.Plaintext); err != nil {
			return err
		}
		a.Algorithm = *algorithm
		return printJSON(p.stdout, a)
	})
}

func (p *program) randomCommand() *cobra.Command {
	f := p.form("random --keystore URL --length N", "Print random bytes from the server's generator, in base64url")
	f.at("keystore", "keystore")
	f.number("length", "length", "how many bytes, 1 to 1024")
	required(f.Command, "length")
	out := f.output("file for the bytes, instead of printing them")
	return sends(f, uses("generateRandom", "bytes"), func(a *struct{ Bytes string }) error { return out.bytes(a.Bytes) })
}
