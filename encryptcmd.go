package main

import (
	"github.com/spf13/cobra"

	"twolock/crypto/key"
)

// ciphertext is what encrypt, seal, data-key and reencrypt print, and decrypt, open and reencrypt read.
type ciphertext struct {
	Ciphertext string `json:"ciphertext"`
	Nonce      string `json:"nonce"`
	Version    int    `json:"version"`
	Algorithm  string `json:"algorithm,omitempty"` // where it was chosen
}

const ciphertextFields = "ciphertext nonce version"

// encryption adds how something is encrypted, and what must be given again to decrypt it.
func (f *form) encryption() {
	f.aad()
	oneOf(f, "algorithm", "algorithm", key.EncryptionAlgorithms(), "how to encrypt (default: the type's; ECDH: HPKE_AES_256_GCM)")
	f.bytes("info", "info", "HPKE: text that the two sides agree on beforehand")
}

// chosen is the algorithm that something is encrypted with, when the form is filled: who decrypts must know it. "" is the key's default.
func (f *form) chosen(of func(in map[string]any) any) *string {
	var chosen string
	f.fill(func(in map[string]any) error {
		chosen, _ = of(in).(string)
		return nil
	})
	return &chosen
}

func algorithmOf(in map[string]any) any { return in["algorithm"] }

// algorithmAfter is that of what is encrypted again: with the same key as it was, unless it is said.
func algorithmAfter(in map[string]any) any {
	if to := in["destinationAlgorithm"]; to != nil || in["destinationKey"] != nil && in["destinationKey"] != in["key"] {
		return to
	}
	return in["algorithm"]
}

func (f *form) aad() {
	f.bytes("aad", "aad", "additional text that is authenticated with it, and must be given again to decrypt")
}

func (p *program) encryptCommand() *cobra.Command {
	f := p.useForm("encrypt", "Encrypt; print ciphertext and nonce as JSON, which decrypt reads")
	f.reads("plaintext")
	f.encryption()
	algorithm := f.chosen(algorithmOf)
	return sends(f, uses("encrypt", ciphertextFields), func(a *ciphertext) error {
		a.Algorithm = *algorithm
		return printJSON(p.stdout, a)
	})
}

func (p *program) decryptCommand() *cobra.Command {
	f := p.useForm("decrypt", "Decrypt what encrypt printed, write the plaintext as it was")
	f.readsPrinted("encrypt", "ciphertext", "nonce", "version", "algorithm")
	f.encryption()
	f.version("to decrypt with (default: the one that encrypted)")
	out := f.output("file for the plaintext")
	return sends(f, uses("decrypt", "plaintext"), func(a *struct{ Plaintext string }) error { return out.plain(a.Plaintext) })
}

func (p *program) reencryptCommand() *cobra.Command {
	f := p.useForm("reencrypt", "Encrypt again, with the newest version, what encrypt printed; the plaintext stays on the server")
	f.readsPrinted("encrypt", "ciphertext", "nonce", "version", "algorithm")
	f.text("to", "destinationKey", "URL of the key of the same keystore that encrypts (default: the same key)")
	f.widen("to")
	f.encryption()
	f.bytes("to-aad", "destinationAad", "additional text from now on (default: the same)")
	oneOf(f, "to-algorithm", "destinationAlgorithm", key.EncryptionAlgorithms(), "how to encrypt from now on (default: with the same key the same, with another its type's)")
	f.bytes("to-info", "destinationInfo", "HPKE: info from now on (default: with the same key the same, with another none)")
	algorithm := f.chosen(algorithmAfter)
	return sends(f, uses("reencrypt", ciphertextFields), func(a *ciphertext) error {
		a.Algorithm = *algorithm
		return printJSON(p.stdout, a)
	})
}

func (p *program) sealCommand() *cobra.Command {
	f := p.useForm("seal", "Seal a message as NaCl's crypto_box, or crypto_box_seal to the key itself; print it as JSON, which open reads")
	f.reads("plaintext")
	f.publicKey("recipient-key", "recipientPublicKey", "whom it is for (default: the key itself, from nobody)")
	return sends(f, uses("seal", ciphertextFields), func(a *ciphertext) error { return printJSON(p.stdout, a) })
}

func (p *program) openCommand() *cobra.Command {
	f := p.useForm("open", "Open what seal printed, write the message as it was")
	f.readsPrinted("seal", "ciphertext", "nonce", "version")
	f.publicKey("sender-key", "senderPublicKey", "who sealed it for the key (default: nobody, crypto_box_seal)")
	out := f.output("file for the message")
	return sends(f, uses("open", "plaintext"), func(a *struct{ Plaintext string }) error { return out.plain(a.Plaintext) })
}

// publicKey adds somebody's public key.
func (f *form) publicKey(flag, field, help string) {
	f.text(flag, field, help+": a public key, base64url, as twolock key public --format raw prints it")
}
