package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"twolock/crypto/key"
)

const keyFields = `id type state deletesAt version oldestVersion minimumVersionToVerify minimumVersionToDecrypt createdAt name description tags { name value }
operations algorithms exportable publicOnly maxCapabilityChainLength rotationPeriod rotatesAt publicKey { bytes spki pem jwk multikey }`

func (p *program) keyShow() *cobra.Command {
	return p.show("key", "Print what a key is, with its public part, as JSON", keyFields)
}

// show prints the fields of a key or a keystore.
func (p *program) show(noun, short, fields string) *cobra.Command {
	f := p.form("show URL", short)
	f.argument("id")
	return f.runs(func(ctx context.Context, in map[string]any) error {
		var out map[string]json.RawMessage
		if err := f.asks(ctx, "query($id: ID!) { "+noun+"(id: $id) { "+fields+" } }", in, &out); err != nil {
			return err
		}
		return printJSON(p.stdout, out[noun])
	})
}

func (p *program) keyList() *cobra.Command {
	f := p.form("list --keystore URL", "Print the URLs, types, states and names of a keystore's keys, oldest first")
	f.at("keystore", "id")
	filter := map[string]any{}
	narrow := func(name string, to *string) {
		f.from["filter."+name] = "--" + name
		f.fill(func(in map[string]any) error {
			if *to != "" {
				filter[name], in["filter"] = *to, filter
			}
			return nil
		})
	}
	narrow("type", choiceFlag(f.Command, "type", "", key.Types(), "list this type only"))
	narrow("namePrefix", f.Flags().String("name-prefix", "", "list those whose name begins with this only"))
	narrow("state", choiceFlag(f.Command, "state", "", states, "list those in this state only: "+strings.Join(states, ", ")))
	tag := f.Flags().String("tag", "", "NAME=VALUE; list those with this tag only")
	f.put("tag", "filter", func() (any, error) {
		t, err := parseTag(*tag)
		filter["tag"] = t
		return filter, err
	})
	const query = `query($id: ID!, $after: String, $filter: KeyFilter) { keystore(id: $id) { keys(first: 100, after: $after, filter: $filter) {
		nodes { id type state name } damaged pageInfo { hasNextPage endCursor } } } }`
	type listed struct{ ID, Type, State, Name string }
	return f.runs(func(ctx context.Context, in map[string]any) error {
		damaged := 0
		err := pages(in, func(variables map[string]any) (*page[listed], error) {
			var out struct{ Keystore struct{ Keys page[listed] } }
			err := f.asks(ctx, query, variables, &out)
			for _, url := range out.Keystore.Keys.Damaged {
				fmt.Fprintln(p.stderr, "damaged:", url)
				damaged++
			}
			return &out.Keystore.Keys, err
		}, func(k listed) bool {
			fmt.Fprintf(p.stdout, "%s\t%s\t%s\t%s\n", k.ID, k.Type, k.State, k.Name)
			return false
		})
		if err == nil && damaged > 0 {
			return errSilent
		}
		return err
	})
}

// states are the schema's KeyState.
var states = []string{"ENABLED", "DISABLED", "PENDING_DELETION"}

func (p *program) keyFind() *cobra.Command {
	f := p.form("find --keystore URL --name NAME", "Print the URL of the key of that name; exit 1 when there is none")
	f.at("keystore", "id")
	f.text("name", "name", "the key's name, exactly")
	required(f.Command, "name")
	return f.runs(func(ctx context.Context, in map[string]any) error {
		var out struct {
			Keystore struct{ KeyNamed *struct{ ID string } }
		}
		if err := f.asks(ctx, "query($id: ID!, $name: String!) { keystore(id: $id) { keyNamed(name: $name) { id } } }", in, &out); err != nil {
			return err
		}
		if out.Keystore.KeyNamed == nil {
			return fmt.Errorf("no key of the keystore is called %q", in["name"])
		}
		return p.line(out.Keystore.KeyNamed.ID)
	})
}

// publicKey is the schema's PublicKey.
type publicKey struct {
	Bytes               string
	SPKI, PEM, Multikey *string
	JWK                 json.RawMessage
}

