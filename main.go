// Command twolock is a key management server and its client.
//
// Configuration is read here and the rooms are joined here; see serve.go for the server, the other files for the commands of the client.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// run does what the arguments say and returns the exit code: 0, 1 when it failed, 2 when it was not understood.
func (p *program) run(ctx context.Context, args []string) int {
	root := &cobra.Command{
		Use:           "twolock",
		Short:         "A key management server in which a key opens only when two locks open, and its client",
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	usage := func(err error) error { return &usageError{err} }
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.SetArgs(args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	serve, err := p.serveCommand()
	if err != nil {
		fmt.Fprintln(p.stderr, "twolock:", err)
		return 2
	}
	root.AddCommand(serve, p.identityCommand(), p.operatorCommand(), p.callCommand(), p.keystoreCommand(), p.keyCommand(),
		p.signCommand(), p.verifyCommand(), p.encryptCommand(), p.decryptCommand(), p.shareCommand(), p.capabilityCommand())
	for _, c := range root.Commands() {
		strict(c)
	}
	err = root.ExecuteContext(ctx)
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
	if _, ok := errors.AsType[*usageError](err); ok {
		fmt.Fprintln(p.stderr, "See: twolock --help")
		return 2
	}
	if errs, ok := errors.AsType[client.Errors](err); ok && errs.Code() == "UNAUTHENTICATED" {
		fmt.Fprintln(p.stderr, "Is --identity the right one?")
	}
	return 1
}

// errSilent ends the program with 1; everything was said.
var errSilent = errors.New("")

// usageError is a command line that was not understood.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// strict makes wrong arguments a usage error, and an unknown subcommand one too.
func strict(c *cobra.Command) {
	if args := c.Args; args != nil {
		c.Args = func(c *cobra.Command, a []string) error {
			if err := args(c, a); err != nil {
				return &usageError{fmt.Errorf("%s: %w", c.CommandPath(), err)}
			}
			return nil
		}
	}
	if c.HasSubCommands() && c.RunE == nil {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, a []string) error {
			if len(a) == 0 {
				return c.Help()
			}
			return &usageError{fmt.Errorf("%s: there is no %q", c.CommandPath(), a[0])}
		}
	}
	for _, sub := range c.Commands() {
		strict(sub)
	}
}

func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" && b.Main.Version != "(devel)" {
		return b.Main.Version
	}
	return "0.1.0-dev"
}
