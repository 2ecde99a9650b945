package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

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
			if err := checkURL("--url", url); err != nil {
				return err
			}
			values := map[string]json.RawMessage{}
			if err := json.Unmarshal([]byte(variables), &values); err != nil {
				return &usageError{errors.New("--variables: is not a JSON object")}
			}
			answer, err := api.Call(cmd.Context(), endpoint(url), action, args[0], values)
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
	c.Flags().StringVar(&url, "url", p.env("TWOLOCK_URL"), "URL of the service, of a keystore or of a key [TWOLOCK_URL]")
	c.Flags().StringVar(&action, "action", "", "action to invoke the capability for, such as sign")
	c.Flags().StringVar(&variables, "variables", "{}", "the operation's variables, a JSON object")
	required(c, "action")
	if url == "" {
		required(c, "url")
	}
	return c
}
