package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"twolock/auth"
)

func (p *program) identityCommand() *cobra.Command {
	group := &cobra.Command{Use: "identity", Short: "Make and show identities: who one is to a server"}
	var out string
	var kind *string
	make := &cobra.Command{
		Use:   "new --out FILE",
		Short: "Make an identity, keep it in a file, print its DID",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			draw := auth.NewIdentity
			if *kind == "P256" {
				draw = auth.NewP256Identity
			}
			id, err := draw()
			if err != nil {
				return err
			}
			file, err := id.MarshalFile()
			if err != nil {
				return err
			}
			if err := writeSecretFile(out, file, false); err != nil {
				return fmt.Errorf("--out: %w", err)
			}
			fmt.Fprintln(p.stdout, id.DID())
			return nil
		},
	}
	make.Flags().StringVar(&out, "out", "", "file to keep it in; must not exist")
	kind = choiceFlag(make, "type", "ED25519", []string{"ED25519", "P256"}, "ED25519 or P256")
	required(make, "out")
	var path string
	show := &cobra.Command{
		Use:   "show",
		Short: "Print an identity's DID",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			id, err := readIdentity(path)
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, id.DID())
			return nil
		},
	}
	p.identityFlag(show, &path)
	group.AddCommand(make, show)
	return group
}

// identityFlag adds --identity, whose default is TWOLOCK_IDENTITY.
func (p *program) identityFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "identity", p.env("TWOLOCK_IDENTITY"), "file with the caller's identity [TWOLOCK_IDENTITY]")
}

func readIdentity(path string) (*auth.Identity, error) {
	if path == "" {
		return nil, &usageError{errors.New("--identity, or TWOLOCK_IDENTITY, is needed: twolock identity new --out FILE makes one")}
	}
	b, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("--identity: %w", err)
	}
	id, err := auth.ParseIdentity(b)
	if err != nil {
		return nil, fmt.Errorf("--identity: %s: %w", path, err)
	}
	return id, nil
}
