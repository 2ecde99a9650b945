package main

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"twolock/client"
	"twolock/crypto/lock"
)

func (p *program) shareCommand() *cobra.Command {
	group := &cobra.Command{Use: "share", Short: "Make the secret shares of a user lock"}
	var out []string
	make := &cobra.Command{
		Use:   "new --out FILE --out FILE [--out FILE…]",
		Short: "Draw a secret and split it into shares, any two of which make the lock; print nothing",
		Long: `Draw a secret and split it into shares, one a file (base64), any two of which make the lock. Keep one, give one to the Auth server,
put further ones away for recovery. The secret itself is forgotten. A server without an Auth server takes two shares with each request: keep both,
apart from each other, and give --share twice. { service { authServer } } tells which it is.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if len(out) < lock.MinShares || len(out) > lock.MaxShares {
				return &usageError{fmt.Errorf("--out: %d shares instead of %d to %d", len(out), lock.MinShares, lock.MaxShares)}
			}
			shares, err := client.NewShares(len(out))
			if err != nil {
				return err
			}
			for i, s := range shares {
				if err := writeSecretFile(out[i], []byte(base64.StdEncoding.EncodeToString(s)+"\n"), false); err != nil {
					return fmt.Errorf("--out: %w", err)
				}
			}
			return nil
		},
	}
	make.Flags().StringArrayVar(&out, "out", nil, "file for a share; must not exist; repeat it")
	required(make, "out")
	group.AddCommand(make)
	return group
}

// addShares reads the files of --share into an input.
func addShares(in map[string]any, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	shares := make([]string, len(paths))
	for i, path := range paths {
		b, err := readFile(path)
		if err != nil {
			return fmt.Errorf("--share: %w", err)
		}
		share, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(b)))
		if err != nil || lock.CheckShare(share) != nil {
			return fmt.Errorf("--share: %s does not hold a share such as twolock share new writes", path)
		}
		shares[i] = encoding.EncodeToString(share)
	}
	in["secretShares"] = shares
	return nil
}
