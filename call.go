package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"twolock/auth"
	"twolock/client"
)

// caller is what every command that calls a server needs: who calls, and with what.
type caller struct{ identity, capability string }

func (p *program) callerFlags(c *cobra.Command, f *caller) {
	p.identityFlag(c, &f.identity)
	c.Flags().StringVar(&f.capability, "capability", "", "file with the delegated capability to invoke (default: the root capability)")
}

func (p *program) client(f *caller) (*client.Client, error) {
	id, err := readIdentity(f.identity)
	if err != nil {
		return nil, err
	}
	c := &client.Client{Identity: id, Now: p.now}
	if f.capability != "" {
		c.Capability, err = readCapability("--capability", f.capability)
	}
	return c, err
}

func readCapability(what, path string) (*auth.Capability, error) {
	b, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	c, err := auth.ParseCapability(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", what, path, err)
	}
	return c, nil
}

// urlFlag adds --url, the service's URL.
func (p *program) urlFlag(c *cobra.Command, url *string) {
	d := p.env("TWOLOCK_URL")
	if d == "" {
		d = "http://127.0.0.1:8080"
	}
	c.Flags().StringVar(url, "url", d, "the service's URL [TWOLOCK_URL]")
}

func (p *program) callCommand() *cobra.Command {
	var f caller
	var url, action, variables string
	c := &cobra.Command{
		Use:   "call --url URL --action ACTION 'GRAPHQL'",
		Short: "Sign and send any operation, print the JSON answer; exit 1 when it has errors",
		Example: `  twolock call --identity alice.json --url "$KEY" --action sign \
    --variables "{\"input\":{\"key\":\"$KEY\",\"message\":\"aGVsbG8\"}}" \
    'mutation($input: SignInput!) { sign(input: $input) { signature } }'`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			values := map[string]json.RawMessage{}
			if err := json.Unmarshal([]byte(variables), &values); err != nil {
				return &usageError{errors.New("--variables: is not a JSON object")}
			}
			answer, err := api.Call(cmd.Context(), url, action, args[0], values)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "%s\n", answer)
			var a struct{ Errors []json.RawMessage }
			if err := json.Unmarshal(answer, &a); err != nil || len(a.Errors) > 0 {
				return errSilent
			}
			return nil
		},
	}
	p.callerFlags(c, &f)
	c.Flags().StringVar(&url, "url", "", "URL of the service's /graphql, of a keystore or of a key")
	c.Flags().StringVar(&action, "action", "", "action to invoke the capability for, such as sign")
	c.Flags().StringVar(&variables, "variables", "{}", "the operation's variables, a JSON object")
	required(c, "url", "action")
	return c
}

func (p *program) operatorCommand() *cobra.Command {
	group := &cobra.Command{Use: "operator", Short: "Become an operator of a server"}
	var f caller
	var path string
	enrol := &cobra.Command{
		Use:   "enrol --link-file FILE",
		Short: "Become an operator with the one-time link that the server's first start left in {data-dir}/operator-enrolment",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := readFile(path)
			if err != nil {
				return fmt.Errorf("--link-file: %w", err)
			}
			base, token, ok := strings.Cut(strings.TrimSpace(string(b)), "/#enrol=")
			if !ok {
				return fmt.Errorf("--link-file: %s holds no enrolment link", path)
			}
			api, err := p.client(&f)
			if err != nil {
				return err
			}
			var out struct{ EnrolOperator struct{ Operator string } }
			err = api.Do(cmd.Context(), base+"/graphql", "enrolOperator",
				"mutation($input: EnrolOperatorInput!) { enrolOperator(input: $input) { operator } }",
				map[string]any{"input": map[string]any{"token": token}}, &out)
			if err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, out.EnrolOperator.Operator)
			return nil
		},
	}
	p.identityFlag(enrol, &f.identity)
	enrol.Flags().StringVar(&path, "link-file", "data/operator-enrolment", "file with the link")
	group.AddCommand(enrol)
	return group
}

// input returns the bytes of --in, or of standard input.
func (p *program) input(path string) ([]byte, error) {
	if path != "" && path != "-" {
		b, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("--in: %w", err)
		}
		return b, nil
	}
	b, err := io.ReadAll(io.LimitReader(p.stdin, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, errors.New("--in: is larger than 1 MiB")
	}
	return b, nil
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
