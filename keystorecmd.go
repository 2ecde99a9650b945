package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

const keystoreFields = "id controller userLock vaultUrl vaultCapabilityExpires createdAt"

func (p *program) keystoreCommand() *cobra.Command {
	group := &cobra.Command{Use: "keystore", Short: "Create, show, list and hand over keystores"}
	group.AddCommand(p.keystoreCreate(), p.keystoreShow(), p.keystoreList(), p.keystoreUpdate(), p.keystoreVaultCapability())
	return group
}

func (p *program) keystoreCreate() *cobra.Command {
	var f caller
	var url, controller, userLock, vault, vaultCapability, idempotencyKey string
	var shares []string
	c := &cobra.Command{
		Use:   "create",
		Short: "Create a keystore, print its URL",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			in := map[string]any{"controller": controller, "userLock": userLock}
			if controller == "" {
				in["controller"] = api.Identity.DID()
			}
			if err := addShares(in, shares); err != nil {
				return err
			}
			if idempotencyKey != "" {
				in["idempotencyKey"] = idempotencyKey
			}
			if (vault == "") != (vaultCapability == "") {
				return &usageError{fmt.Errorf("--vault and --vault-capability go together")}
			}
			if vault != "" {
				held, err := readCapability("--vault-capability", vaultCapability)
				if err != nil {
					return err
				}
				in["vault"] = map[string]any{"url": vault, "capability": json.RawMessage(held.JSON())}
			}
			var out struct {
				CreateKeystore struct{ Keystore struct{ ID string } }
			}
			err = api.Do(cmd.Context(), serviceURL(url), "createKeystore",
				"mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } } }",
				map[string]any{"input": in}, &out)
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, out.CreateKeystore.Keystore.ID)
			return nil
		},
	}
	p.callerFlags(c, &f)
	p.urlFlag(c, &url)
	c.Flags().StringVar(&controller, "controller", "", "DID that the keystore belongs to (default: the caller's)")
	c.Flags().StringVar(&userLock, "user-lock", "LOCAL", "LOCAL or SHAMIR")
	c.Flags().StringVar(&vault, "vault", "", "URL of the Encrypted Data Vault to keep the keys in")
	c.Flags().StringVar(&vaultCapability, "vault-capability", "", "file with the capability for the vault, delegated to the service's DID")
	c.Flags().StringVar(&idempotencyKey, "idempotency-key", "", "any text; a retry with the same one makes nothing twice")
	shareFlag(c, &shares)
	return c
}

func shareFlag(c *cobra.Command, shares *[]string) {
	c.Flags().StringArrayVar(shares, "share", nil, "file with a secret share, for a keystore whose user lock is SHAMIR; repeatable")
}

func (p *program) keystoreShow() *cobra.Command {
	var f caller
	c := &cobra.Command{
		Use:   "show URL",
		Short: "Print what a keystore is, as JSON",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			var out struct{ Keystore json.RawMessage }
			err = api.Do(cmd.Context(), args[0], "read", "query($id: ID!) { keystore(id: $id) { "+keystoreFields+" } }", map[string]any{"id": args[0]}, &out)
			if err != nil {
				return err
			}
			return printJSON(p.stdout, out.Keystore)
		},
	}
	p.callerFlags(c, &f)
	return c
}

func (p *program) keystoreList() *cobra.Command {
	var f caller
	var url, controller string
	c := &cobra.Command{
		Use:   "list",
		Short: "Print the URLs and controllers of all keystores, oldest first; for operators",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			variables := map[string]any{}
			if controller != "" {
				variables["controller"] = controller
			}
			for {
				var out struct {
					Keystores struct {
						Nodes    []struct{ ID, Controller string }
						PageInfo struct {
							HasNextPage bool
							EndCursor   *string
						}
					}
				}
				err := api.Do(cmd.Context(), serviceURL(url), "read",
					"query($controller: ID, $after: String) { keystores(first: 100, controller: $controller, after: $after) { nodes { id controller } pageInfo { hasNextPage endCursor } } }",
					variables, &out)
				if err != nil {
					return err
				}
				for _, k := range out.Keystores.Nodes {
					fmt.Fprintf(p.stdout, "%s\t%s\n", k.ID, k.Controller)
				}
				if !out.Keystores.PageInfo.HasNextPage || out.Keystores.PageInfo.EndCursor == nil {
					return nil
				}
				variables["after"] = *out.Keystores.PageInfo.EndCursor
			}
		},
	}
	p.callerFlags(c, &f)
	p.urlFlag(c, &url)
	c.Flags().StringVar(&controller, "controller", "", "list this DID's only")
	return c
}

func (p *program) keystoreUpdate() *cobra.Command {
	var f caller
	var controller, path string
	c := &cobra.Command{
		Use:   "update URL --controller DID",
		Short: "Give a keystore another controller; what the old one delegated dies with it",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			in := map[string]any{"keystore": args[0], "controller": controller}
			if path != "" {
				held, err := readCapability("--vault-capability", path)
				if err != nil {
					return err
				}
				in["vaultCapability"] = json.RawMessage(held.JSON())
			}
			var out struct {
				UpdateKeystore struct{ Keystore struct{ Controller string } }
			}
			err = api.Do(cmd.Context(), args[0], "write", "mutation($input: UpdateKeystoreInput!) { updateKeystore(input: $input) { keystore { controller } } }",
				map[string]any{"input": in}, &out)
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, out.UpdateKeystore.Keystore.Controller)
			return nil
		},
	}
	p.callerFlags(c, &f)
	c.Flags().StringVar(&controller, "controller", "", "DID that the keystore is to belong to")
	c.Flags().StringVar(&path, "vault-capability", "", "where the keystore has a vault: file with a capability for it, delegated by the new controller")
	required(c, "controller")
	return c
}

func (p *program) keystoreVaultCapability() *cobra.Command {
	var f caller
	var path string
	c := &cobra.Command{
		Use:   "update-vault-capability URL --vault-capability FILE",
		Short: "Put a new capability for the vault in the old one's place, print when it ends",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			held, err := readCapability("--vault-capability", path)
			if err != nil {
				return err
			}
			var out struct {
				UpdateVaultCapability struct {
					Keystore struct{ VaultCapabilityExpires string }
				}
			}
			err = api.Do(cmd.Context(), args[0], "write",
				"mutation($input: UpdateVaultCapabilityInput!) { updateVaultCapability(input: $input) { keystore { vaultCapabilityExpires } } }",
				map[string]any{"input": map[string]any{"keystore": args[0], "capability": json.RawMessage(held.JSON())}}, &out)
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, out.UpdateVaultCapability.Keystore.VaultCapabilityExpires)
			return nil
		},
	}
	p.callerFlags(c, &f)
	c.Flags().StringVar(&path, "vault-capability", "", "file with the new capability, delegated to the service's DID")
	required(c, "vault-capability")
	return c
}

// serviceURL takes the service's URL with and without what its endpoint adds.
func serviceURL(url string) string {
	return strings.TrimSuffix(strings.TrimSuffix(url, "/"), "/graphql") + "/graphql"
}
