package main

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"twolock/auth"
	"twolock/graph"
)

// Whatever flags are given, a command asks for what the schema has: each flag of each command that sends is tried, and what arrives is held against it.
func TestFormsFitTheSchema(t *testing.T) {
	t.Parallel()
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: graph.Schema})
	must(t, err)
	var sent []string // what does not fit, of the requests since it was emptied; "" for each that does
	url := serveHTTP(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, unfit(schema, r)...)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"errors":[{"message":"seen","extensions":{"code":"NOT_FOUND"}}]}`))
	}))
	d := &desk{t: t, dir: t.TempDir(), url: url}
	id := newIdentity(t)
	file, err := id.MarshalFile()
	must(t, err)
	c, err := id.Delegate(auth.Delegation{RootTarget: url, Controller: id.DID(), Target: url, Actions: []string{"read"}, Expires: time.Now().Add(time.Hour)}, time.Now())
	must(t, err)
	key := url + "/keystores/zs/keys/zk"
	object := d.write("object", "{}")
	values := map[string]string{
		"identity": d.write("id.json", string(file)), "url": url, "key": key, "keystore": url + "/keystores/zs", "to": object, "vault-capability": d.write("capability", string(c.JSON())),
		"share": d.write("share", base64.StdEncoding.EncodeToString(anyShare(1))), "out": "", "in": "", "capability": "", "tag": "a=b", "link": url + "/#AAAA",
		"jwk": object, "pkcs8": object, "spki": object, "raw": object, "wrapped": object, "backup": object, "ephemeral-key": object,
	}
	const printed = `{"ciphertext":"AAAA","nonce":"","version":1,"algorithm":"AEAD","wrappedKey":"AAAA","epk":{}}`

	p := &program{env: func(string) string { return "" }}
	tried := 0
	var each func(c *cobra.Command)
	each = func(c *cobra.Command) {
		for _, below := range c.Commands() {
			each(below)
		}
		if !c.Runnable() || slices.Contains([]string{"serve", "identity", "capability", "share", "call", "operator", "database"}, strings.Fields(c.CommandPath())[1]) {
			return
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			given, known := values[f.Name]
			if known && given == "" {
				return // it is no field
			}
			tried++
			args := strings.Fields(c.CommandPath())[1:]
			for _, name := range withOthers(c, f.Name) {
				args = append(args, "--"+name+"="+valueOf(c.Flags().Lookup(name), values))
			}
			if c.Args(c, nil) != nil { // it needs one
				args = append(args, key)
			}
			sent = nil
			if code, _, errs := run(t, printed, args...); len(sent) == 0 {
				t.Errorf("twolock %q sends nothing: exit %d: %s", args, code, errs)
			}
			for _, what := range sent {
				if what != "" {
					t.Errorf("%s with --%s sends what the schema does not have: %s", c.CommandPath(), f.Name, what)
				}
			}
		})
	}
	each(p.root())
	if tried < 200 {
		t.Errorf("%d flags were tried: where are the others?", tried)
	}
}

// withOthers is a flag with those that it cannot be given without.
func withOthers(c *cobra.Command, flag string) []string {
	set := []string{flag}
	add := func(names ...string) {
		for _, name := range names {
			if !slices.Contains(set, name) {
				set = append(set, name)
			}
		}
	}
	groups := func(annotation string, each func(group []string, any bool)) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			for _, group := range f.Annotations[annotation] {
				names := strings.Fields(group)
				each(names, slices.ContainsFunc(names, func(name string) bool { return slices.Contains(set, name) }))
			}
		})
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "identity" || f.Annotations[cobra.BashCompOneRequiredFlag] != nil {
			add(f.Name)
		}
	})
	if flag == "vault" {
		add("vault-capability")
	}
	if flag == "vault-capability" && c.Flags().Lookup("vault") != nil {
		add("vault")
	}
	if c.Flags().Lookup("url") != nil {
		add("url")
	}
	groups("cobra_annotation_required_if_others_set", func(group []string, any bool) {
		if any {
			add(group...)
		}
	})
	groups("cobra_annotation_one_required", func(group []string, any bool) {
		if !any {
			add(group[0])
		}
	})
	return set
}

// valueOf is something that a flag takes.
func valueOf(f *pflag.Flag, values map[string]string) string {
	switch v := f.Value.(type) {
	case choice:
		return v.of[0]
	case choices:
		return v.of[0]
	}
	switch f.Value.Type() {
	case "bool":
		return "true"
	case "int":
		return "7"
	case "duration":
		return "24h"
	}
	if v, known := values[f.Name]; known {
		return v
	}
	return "AAAA"
}

// unfit tells what of a request the schema does not have: fields of its query, and of what it is sent with.
func unfit(schema *ast.Schema, r *http.Request) []string {
	var request struct {
		Query     string
		Variables map[string]any
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		return []string{err.Error()}
	}
	document, errs := gqlparser.LoadQueryWithRules(schema, request.Query, nil)
	if errs != nil {
		return []string{errs.Error()}
	}
	found := []string{""}
	var check func(path string, typ *ast.Definition, value any)
	check = func(path string, typ *ast.Definition, value any) {
		switch v := value.(type) {
		case []any:
			for _, one := range v {
				check(path, typ, one)
			}
		case map[string]any:
			if typ.Kind != ast.InputObject {
				return // JSON
			}
			for name, below := range v {
				field := typ.Fields.ForName(name)
				if field == nil {
					found = append(found, filepath.Join(path, name)+" of "+typ.Name)
					continue
				}
				check(filepath.Join(path, name), schema.Types[field.Type.Name()], below)
			}
		}
	}
	declared := document.Operations[0].VariableDefinitions
	for name, value := range request.Variables {
		if v := declared.ForName(name); v == nil {
			found = append(found, "$"+name)
		} else {
			check(name, schema.Types[v.Type.Name()], value)
		}
	}
	return found
}
