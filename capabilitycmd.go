package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"twolock/auth"
	"twolock/client"
)

func (p *program) capabilityCommand() *cobra.Command {
	group := &cobra.Command{Use: "capability", Short: "Delegate capabilities"}
	var identity, parent, target, root, to string
	var actions []string
	var lifetime time.Duration
	delegate := &cobra.Command{
		Use:   "delegate --target URL --to DID --action ACTION…",
		Short: "Delegate a capability, print it as JSON",
		Example: `  twolock capability delegate --identity alice.json --root https://edv.example/edvs/z19 --target https://edv.example/edvs/z19/documents \
    --to did:key:z6Mk… --action read --action write > vault.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			id, err := readIdentity(identity)
			if err != nil {
				return err
			}
			now := p.now()
			d := auth.Delegation{RootTarget: root, Controller: to, Target: target, Actions: actions, Expires: now.Add(lifetime)}
			if root == "" {
				d.RootTarget = client.RootTarget(target)
			}
			if parent != "" {
				if d.Parent, err = readCapability("capability", parent); err != nil {
					return err
				}
				d.RootTarget = ""
			}
			c, err := id.Delegate(d, now)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "%s\n", c.JSON())
			return nil
		},
	}
	p.identityFlag(delegate, &identity)
	flags := delegate.Flags()
	flags.StringVar(&parent, "capability", "", "file with the capability to delegate on (default: the root capability)")
	flags.StringVar(&target, "target", "", "URL that it is for")
	flags.StringVar(&root, "root", "", "URL that the root capability is for (default: the keystore of --target, or --target)")
	flags.StringVar(&to, "to", "", "DID that it is delegated to")
	flags.StringArrayVar(&actions, "action", nil, "action that it allows; repeatable")
	flags.DurationVar(&lifetime, "lifetime", 30*24*time.Hour, "how long it lasts")
	required(delegate, "target", "to", "action")
	group.AddCommand(delegate)
	return group
}
