package main

import (
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) keyImport() *cobra.Command {
	f := p.newKey("import --keystore URL --type TYPE", "Import a key from a file, print its URL")
	f.file("jwk", "jwk", "file with a JWK, private or public", asJWK)
	f.file("pkcs8", "pkcs8", "file with a private key: PKCS #8, PEM or DER", asDER("PRIVATE KEY"))
	f.file("spki", "spki", "file with a public key: SubjectPublicKeyInfo, PEM or DER", asDER("PUBLIC KEY"))
	f.file("raw", "raw", "file with the secret bytes, the seed or the scalar", asBytes)
	f.file("wrapped", "wrapped", "file with what twolock key export printed", asText)
	f.text("unwrapping-key", "unwrappingKey", "with --wrapped: URL of the key of the keystore that opens it")
	forms := []string{"jwk", "pkcs8", "spki", "raw", "wrapped"}
	f.MarkFlagsOneRequired(forms...)
	f.MarkFlagsMutuallyExclusive(forms...)
	f.MarkFlagsRequiredTogether("wrapped", "unwrapping-key")
	return sends(f, uses("importKey", "key { id }"), p.printKeyID)
}

// recipient adds whom something is encrypted to.
func (f *form) recipient() {
	f.file("to", "recipient", "file with the recipient's public key, a JWK, as twolock key public --format jwk prints it", asJWK)
	required(f.Command, "to")
	f.shares()
}

func (p *program) keyExport() *cobra.Command {
	f := p.form("export URL --to FILE", "Print a version of an exportable key with its private part, as a JWE that the recipient opens; key import --wrapped reads it")
	f.argument("key")
	f.recipient()
	f.version("to export (default: the newest)")
	return sends(f, uses("exportKey", "wrapped"), func(a *struct{ Wrapped string }) error { return p.line(a.Wrapped) })
}

func (p *program) keyBackup() *cobra.Command {
	f := p.form("backup URL --to FILE", "Print an exportable key with its newest versions, 100 at most, as a JWE that the recipient opens; key restore reads it")
	f.argument("key")
	f.recipient()
	return sends(f, uses("backupKey", "backup"), func(a *struct{ Backup string }) error { return p.line(a.Backup) })
}

func (p *program) keyRestore() *cobra.Command {
	f := p.form("restore --keystore URL --backup FILE --unwrapping-key URL", "Make a key of a backup again, print its URL")
	f.at("keystore", "keystore")
	f.file("backup", "backup", "file with what twolock key backup printed", asText)
	f.text("unwrapping-key", "unwrappingKey", "URL of the key of the keystore that opens it")
	f.shares()
	required(f.Command, "backup", "unwrapping-key")
	return sends(f, uses("restoreKey", "key { id }"), p.printKeyID)
}

// What else is found in PEM files, and how it becomes what is wanted.
var otherPEM = map[string]string{
	"EC PRIVATE KEY":        "openssl pkcs8 -topk8 -nocrypt makes a PRIVATE KEY of it",
	"RSA PRIVATE KEY":       "openssl pkcs8 -topk8 -nocrypt makes a PRIVATE KEY of it",
	"ENCRYPTED PRIVATE KEY": "openssl pkcs8 decrypts it",
	"PRIVATE KEY":           "it is for --pkcs8",
	"PUBLIC KEY":            "it is for --spki",
	"RSA PUBLIC KEY":        "openssl rsa -RSAPublicKey_in -pubout makes a PUBLIC KEY of it",
	"CERTIFICATE":           "openssl x509 -noout -pubkey makes a PUBLIC KEY of it",
}

// asDER takes DER, and PEM with one block of the kind that is wanted; OpenSSL writes parameters before it.
func asDER(kind string) func(b []byte) (any, error) {
	return func(b []byte) (any, error) {
		if !strings.Contains(string(b), "-----BEGIN ") {
			return asBytes(b)
		}
		var found []*pem.Block
		for {
			var block *pem.Block
			if block, b = pem.Decode(b); block == nil {
				break
			}
			if block.Type != "EC PARAMETERS" {
				found = append(found, block)
			}
		}
		switch i := slices.IndexFunc(found, func(b *pem.Block) bool { return b.Type == kind }); {
		case len(found) == 0:
			return nil, errors.New("is no whole PEM")
		case len(found) > 1:
			return nil, fmt.Errorf("holds %d PEM blocks instead of one", len(found))
		case i < 0:
			hint := ""
			if h := otherPEM[found[0].Type]; h != "" {
				hint = ": " + h
			}
			return nil, fmt.Errorf("is PEM of a %q, not a %q%s", found[0].Type, kind, hint)
		}
		return asBytes(found[0].Bytes)
	}
}
