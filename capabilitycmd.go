package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"twolock/auth"
	"twolock/client"
	"twolock/graph"
)

func (p *program) capabilityCommand() *cobra.Command {
	group := &cobra.Command{Use: "capability", Short: "Delegate, show and revoke capabilities"}
	group.AddCommand(p.capabilityDelegate(), p.capabilityShow(), p.capabilityRevoke())
	return group
}

// delegated is what is typed for what auth says is wrong.
var delegated = typed{"parent": "--capability", "capability.controller": "--to", "capability.invocationTarget": "--target", "expires": "--lifetime", "actions": "--action"}

func (p *program) capabilityDelegate() *cobra.Command {
	var identity, parent, target, root, to string
	var actions *[]string
	var lifetime time.Duration
	known := graph.Actions()
	c := &cobra.Command{
		Use:   "delegate --target URL --to DID --action ACTION…",
		Short: "Delegate a capability, print it as JSON",
		Long:  "Delegate a capability, print it as JSON.\n\nThe actions: " + strings.Join(known, ", ") + ".",
		Example: `  twolock capability delegate --identity alice.json --target "$KEY" --to did:key:z6Mk… --action sign > sign.json
  twolock capability delegate --identity alice.json --root https://edv.example/edvs/z19 --target https://edv.example/edvs/z19/documents \
    --to did:key:z6Mk… --action read --action write > vault.json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			id, err := readIdentity(identity)
			if err != nil {
				return err
			}
			now := p.now()
			d := auth.Delegation{RootTarget: root, Controller: to, Target: target, Actions: *actions, Expires: now.Add(lifetime)}
			if root == "" {
				d.RootTarget = client.RootTarget(target)
			}
			if parent != "" {
				if d.Parent, err = readCapability("--capability", parent); err != nil {
					return err
				}
				d.RootTarget = ""
				if err := within(&d, c.Flags().Changed("lifetime")); err != nil {
					return err
				}
			}
			made, err := id.Delegate(d, now)
			if err != nil {
				return errors.New(delegated.inFlags(strings.TrimPrefix(err.Error(), "delegate: ")))
			}
			fmt.Fprintf(p.stdout, "%s\n", made.JSON())
			return nil
		},
	}
	p.identityFlag(c, &identity)
	flags := c.Flags()
	flags.StringVar(&parent, "capability", "", "file with the capability to delegate on (default: the root capability)")
	flags.StringVar(&target, "target", "", "URL that it is for")
	flags.StringVar(&root, "root", "", "URL that the root capability is for (default: the keystore of --target, or --target)")
	flags.StringVar(&to, "to", "", "DID that it is delegated to")
	actions = choicesFlag(c, "action", known, "action that it allows, see above")
	flags.DurationVar(&lifetime, "lifetime", 30*24*time.Hour, "how long it lasts, such as 720h, 2160h at most, no longer than the one delegated on")
	required(c, "target", "to", "action")
	return c
}

// within keeps a delegation within its parent, whose end is the one that is meant where none is said.
func within(d *auth.Delegation, ends bool) error {
	for _, action := range d.Actions {
		if !d.Parent.Allows(action) {
			return fmt.Errorf("--action: the capability to delegate on does not allow %s; it allows %s", action, strings.Join(d.Parent.Actions(), ", "))
		}
	}
	switch end := d.Parent.Expires(); {
	case !d.Expires.After(end):
	case ends:
		return fmt.Errorf("--lifetime: the capability to delegate on ends earlier, %s", end.Format(time.RFC3339))
	default:
		d.Expires = end
	}
	return nil
}

// shown is what a capability says, in the order of its chain.
type shown struct {
	ID         string    `json:"id"`
	Target     string    `json:"target"`
	Root       string    `json:"root"`
	Controller string    `json:"controller"`
	Actions    []string  `json:"actions"`
	Expires    time.Time `json:"expires"`
	Expired    bool      `json:"expired"`
	Proofs     string    `json:"proofs"`
	Chain      []link    `json:"chain"`
}

type link struct {
	ID        string    `json:"id"`
	Delegator string    `json:"delegator"`
	Expires   time.Time `json:"expires"`
}

func (p *program) capabilityShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE",
		Short: "Print what a capability allows, whom and until when, and whether its proofs are right; exit 1 when they are not",
		Args:  cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := readCapability("FILE", args[0])
			if err != nil {
				return err
			}
			s := shown{ID: c.ID(), Target: c.Target(), Root: c.RootTarget(), Controller: c.Controller(), Actions: c.Actions(),
				Expires: c.Expires(), Expired: !c.Expires().After(p.now()), Proofs: "valid"}
			for _, l := range c.Chain() {
				s.Chain = append(s.Chain, link{l.ID, l.Delegator, l.Expires})
			}
			wrong := c.VerifyProofs()
			if wrong != nil {
				s.Proofs = wrong.Error()
			}
			if err := printJSON(p.stdout, s); err != nil {
				return err
			}
			if wrong != nil {
				return errSilent
			}
			return nil
		},
	}
}

func (p *program) capabilityRevoke() *cobra.Command {
	var f caller
	c := &cobra.Command{
		Use:   "revoke FILE",
		Short: "Revoke a capability, and with it all that was delegated on from it; whoever controls a link of its chain may",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			revoked, err := readCapability("FILE", args[0])
			if err != nil {
				return err
			}
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			return api.Revoke(cmd.Context(), revoked)
		},
	}
	p.callerFlags(c, &f)
	return c
}
