package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"twolock/client"
	"twolock/crypto/key"
)

// useForm is a form of a command that uses a key.
func (p *program) useForm(name, short string) *form {
	f := p.form(name+" --key URL", short)
	f.at("key", "key")
	f.shares()
	return f
}

// reads makes --in, or standard input, fill a field.
func (f *form) reads(field string) {
	path := f.Flags().String("in", "", "file to read (default: standard input)")
	f.from[field] = "--in"
	f.fill(func(in map[string]any) error {
		b, err := f.p.input(*path)
		if err != nil {
			return err
		}
		in[field] = encoding.EncodeToString(b)
		return nil
	})
}

// readsPrinted takes --in, or standard input, for what another command printed. The first of its fields must be there.
func (f *form) readsPrinted(by string, fields ...string) {
	path := f.Flags().String("in", "", "file with what twolock "+by+" printed (default: standard input)")
	f.from[fields[0]] = "--in"
	f.fill(func(in map[string]any) error {
		b, err := f.p.input(*path)
		if err != nil {
			return err
		}
		var printed map[string]any
		if err := json.Unmarshal(b, &printed); err != nil || printed[fields[0]] == nil {
			return fmt.Errorf("--in: is not what twolock %s prints", by)
		}
		for _, field := range fields {
			if v := printed[field]; v != nil {
				in[field], f.from[field] = v, "--in"
			}
		}
		return nil
	})
}

// widen sends it to the key's keystore when the flag is given, for then it is about another key, too.
func (f *form) widen(flag string) {
	f.fill(func(map[string]any) error {
		if f.Flags().Changed(flag) {
			f.url = client.RootTarget(f.url)
		}
		return nil
	})
}

func (f *form) version(help string) {
	f.number("version", "version", "version of the key "+help)
}

// signature adds how a signature is made.
func (f *form) signature() {
	oneOf(f, "algorithm", "algorithm", key.SignatureAlgorithms(), "how to sign (default: the type's; RSA: RSA_PSS_SHA256)")
	f.yes("digest", "messageType", key.Digest, "the input is the message's hash, not the message; ECDSA and RSA")
	f.yes("der", "encoding", key.DER, "the signature is ASN.1 DER instead of r || s; ECDSA")
	f.bytes("context", "context", "ML-DSA's context, as text")
}

func (p *program) signCommand() *cobra.Command {
	f := p.useForm("sign", "Sign a message, print the signature in base64url")
	f.reads("message")
	f.signature()
	out := f.output("file for the signature's bytes, instead of printing it")
	return sends(f, uses("sign", "signature"), func(a *struct{ Signature string }) error { return out.bytes(a.Signature) })
}

func (p *program) verifyCommand() *cobra.Command {
	f := p.useForm("verify", "Check whether a signature is the key's: print valid; or print invalid and exit 1")
	f.reads("message")
	f.text("signature", "signature", "the signature, base64url")
	f.signature()
	f.version("to verify with (default: each, newest first)")
	required(f.Command, "signature")
	return sends(f, uses("verify", "valid"), p.verdict)
}

func (p *program) macCommand() *cobra.Command {
	f := p.useForm("mac", "Make a message authentication code, print it in base64url")
	f.reads("data")
	out := f.output("file for the code's bytes, instead of printing it")
	return sends(f, uses("computeMac", "mac"), func(a *struct{ Mac string }) error { return out.bytes(a.Mac) })
}

func (p *program) verifyMacCommand() *cobra.Command {
	f := p.useForm("verify-mac", "Check whether a message authentication code is the key's: print valid; or print invalid and exit 1")
	f.reads("data")
	f.text("mac", "mac", "the code, base64url")
	f.version("to verify with (default: each, newest first)")
	required(f.Command, "mac")
	return sends(f, uses("verifyMac", "valid"), p.verdict)
}

func (p *program) verdict(a *struct{ Valid bool }) error {
	if a.Valid {
		return p.line("valid")
	}
	if err := p.line("invalid"); err != nil {
		return err
	}
	return errSilent
}
