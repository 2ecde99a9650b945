// Command twolock is a key management server and its client.
//
// Configuration is read here and the rooms are joined here; see serve.go for the server, the other files for the commands of the client.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
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
	root.SetFlagErrorFunc(mistyped)
	for _, group := range []struct {
		title    string
		commands []*cobra.Command
	}{
		{"The server, and who calls it:", []*cobra.Command{p.serveCommand(), p.identityCommand(), p.operatorCommand(), p.capabilityCommand(), p.shareCommand(), p.callCommand(), p.databaseCommand()}},
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
	c, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSilent):
		return 1
	}
	fmt.Fprintf(p.stderr, "%s: %v\n", c.CommandPath(), err)
	if _, ok := errors.AsType[*configError](err); ok {
		return 2
	}
	if _, ok := errors.AsType[*usageError](err); ok || !understood {
		fmt.Fprintf(p.stderr, "See: %s --help\n", c.CommandPath())
		return 2
	}
	if _, ok := errors.AsType[*url.Error](err); ok {
		fmt.Fprintln(p.stderr, "Is the server running, and is its URL right? twolock serve starts one.")
	}
	capability := c.Flags().Lookup("capability")
	if a, ok := errors.AsType[*advised](err); ok {
		fmt.Fprintln(p.stderr, a.advice)
	} else if errs, ok := errors.AsType[client.Errors](err); ok && errs.Code() == "FORBIDDEN" && capability != nil {
		if file := capability.Value.String(); file != "" {
			fmt.Fprintf(p.stderr, "What the capability allows, whom and until when: twolock capability show %s\n", file)
		} else {
			fmt.Fprintln(p.stderr, "Is --identity the right one? If a capability was delegated to it, give that with --capability.")
		}
	}
	return 1
}

// errSilent ends the program with 1; everything was said.
var errSilent = errors.New("")

// advised is an error with a line on what to do about it.
type advised struct {
	error
	advice string
}

func (e *advised) Unwrap() error { return e.error }

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
			c.SuggestionsMinimumDistance = 2
			return &usageError{fmt.Errorf("there is no %q%s", a[0], orMeant(c.SuggestionsFor(a[0])))}
		}
	}
	c.SuggestFor = alsoCalled[c.Name()]
	if take := c.Args; take != nil {
		c.Args = func(c *cobra.Command, a []string) error {
			if err := take(c, a); err == nil {
				return nil
			} else if len(a) == 0 {
				return fmt.Errorf("needs an argument: %s", c.UseLine())
			}
			where := ""
			if c.Flags().Lookup("in") != nil {
				where = "; what it reads comes on standard input, or in the file of --in"
			}
			return fmt.Errorf("does not take %q%s", a, where)
		}
	}
	c.PreRunE = func(c *cobra.Command, _ []string) error { return missing(c) }
	run := c.RunE
	c.RunE = func(c *cobra.Command, a []string) error {
		*understood = true
		return run(c, a)
	}
	for _, sub := range c.Commands() {
		strict(sub, understood)
	}
}

// alsoCalled is what others call what these commands do.
var alsoCalled = map[string][]string{
	"create": {"new", "make", "add", "generate"}, "new": {"create", "make", "add", "generate"}, "show": {"get", "describe", "info"}, "list": {"ls"}, "delete": {"remove", "rm"},
}

func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	return "0.1.0-dev"
}
