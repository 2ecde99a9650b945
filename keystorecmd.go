package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"twolock/crypto/key"
	"twolock/keystore"
)

const keystoreFields = `id controller userLock vaultUrl vaultCapabilityExpires createdAt state deletesAt name description tags { name value } keyTypes`

func (p *program) keystoreCommand() *cobra.Command {
	group := &cobra.Command{Use: "keystore", Short: "Create, show, list, hand over and delete keystores"}
	group.AddCommand(p.keystoreCreate(), p.keystoreShow(), p.keystoreList(), p.keystoreUpdate(), p.keystoreVaultCapability())
	group.AddCommand(p.life("keystore", "the keystore with all its keys", "what they signed no longer verifies here, what they encrypted no longer decrypts")...)
	return group
}

func (f *form) keyTypes() {
	someOf(f, "key-type", "keyTypes", key.Types(), "type of keys that can be made in it (default: all that the server allows)")
}

func (p *program) keystoreCreate() *cobra.Command {
	f := p.form("create", "Create a keystore, print its URL; for operators, or for everybody with serve --open-registration")
	f.atService("createKeystore", "Keystores are created by operators, and by everybody where the server runs with --open-registration")
	controller := f.Flags().String("controller", "", "DID that the keystore belongs to (default: the caller's)")
	f.from["controller"] = "--controller"
	f.fill(func(in map[string]any) error {
		if in["controller"] = *controller; *controller == "" {
			in["controller"] = f.api.Identity.DID()
		}
		return nil
	})
	locks := []keystore.UserLock{keystore.UserLockLocal, keystore.UserLockShamir}
	oneOf(f, "user-lock", "userLock", locks, "LOCAL or SHAMIR (default: LOCAL)")
	vault := f.Flags().String("vault", "", "URL of the Encrypted Data Vault to keep the keys in")
	capability := f.Flags().String("vault-capability", "", "file with the capability for the vault, delegated to the service's DID")
	held := asCapability("--vault-capability", capability)
	f.from["vault.url"], f.from["vault.capability"] = "--vault", "--vault-capability"
	f.fill(func(in map[string]any) error {
		if (*vault == "") != (*capability == "") {
			return &usageError{errors.New("--vault and --vault-capability go together")}
		}
		if *vault == "" {
			return nil
		}
		c, err := held()
		in["vault"] = map[string]any{"url": *vault, "capability": c}
		return err
	})
	f.label()
	f.keyTypes()
	f.idempotency()
	f.shares()
	return sends(f, uses("createKeystore", "keystore { id }"), func(a *struct{ Keystore struct{ ID string } }) error { return p.line(a.Keystore.ID) })
}

func shareFlag(c *cobra.Command, shares *[]string) {
	c.Flags().StringArrayVar(shares, "share", nil, "file with a secret share, for a keystore whose user lock is SHAMIR; repeatable")
}

func (p *program) keystoreShow() *cobra.Command {
	return p.show("keystore", "Print what a keystore is, as JSON", keystoreFields)
}

func (p *program) keystoreList() *cobra.Command {
	f := p.form("list", "Print the URLs, controllers and states of all keystores, oldest first; for operators")
	f.atService("read", "Keystores are listed by operators")
	f.text("controller", "controller", "list this DID's only")
	tag := f.Flags().String("tag", "", "NAME=VALUE; list those with this tag only")
	f.put("tag", "filter", func() (any, error) {
		t, err := parseTag(*tag)
		return map[string]any{"tag": t}, err
	})
	const query = `query($controller: ID, $after: String, $filter: KeystoreFilter) { keystores(first: 100, controller: $controller, after: $after, filter: $filter) {
		nodes { id controller state } damaged pageInfo { hasNextPage endCursor } } }`
	type listed struct{ ID, Controller, State string }
	return f.runs(func(ctx context.Context, in map[string]any) error {
		damaged := 0
		err := pages(in, func(variables map[string]any) (*page[listed], error) {
			var out struct{ Keystores page[listed] }
			err := f.asks(ctx, query, variables, &out)
			for _, url := range out.Keystores.Damaged {
				fmt.Fprintln(p.stderr, "damaged:", url)
				damaged++
			}
			return &out.Keystores, err
		}, func(k listed) bool {
			fmt.Fprintf(p.stdout, "%s\t%s\t%s\n", k.ID, k.Controller, k.State)
			return false
		})
		if err == nil && damaged > 0 {
			return errSilent
		}
		return err
	})
}

func (p *program) keystoreUpdate() *cobra.Command {
	f := p.form("update URL", "Change what a keystore is called and what it is for, or give it another controller, which ends all that the old one delegated. Print it as JSON")
	f.argument("keystore")
	f.text("controller", "controller", "DID of the new controller")
	f.vaultCapability("vaultCapability", "where the keystore has a vault, with --controller: file with a capability for it, delegated by the new controller")
	f.label()
	f.keyTypes()
	f.MarkFlagsOneRequired("controller", "name", "description", "tag", "key-type")
	return sends(f, mutation{"updateKeystore", "write", "keystore { " + keystoreFields + " }"}, func(a *struct{ Keystore json.RawMessage }) error {
		return printJSON(p.stdout, a.Keystore)
	})
}

func (f *form) vaultCapability(field, help string) {
	path := f.Flags().String("vault-capability", "", help)
	f.from[field] = "--vault-capability"
	held := asCapability("--vault-capability", path)
	f.fill(func(in map[string]any) (err error) {
		if *path != "" {
			in[field], err = held()
		}
		return err
	})
}

func (p *program) keystoreVaultCapability() *cobra.Command {
	f := p.form("update-vault-capability URL --vault-capability FILE", "Put a new capability for the vault in the old one's place, print when it ends")
	f.argument("keystore")
	f.vaultCapability("capability", "file with the new capability, delegated to the service's DID")
	required(f.Command, "vault-capability")
	type answer struct {
		Keystore struct{ VaultCapabilityExpires string }
	}
	return sends(f, mutation{"updateVaultCapability", "write", "keystore { vaultCapabilityExpires }"}, func(a *answer) error {
		return p.line(a.Keystore.VaultCapabilityExpires)
	})
}
