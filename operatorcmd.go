package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
)

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
			if errors.Is(err, fs.ErrNotExist) {
				return &advised{fmt.Errorf("--link-file: %w", err), "The server's first start leaves it in its --data-dir; once used, it is gone. Further operators are added with serve --operator."}
			} else if err != nil {
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
				return typed{"token": "--link-file"}.explain(err)
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