type keyVersion struct {
	Version              int
	CreatedAt            string
	Uses                 int64
	LastUsedAt, Messages *json.RawMessage
	PublicKey            *publicKey
}

// eachVersion goes through a key's versions, newest first.
func (f *form) eachVersion(ctx context.Context, in map[string]any, fields string, each func(keyVersion) (enough bool)) error {
	query := "query($id: ID!, $after: String) { key(id: $id) { versions(first: 100, after: $after) { nodes { version " + fields + " } pageInfo { hasNextPage endCursor } } } }"
	return pages(in, func(variables map[string]any) (*page[keyVersion], error) {
		var out struct {
			Key struct{ Versions page[keyVersion] }
		}
		err := f.asks(ctx, query, variables, &out)
		return &out.Key.Versions, err
	}, each)
}

func (p *program) keyVersions() *cobra.Command {
	f := p.form("versions URL", "Print a key's versions, newest first: number, time made, uses, time used last, messages encrypted; - where there is none")
	f.argument("id")
	return f.runs(func(ctx context.Context, in map[string]any) error {
		return f.eachVersion(ctx, in, "createdAt uses lastUsedAt messages", func(v keyVersion) bool {
			fmt.Fprintf(p.stdout, "%d\t%s\t%d\t%s\t%s\n", v.Version, v.CreatedAt, v.Uses, orNone(v.LastUsedAt), orNone(v.Messages))
			return false
		})
	})
}

func (p *program) keyUsage() *cobra.Command {
	f := p.form("usage URL", "Print how often a key was used on each of the last days (UTC), oldest first")
	f.argument("id")
	f.number("days", "days", "how many days, 1 to 90 (default: 30)")
	return f.runs(func(ctx context.Context, in map[string]any) error {
		var out struct {
			Key struct {
				Usage []struct {
					Date string
					Uses int64
				}
			}
		}
		if err := f.asks(ctx, "query($id: ID!, $days: Int) { key(id: $id) { usage(days: $days) { date uses } } }", in, &out); err != nil {
			return err
		}
		for _, d := range out.Key.Usage {
			fmt.Fprintf(p.stdout, "%s\t%d\n", d.Date, d.Uses)
		}
		return nil
	})
}

func orNone(v *json.RawMessage) string {
	if v == nil {
		return "-"
	}
	return strings.Trim(string(*v), `"`)
}

func (p *program) keyPublic() *cobra.Command {
	f := p.form("public URL", "Print a key's public part")
	f.argument("id")
	forms := []string{"pem", "jwk", "raw", "spki", "multikey"}
	format := choiceFlag(f.Command, "format", "pem", forms, "one of "+strings.Join(forms, ", ")+"; raw and spki are printed in base64url")
	number := f.Flags().Int("version", 0, "of this version (default: the newest)")
	out := f.output("file for it, instead of printing it")
	return f.runs(func(ctx context.Context, in map[string]any) error {
		var found *keyVersion
		err := f.eachVersion(ctx, in, "publicKey { bytes spki pem jwk multikey }", func(v keyVersion) bool {
			if *number == 0 || v.Version == *number {
				found = &v
			}
			return found != nil
		})
		switch {
		case err != nil:
			return err
		case found == nil:
			return fmt.Errorf("--version: the key has no version %d", *number)
		case found.PublicKey == nil:
			return errors.New("the key is symmetric: it has no public part")
		}
		return found.PublicKey.write(out, *format)
	})
}

// write writes a public key in a format.
func (k *publicKey) write(out *output, format string) error {
	var text *string
	switch format {
	case "raw":
		return out.bytes(k.Bytes)
	case "jwk":
		if string(k.JWK) != "null" {
			s := string(k.JWK)
			text = &s
		}
	case "pem":
		text = k.PEM
	case "spki":
		text = k.SPKI
	case "multikey":
		text = k.Multikey
	}
	if text == nil {
		return fmt.Errorf("--format: keys of this type have no %s", format)
	}
	if format == "spki" {
		return out.bytes(*text)
	}
	line := strings.TrimSpace(*text) + "\n"
	if out.path == "" {
		_, err := fmt.Fprint(out.p.stdout, line)
		return err
	}
	return out.plain(encoding.EncodeToString([]byte(line)))
}
