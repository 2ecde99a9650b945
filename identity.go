package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"twolock/auth"
)

func (p *program) identityCommand() *cobra.Command {
	group := &cobra.Command{Use: "identity", Short: "Make and show identities: who one is to a server"}
	var out, kind string
	make := &cobra.Command{
		Use:   "new --out FILE",
		Short: "Make an identity, keep it in a file, print its DID",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			draw, ok := map[string]func() (*auth.Identity, error){"ED25519": auth.NewIdentity, "P256": auth.NewP256Identity}[kind]
			if !ok {
				return &usageError{fmt.Errorf("--type: %q is neither ED25519 nor P256", kind)}
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
	make.Flags().StringVar(&kind, "type", "ED25519", "ED25519 or P256")
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

func required(c *cobra.Command, flags ...string) {
	for _, f := range flags {
		if err := c.MarkFlagRequired(f); err != nil {
			panic(err)
		}
	}
}

// identityFlag adds --identity, whose default is TWOLOCK_IDENTITY.
func (p *program) identityFlag(c *cobra.Command, path *string) {
	c.Flags().StringVar(path, "identity", p.env("TWOLOCK_IDENTITY"), "file with the caller's identity [TWOLOCK_IDENTITY]")
}

func readIdentity(path string) (*auth.Identity, error) {
	if path == "" {
		return nil, &usageError{errors.New("--identity is needed: twolock identity new --out FILE makes one")}
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

// maxFile bounds the small files that the commands read.
const maxFile = 1 << 20

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: is larger than 1 MiB", path)
	}
	return os.ReadFile(path)
}

// writeSecretFile writes a file that its owner alone reads, whole or not at all, and on the disk when it returns.
func writeSecretFile(path string, data []byte, replace bool) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	put := os.Link // fails where there is a file already
	if replace {
		put = os.Rename
	}
	if err := put(f.Name(), path); errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists already and is not overwritten", path)
	} else if err != nil {
		return err
	}
	return syncFolder(dir)
}

// makeFolder makes a folder for its owner only, which a power cut does not take back.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(filepath.Clean(path)))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
