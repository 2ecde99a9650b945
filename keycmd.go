package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"twolock/client"
)

const keyFields = "id type state version createdAt publicKey { bytes spki pem jwk multikey }"

func (p *program) keyCommand() *cobra.Command {
	group := &cobra.Command{Use: "key", Short: "Create, show and list keys"}
	group.AddCommand(p.keyCreate(), p.keyShow(), p.keyList())
	return group
}

func (p *program) keyCreate() *cobra.Command {
	var f caller
	var keystore, kind, idempotencyKey string
	var shares []string
	c := &cobra.Command{
		Use:   "create --keystore URL --type TYPE",
		Short: "Create a key, print its URL",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			in := map[string]any{"keystore": keystore, "type": kind}
			if err := addShares(in, shares); err != nil {
				return err
			}
			if idempotencyKey != "" {
				in["idempotencyKey"] = idempotencyKey
			}
			var out struct {
				CreateKey struct{ Key struct{ ID string } }
			}
			err = api.Do(cmd.Context(), keystore, "generateKey", "mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id } } }",
				map[string]any{"input": in}, &out)
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, out.CreateKey.Key.ID)
			return nil
		},
	}
	p.callerFlags(c, &f)
	c.Flags().StringVar(&keystore, "keystore", "", "the keystore's URL")
	c.Flags().StringVar(&kind, "type", "", "ED25519, ECDSA_P256, AES_256_GCM or HMAC_SHA256")
	c.Flags().StringVar(&idempotencyKey, "idempotency-key", "", "any text; a retry with the same one makes nothing twice")
	shareFlag(c, &shares)
	required(c, "keystore", "type")
	return c
}

func (p *program) keyShow() *cobra.Command {
	var f caller
	c := &cobra.Command{
		Use:   "show URL",
		Short: "Print what a key is, with its public part, as JSON",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			var out struct{ Key json.RawMessage }
			err = api.Do(cmd.Context(), args[0], "read", "query($id: ID!) { key(id: $id) { "+keyFields+" } }", map[string]any{"id": args[0]}, &out)
			if err != nil {
				return err
			}
			return printJSON(p.stdout, out.Key)
		},
	}
	p.callerFlags(c, &f)
	return c
}

func (p *program) keyList() *cobra.Command {
	var f caller
	var keystore string
	c := &cobra.Command{
		Use:   "list --keystore URL",
		Short: "Print the URLs, types and states of a keystore's keys, oldest first",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			return p.listKeys(cmd, api, keystore)
		},
	}
	p.callerFlags(c, &f)
	c.Flags().StringVar(&keystore, "keystore", "", "the keystore's URL")
	required(c, "keystore")
	return c
}

func (p *program) listKeys(cmd *cobra.Command, api *client.Client, keystore string) error {
	var after *string
	for {
		var out struct {
			Keystore struct {
				Keys struct {
					Nodes    []struct{ ID, Type, State string }
					PageInfo struct {
						HasNextPage bool
						EndCursor   *string
					}
				}
			}
		}
		err := api.Do(cmd.Context(), keystore, "read",
			"query($id: ID!, $after: String) { keystore(id: $id) { keys(first: 100, after: $after) { nodes { id type state } pageInfo { hasNextPage endCursor } } } }",
			map[string]any{"id": keystore, "after": after}, &out)
		if err != nil {
			return err
		}
		for _, k := range out.Keystore.Keys.Nodes {
			fmt.Fprintf(p.stdout, "%s\t%s\t%s\n", k.ID, k.Type, k.State)
		}
		if after = out.Keystore.Keys.PageInfo.EndCursor; !out.Keystore.Keys.PageInfo.HasNextPage || after == nil {
			return nil
		}
	}
}
