package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"twolock/crypto/key"
)

func (p *program) keyCommand() *cobra.Command {
	group := &cobra.Command{Use: "key", Short: "Create, show, change and delete keys; import and export them"}
	group.AddCommand(p.keyCreate(), p.keyImport(), p.keyShow(), p.keyList(), p.keyFind(), p.keyVersions(), p.keyUsage(), p.keyPublic(),
		p.keyUpdate(), p.keyRotate(), p.keyTrim(), p.keyExport(), p.keyBackup(), p.keyRestore())
	group.AddCommand(p.life("key", "the key", "what it signed no longer verifies here, what it encrypted no longer decrypts")...)
	return group
}

// typesHelp lists the types and what each can do.
func typesHelp() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, t := range key.Types() {
		fmt.Fprintf(w, "  %s\t%s\n", t, strings.ToLower(strings.Join(words(t.Operations()), " ")))
	}
	w.Flush()
	return b.String()
}

// newKey is a form of a command that makes a key, and prints its URL.
func (p *program) newKey(use, short string) *form {
	f := p.form(use, short)
	f.at("keystore", "keystore")
	oneOf(f, "type", "type", key.Types(), "type of the key, see above")
	f.label()
	f.restrictions(" (default: all that the type has)")
	f.yes("exportable", "exportable", true, "its private part may leave, encrypted to a public key; cannot be changed later")
	f.number("max-chain", "maxCapabilityChainLength", "longest chain of capabilities by which it may be used; 1: by the controller alone")
	f.idempotency()
	f.shares()
	f.Long = short + ".\n\nThe types and what they can do:\n\n" + typesHelp()
	required(f.Command, "type")
	return f
}

type keyID struct{ Key struct{ ID string } }

func (p *program) keyCreate() *cobra.Command {
	f := p.newKey("create --keystore URL --type TYPE", "Create a key, print its URL")
	f.rotation()
	return sends(f, mutation{"createKey", "generateKey", "key { id }"}, p.printKeyID)
}

func (p *program) printKeyID(a *keyID) error { return p.line(a.Key.ID) }

func (f *form) rotation() {
	f.seconds("rotation-period", "rotationPeriod", "rotate it automatically, such as 2160h for every 90 days")
}

func (p *program) keyUpdate() *cobra.Command {
	f := p.form("update URL", "Change what a key is called, narrow what it may be used for, say which versions still count; print the key as JSON")
	f.argument("key")
	f.label()
	f.restrictions(" from now on, fewer than now")
	f.number("minimum-version-to-verify", "minimumVersionToVerify", "oldest version that verifies")
	f.number("minimum-version-to-decrypt", "minimumVersionToDecrypt", "oldest version that decrypts")
	f.rotation()
	f.Flags().Lookup("rotation-period").Usage += "; 0: no longer"
	f.MarkFlagsOneRequired("name", "description", "tag", "operation", "algorithm", "minimum-version-to-verify", "minimum-version-to-decrypt", "rotation-period")
	return sends(f, mutation{"updateKey", "write", "key { " + keyFields + " }"}, func(a *struct{ Key json.RawMessage }) error {
		return printJSON(p.stdout, a.Key)
	})
}

func (p *program) keyRotate() *cobra.Command {
	f := p.form("rotate URL", "Give a key a new version, which signs and encrypts from now on; print its number. Older ones go on verifying and decrypting")
	f.argument("key")
	f.idempotency()
	f.shares()
	return sends(f, uses("rotateKey", "key { version }"), func(a *struct{ Key struct{ Version int } }) error { return p.line(a.Key.Version) })
}

func (p *program) keyTrim() *cobra.Command {
	f := p.form("trim URL --oldest N", "Delete the versions before N, at once and for good; raise the minimum versions first, to see that nobody needs them")
	f.argument("key")
	f.number("oldest", "oldestVersion", "oldest version to keep")
	required(f.Command, "oldest")
	return sends(f, uses("trimKeyVersions", "key { oldestVersion }"), func(a *struct{ Key struct{ OldestVersion int } }) error {
		fmt.Fprintf(p.stderr, "The versions before %d are gone for good: what they signed no longer verifies, what they encrypted no longer decrypts.\n", a.Key.OldestVersion)
		return p.line(a.Key.OldestVersion)
	})
}
