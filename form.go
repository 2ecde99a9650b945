package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"twolock/auth"
	"twolock/client"
)

// encoding is that of Bytes in the schema.
var encoding = base64.RawURLEncoding

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

// form is a command that asks a server something. Its flags fill what is sent: the input of a mutation, or the variables of a query. A flag that
// is not given stays out of it, so that the defaults are the server's.
type form struct {
	*cobra.Command
	p      *program
	caller caller
	api    *client.Client // the caller's, while it runs
	url    string         // where it is sent
	fills  []func(in map[string]any) error
	from   typed  // for the fields
	advice string // for whom the server does not allow it
}

func (p *program) form(use, short string) *form {
	f := &form{Command: &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs}, p: p, from: typed{}}
	p.callerFlags(f.Command, &f.caller)
	return f
}

func (f *form) fill(fill func(in map[string]any) error) { f.fills = append(f.fills, fill) }

// put fills a field if the flag is given.
func (f *form) put(flag, field string, value func() (any, error)) {
	f.from[field] = "--" + flag
	f.fill(func(in map[string]any) error {
		if !f.Flags().Changed(flag) {
			return nil
		}
		f.from[field] = "--" + flag // and not --in
		v, err := value()
		if err != nil {
			return fmt.Errorf("--%s: %w", flag, err)
		}
		in[field] = v
		return nil
	})
}

// argument makes the command's argument the URL that it is sent to.
func (f *form) argument(field string) {
	f.Args = cobra.ExactArgs(1)
	f.from[field] = "URL"
	f.fill(func(in map[string]any) error {
		in[field] = f.Flags().Arg(0)
		f.url = endpoint(f.Flags().Arg(0))
		return checkURL("URL", f.url)
	})
}

// at makes a flag, key or keystore, the URL that it is sent to.
func (f *form) at(noun, field string) {
	f.Flags().StringVar(&f.url, noun, "", "the "+noun+"'s URL")
	required(f.Command, noun)
	f.from[field], f.from["URL"] = "--"+noun, "--"+noun
	f.fill(func(in map[string]any) error {
		in[field], f.url = f.url, endpoint(f.url)
		return checkURL("--"+noun, f.url)
	})
}

// checkURL refuses what is sent nowhere.
func checkURL(what, given string) error {
	if u, err := url.Parse(given); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return &usageError{fmt.Errorf("%s: %q is not a URL, which begins with http:// or https://", what, given)}
	}
	return nil
}

// toService sends it to the service.
func (f *form) toService() {
	var base string
	f.p.urlFlag(f.Command, &base)
	f.fill(func(map[string]any) error {
		f.url = serviceURL(base)
		return checkURL("--url", base)
	})
}

// atService sends it to the service, of which the caller needs the action. who says who has it.
func (f *form) atService(action, who string) {
	f.toService()
	f.fill(func(map[string]any) error {
		f.advice = fmt.Sprintf("%s. Whoever runs the server becomes one: twolock operator enrol\n"+
			"An operator allows it to you with the following; give what it prints with --capability:\n"+
			"twolock capability delegate --target %s --to %s --action %s", who, f.url, f.api.Identity.DID(), action)
		return nil
	})
}

// urlFlag adds --url, the service's URL.
func (p *program) urlFlag(c *cobra.Command, url *string) {
	d := p.env("TWOLOCK_URL")
	if d == "" {
		d = "http://127.0.0.1:8080"
	}
	c.Flags().StringVar(url, "url", d, "the service's URL [TWOLOCK_URL]")
}

// endpoint is where a request for a URL goes: for the service's own, which has no path, to what answers there.
func endpoint(given string) string {
	if u, err := url.Parse(given); err == nil && strings.Trim(u.Path, "/") == "" && u.Host != "" {
		return serviceURL(given)
	}
	return given
}

// serviceURL takes the service's URL with and without what its endpoint adds.
func serviceURL(url string) string {
	return strings.TrimSuffix(strings.TrimSuffix(url, "/"), "/graphql") + "/graphql"
}

// runs ends a form: do is called with what the flags have filled.
func (f *form) runs(do func(ctx context.Context, in map[string]any) error) *cobra.Command {
	f.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if f.api, err = f.p.client(&f.caller); err != nil {
			return err
		}
		in := map[string]any{}
		for _, fill := range f.fills {
			if err := fill(in); err != nil {
				return err
			}
		}
		err = f.from.explain(do(cmd.Context(), in))
		if errs, ok := errors.AsType[client.Errors](err); ok && errs.Code() == "FORBIDDEN" && f.advice != "" && f.caller.capability == "" {
			return &advised{err, f.advice}
		}
		return err
	}
	return f.Command
}

// mutation is a field of Mutation, the action that it takes, and what is asked back.
type mutation struct{ field, action, answer string }

// uses is a mutation whose action bears its name.
func uses(field, answer string) mutation { return mutation{field, field, answer} }

// sends ends a form: it sends a mutation and prints what came back.
func sends[T any](f *form, m mutation, print func(answer *T) error) *cobra.Command {
	query := fmt.Sprintf("mutation($input: %s%sInput!) { %s(input: $input) { %s } }", strings.ToUpper(m.field[:1]), m.field[1:], m.field, m.answer)
	return f.runs(func(ctx context.Context, in map[string]any) error {
		var data map[string]*T
		if err := f.api.Do(ctx, f.url, m.action, query, map[string]any{"input": in}, &data); err != nil {
			return err
		}
		if data[m.field] == nil {
			return errors.New("the server's answer is empty")
		}
		return print(data[m.field])
	})
}

// asks reads a query's data for action read.
func (f *form) asks(ctx context.Context, query string, variables map[string]any, out any) error {
	return f.api.Do(ctx, f.url, "read", query, variables, out)
}

// page is a page of a connection.
type page[T any] struct {
	Nodes    []T
	Damaged  []string
	PageInfo struct {
		HasNextPage bool
		EndCursor   *string
	}
}

// pages reads one page after another, until there are no more or each has seen enough. turn returns the page after a cursor, which stands in
// the variables.
func pages[T any](variables map[string]any, turn func(variables map[string]any) (*page[T], error), each func(T) (enough bool)) error {
	for {
		got, err := turn(variables)
		if err != nil {
			return err
		}
		for _, node := range got.Nodes {
			if each(node) {
				return nil
			}
		}
		if !got.PageInfo.HasNextPage || got.PageInfo.EndCursor == nil {
			return nil
		}
		variables["after"] = *got.PageInfo.EndCursor
	}
}
