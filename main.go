// Command twolock is a key management server and its client.
//
// Configuration is read here and the rooms are joined here; see serve.go for the server, the other files for the commands of the client.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"twolock/client"
)

// program is twolock as a value, so that tests run it as it is.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) string
	now            func() time.Time
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &program{os.Stdin, os.Stdout, os.Stderr, os.Getenv, time.Now}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// root is twolock's command, with all that are below it.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "twolock",
		Short:         "A key management server in which a key opens only when two locks open, and its client",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	for _, group := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"The server, and who calls it:", []*cobra.Command{p.serveCommand(), p.identityCommand(), p.operatorCommand(), p.capabilityCommand(), p.shareCommand(), p.callCommand()}},
		{"What it keeps:", []*cobra.Command{p.keystoreCommand(), p.keyCommand()}},
		{"What keys are for:", []*cobra.Command{
			p.signCommand(), p.verifyCommand(), p.macCommand(), p.verifyMacCommand(), p.encryptCommand(), p.decryptCommand(), p.reencryptCommand(),
			p.dataKeyCommand(), p.wrapCommand(), p.unwrapCommand(), p.sealCommand(), p.openCommand(), p.encapsulateCommand(), p.decapsulateCommand(),
			p.agreeCommand(), p.deriveCommand(), p.randomCommand(),
		}},
	} {
		root.AddGroup(&cobra.Group{ID: group.title, Title: group.title})
		for _, c := range group.commands {
			c.GroupID = group.title
			root.AddCommand(c)
		}
	}
	return root
}

// run does what the arguments say and returns the exit code: 0, 1 when it failed, 2 when it was not understood.
func (p *program) run(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	understood := false
	strict(root, &understood)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSilent):
		return 1
	}
	fmt.Fprintln(p.stderr, "twolock:", err)
	if _, ok := errors.AsType[*configError](err); ok {
		return 2
	}
	if _, ok := errors.AsType[*usageError](err); ok || !understood {
		fmt.Fprintln(p.stderr, "See: twolock --help")
		return 2
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		fmt.Fprintln(p.stderr, "Is the server running, and is its URL right? twolock serve starts one.")
	}
	if errs, ok := errors.AsType[client.Errors](err); ok && (errs.Code() == "UNAUTHENTICATED" || errs.Code() == "FORBIDDEN") {
		fmt.Fprintln(p.stderr, "Is --identity the right one, and --capability if one was delegated to it?")
	}
	return 1
}

// errSilent ends the program with 1; everything was said.
var errSilent = errors.New("")

// usageError is a command line that was not understood.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// strict makes an unknown subcommand an error, and notes when a command line was understood: what fails before is a usage error.
func strict(c *cobra.Command, understood *bool) {
	if c.HasSubCommands() {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, a []string) error {
			if len(a) == 0 {
				return c.Help()
			}
			return &usageError{fmt.Errorf("%s: there is no %q", c.CommandPath(), a[0])}
		}
	}
	if take := c.Args; take != nil {
		c.Args = func(c *cobra.Command, a []string) error {
			if err := take(c, a); err != nil && len(a) > 0 {
				return fmt.Errorf("%s: does not take %q", c.CommandPath(), a)
			} else if err != nil {
				return fmt.Errorf("%s: needs an argument; see %[1]s --help", c.CommandPath())
			}
			return nil
		}
	}
	run := c.RunE
	c.RunE = func(c *cobra.Command, a []string) error {
		*understood = true
		return run(c, a)
	}
	for _, sub := range c.Commands() {
		strict(sub, understood)
	}
}

func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	return "0.1.0-dev"
}
