package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"twolock/crypto/key"
)

func required(c *cobra.Command, flags ...string) {
	for _, f := range flags {
		if err := c.MarkFlagRequired(f); err != nil {
			panic(err)
		}
		c.Flags().Lookup(f).Usage += "; required"
	}
}

// text adds a flag whose text fills a field.
func (f *form) text(flag, field, help string) {
	v := f.Flags().String(flag, "", help)
	f.put(flag, field, func() (any, error) { return *v, nil })
}

// bytes adds a flag whose text fills a field of Bytes.
func (f *form) bytes(flag, field, help string) {
	v := f.Flags().String(flag, "", help)
	f.put(flag, field, func() (any, error) { return encoding.EncodeToString([]byte(*v)), nil })
}

func (f *form) number(flag, field, help string) {
	v := f.Flags().Int(flag, 0, help)
	f.put(flag, field, func() (any, error) { return *v, nil })
}

// yes adds a flag without a value; given, it fills a field with this one.
func (f *form) yes(flag, field string, value any, help string) {
	v := f.Flags().Bool(flag, false, help)
	f.from[field] = "--" + flag
	f.fill(func(in map[string]any) error {
		if *v {
			in[field] = value
		}
		return nil
	})
}

// seconds adds a flag for a time, such as 24h, that fills a field with its seconds.
func (f *form) seconds(flag, field, help string) {
	v := f.Flags().Duration(flag, 0, help)
	f.put(flag, field, func() (any, error) {
		if *v%time.Second != 0 {
			return nil, &usageError{fmt.Errorf("%s is not in whole seconds", *v)}
		}
		return int64(*v / time.Second), nil
	})
}

// choice is the value of a flag that takes one of a few words, in either case, with or without _ and -.
type choice struct {
	is *string
	of []string
}

func (c choice) String() string {
	if c.is == nil {
		return ""
	}
	return *c.is
}
func (c choice) Type() string           { return "name" }
func (c choice) Set(given string) error { return choose(given, c.of, func(s string) { *c.is = s }) }

// choices is that of a flag that can be repeated.
type choices struct {
	are *[]string
	of  []string
}

func (c choices) String() string { return "" }
func (c choices) Type() string   { return "name" }
func (c choices) Set(given string) error {
	return choose(given, c.of, func(s string) { *c.are = append(*c.are, s) })
}

func choose(given string, of []string, take func(string)) error {
	plain := strings.NewReplacer("-", "", "_", "")
	for _, one := range of {
		if strings.EqualFold(plain.Replace(given), plain.Replace(one)) {
			take(one)
			return nil
		}
	}
	return fmt.Errorf("is not one of %s%s", strings.Join(of, ", "), nearest(given, of))
}

func choiceFlag[T ~string](c *cobra.Command, flag, start string, of []T, help string) *string {
	words := words(of)
	c.Flags().Var(choice{&start, words}, flag, help)
	completes(c, flag, words)
	return &start
}

func completes(c *cobra.Command, flag string, words []string) {
	if err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

func words[T ~string](of []T) []string {
	w := make([]string, len(of))
	for i, one := range of {
		w[i] = string(one)
	}
	return w
}

// oneOf adds a flag that fills a field with one of a few words.
func oneOf[T ~string](f *form, flag, field string, of []T, help string) {
	v := choiceFlag(f.Command, flag, "", of, help)
	f.put(flag, field, func() (any, error) { return *v, nil })
}

// someOf adds a flag that can be repeated.
func someOf[T ~string](f *form, flag, field string, of []T, help string) {
	are := choicesFlag(f.Command, flag, of, help)
	f.put(flag, field, func() (any, error) { return *are, nil })
}

func choicesFlag[T ~string](c *cobra.Command, flag string, of []T, help string) *[]string {
	are, words := []string{}, words(of)
	c.Flags().Var(choices{&are, words}, flag, help+"; repeatable")
	completes(c, flag, words)
	return &are
}

// label adds what things are called, and found by.
func (f *form) label() {
	f.text("name", "name", "what to call it")
	f.text("description", "description", "what it is for")
	tags := f.Flags().StringArray("tag", nil, "NAME=VALUE to find it by; repeatable; an empty one for no tags")
	f.put("tag", "tags", func() (any, error) {
		if len(*tags) == 1 && (*tags)[0] == "" {
			return []string{}, nil
		}
		all := []map[string]string{}
		for _, t := range *tags {
			tag, err := parseTag(t)
			if err != nil {
				return nil, err
			}
			all = append(all, tag)
		}
		return all, nil
	})
}

func parseTag(t string) (map[string]string, error) {
	name, value, _ := strings.Cut(t, "=")
	if name == "" {
		return nil, &usageError{fmt.Errorf("%q is not NAME=VALUE", t)}
	}
	return map[string]string{"name": name, "value": value}, nil
}

// restrictions adds what a key may be used for.
func (f *form) restrictions(help string) {
	someOf(f, "operation", "operations", key.Operations(), "operation that it may be used for"+help)
	someOf(f, "algorithm", "algorithms", key.Algorithms(), "algorithm that it may be used with"+help)
}

func (f *form) shares() {
	var paths []string
	shareFlag(f.Command, &paths)
	f.from["secretShares"] = "--share"
	f.fill(func(in map[string]any) error { return addShares(in, paths) })
}

func (f *form) idempotency() {
	f.text("idempotency-key", "idempotencyKey", "any text; retrying with the same text makes nothing twice")
}

// file adds a flag that names a file, what is made of which fills a field.
func (f *form) file(flag, field, help string, of func(b []byte) (any, error)) {
	path := f.Flags().String(flag, "", help)
	f.put(flag, field, func() (any, error) {
		b, err := readFile(*path)
		if err != nil {
			return nil, err
		}
		v, err := of(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", *path, err)
		}
		return v, nil
	})
}

func asBytes(b []byte) (any, error) { return encoding.EncodeToString(b), nil }

func asText(b []byte) (any, error) { return strings.TrimSpace(string(b)), nil }

func asJWK(b []byte) (any, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b, &object); err != nil || object == nil {
		return nil, errors.New("is not a JWK: a JSON object")
	}
	return json.RawMessage(b), nil
}

func asCapability(what string, path *string) func() (any, error) {
	return func() (any, error) {
		c, err := readCapability(what, *path)
		if err != nil {
			return nil, err
		}
		return json.RawMessage(c.JSON()), nil
	}
}
