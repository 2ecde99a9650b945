package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// encoding is that of Bytes in the schema.
var encoding = base64.RawURLEncoding

// use is what every command that uses a key needs.
type use struct {
	caller
	key, in string
	shares  []string
}

func (p *program) useCommand(u *use, name, short string, run func(cmd *cobra.Command, in []byte) error) *cobra.Command {
	c := &cobra.Command{
		Use:   name + " --key URL",
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			in, err := p.input(u.in)
			if err != nil {
				return err
			}
			return run(cmd, in)
		},
	}
	p.callerFlags(c, &u.caller)
	c.Flags().StringVar(&u.key, "key", "", "the key's URL")
	c.Flags().StringVar(&u.in, "in", "", "file to read (default: standard input)")
	shareFlag(c, &u.shares)
	required(c, "key")
	return c
}

// do sends the operation that bears the action's name.
func (p *program) do(cmd *cobra.Command, u *use, action, fields string, in map[string]any, out any) error {
	api, err := p.client(&u.caller)
	if err != nil {
		return err
	}
	in["key"] = u.key
	if err := addShares(in, u.shares); err != nil {
		return err
	}
	query := fmt.Sprintf("mutation($input: %s%sInput!) { %s(input: $input) { %s } }", strings.ToUpper(action[:1]), action[1:], action, fields)
	var data map[string]json.RawMessage
	if err := api.Do(cmd.Context(), u.key, action, query, map[string]any{"input": in}, &data); err != nil {
		return err
	}
	return json.Unmarshal(data[action], out)
}

func (p *program) signCommand() *cobra.Command {
	var u use
	return p.useCommand(&u, "sign", "Sign a message, print the signature in base64url", func(cmd *cobra.Command, in []byte) error {
		var out struct{ Signature string }
		if err := p.do(cmd, &u, "sign", "signature", map[string]any{"message": encoding.EncodeToString(in)}, &out); err != nil {
			return err
		}
		fmt.Fprintln(p.stdout, out.Signature)
		return nil
	})
}

func (p *program) verifyCommand() *cobra.Command {
	var u use
	var signature string
	c := p.useCommand(&u, "verify", "Tell whether a signature is the key's: prints valid, or invalid and exits 1", func(cmd *cobra.Command, in []byte) error {
		var out struct{ Valid bool }
		err := p.do(cmd, &u, "verify", "valid", map[string]any{"message": encoding.EncodeToString(in), "signature": signature}, &out)
		if err != nil {
			return err
		}
		if !out.Valid {
			fmt.Fprintln(p.stdout, "invalid")
			return errSilent
		}
		fmt.Fprintln(p.stdout, "valid")
		return nil
	})
	c.Flags().StringVar(&signature, "signature", "", "the signature, base64url")
	required(c, "signature")
	return c
}

// sealed is what encrypt prints and decrypt reads.
type sealed struct {
	Ciphertext string `json:"ciphertext"`
	Nonce      string `json:"nonce"`
	Version    int    `json:"version"`
}

func (p *program) encryptCommand() *cobra.Command {
	var u use
	var aad string
	c := p.useCommand(&u, "encrypt", "Encrypt, print ciphertext and nonce as JSON, which decrypt reads", func(cmd *cobra.Command, in []byte) error {
		var out sealed
		err := p.do(cmd, &u, "encrypt", "ciphertext nonce version", withAAD(aad, map[string]any{"plaintext": encoding.EncodeToString(in)}), &out)
		if err != nil {
			return err
		}
		return printJSON(p.stdout, out)
	})
	aadFlag(c, &aad)
	return c
}

func (p *program) decryptCommand() *cobra.Command {
	var u use
	var aad string
	c := p.useCommand(&u, "decrypt", "Decrypt what encrypt printed, write the plaintext as it was", func(cmd *cobra.Command, in []byte) error {
		var s sealed
		if err := json.Unmarshal(in, &s); err != nil {
			return fmt.Errorf("--in: is not what twolock encrypt prints")
		}
		var out struct{ Plaintext string }
		err := p.do(cmd, &u, "decrypt", "plaintext", withAAD(aad, map[string]any{"ciphertext": s.Ciphertext, "nonce": s.Nonce, "version": s.Version}), &out)
		if err != nil {
			return err
		}
		plaintext, err := encoding.DecodeString(out.Plaintext)
		if err != nil {
			return fmt.Errorf("answer: plaintext: %w", err)
		}
		_, err = p.stdout.Write(plaintext)
		return err
	})
	aadFlag(c, &aad)
	return c
}

func aadFlag(c *cobra.Command, aad *string) {
	c.Flags().StringVar(aad, "aad", "", "additional text that is authenticated with it, and must be given again to decrypt")
}

func withAAD(aad string, in map[string]any) map[string]any {
	if aad != "" {
		in["aad"] = encoding.EncodeToString([]byte(aad))
	}
	return in
}
