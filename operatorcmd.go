package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) operatorCommand() *cobra.Command {
	group := &cobra.Command{Use: "operator", Short: "Become an operator of a server, list, add and remove operators"}
	var f caller
	var path string
	enrol := &cobra.Command{
		Use:   "enrol --link-file FILE",
		Short: "Become an operator with the one-time link that the server's first start left in {data-dir}/operator-enrolment",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := readFile(path)
			if errors.Is(err, fs.ErrNotExist) {
				return &advised{fmt.Errorf("--link-file: %w", err), "The server's first start leaves it in its --data-dir; once used, it is gone. Further operators are added with operator add."}
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
	group.AddCommand(enrol, p.operatorList(),
		p.operatorChange("add DID", "addOperator", "Make somebody an operator"),
		p.operatorChange("remove DID", "removeOperator", "Take an enrolled operator away, at once, with what they delegated of the service; their own keystores stay theirs"))
	return group
}

func (p *program) operatorList() *cobra.Command {
	f := p.form("list", "Print the operators, how they came to be ones, and since when those are who were enrolled")
	f.atService("read", "The operators are listed by operators")
	return f.runs(func(ctx context.Context, in map[string]any) error {
		var out struct {
			Status struct {
				OperatorDetails []struct{ DID, Origin, EnrolledAt string }
			}
		}
		if err := f.asks(ctx, `{ status { operatorDetails { did origin enrolledAt } } }`, in, &out); err != nil {
			return err
		}
		for _, o := range out.Status.OperatorDetails {
			fmt.Fprintf(p.stdout, "%s\t%s\t%s\n", o.DID, o.Origin, o.EnrolledAt)
		}
		return nil
	})
}

func (p *program) operatorChange(use, field, short string) *cobra.Command {
	f := p.form(use, short)
	f.Args = cobra.ExactArgs(1)
	f.from["operator"] = "DID"
	f.toService()
	f.fill(func(in map[string]any) error {
		f.advice = "Operators are added and removed by operators alone, not by a delegated capability."
		in["operator"] = f.Flags().Arg(0)
		return nil
	})
	return sends(f, uses(field, "operator"), func(a *struct{ Operator string }) error { return p.line(a.Operator) })
}
