package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"twolock/client"
)

// mistyped says what is wrong with a flag.
func mistyped(c *cobra.Command, err error) error {
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return fmt.Errorf("--%s: %s", bad.GetFlag().Name, wrongValue(bad.GetFlag(), bad.GetValue(), bad.Unwrap()))
	}
	if bad, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("--%s: needs a value", bad.GetFlag().Name)
	}
	if bad, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var flags []string
		c.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, "--"+f.Name) })
		given := "--" + bad.GetSpecifiedName()
		if short := bad.GetSpecifiedShortnames(); short != "" {
			given = "-" + short
		}
		return fmt.Errorf("there is no %s%s", given, nearest(given, flags))
	}
	return err
}

// wrongValue says why a flag, or its variable, does not take a value.
func wrongValue(f *pflag.Flag, value string, cause error) string {
	is := map[string]string{"int": "is not a whole number", "duration": "is not a time such as 90s, 15m or 720h", "bool": "is neither true nor false"}[f.Value.Type()]
	switch {
	case is == "":
		is = cause.Error()
	case errors.Is(cause, strconv.ErrRange):
		is = "is too large"
	}
	return fmt.Sprintf("%q %s", value, is)
}

// missing says which flags, that must be given, are not.
func missing(c *cobra.Command) error {
	var all []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Annotations[cobra.BashCompOneRequiredFlag] != nil && !f.Changed {
			all = append(all, "--"+f.Name)
		}
	})
	if len(all) == 0 {
		return nil
	}
	return fmt.Errorf("needs %s", strings.Join(all, " and "))
}

// nearest asks whether a word that is close was meant, if any of them is.
func nearest(given string, of []string) string {
	c := &cobra.Command{SuggestionsMinimumDistance: 2}
	for _, word := range of {
		c.AddCommand(&cobra.Command{Use: word, Run: func(*cobra.Command, []string) {}})
	}
	return orMeant(c.SuggestionsFor(given))
}

func orMeant(words []string) string {
	if len(words) == 0 || len(words) > 3 { // then it is no guess
		return ""
	}
	return "; did you mean " + strings.Join(words, " or ") + "?"
}

// typed is what is typed for a field that an error may name: a flag, or URL.
type typed map[string]string

// explain says of a server's errors which flags they are about.
func (t typed) explain(err error) error {
	errs, ok := errors.AsType[client.Errors](err)
	if !ok {
		return err
	}
	errs = slices.Clone(errs)
	for i := range errs {
		errs[i].Message = t.inFlags(errs[i].Message)
	}
	return errs
}

// inFlags says in an error, such as "tags[0].name: is empty", which flags it is about.
func (t typed) inFlags(message string) string {
	about, what, ok := strings.Cut(message, ": ")
	if !ok {
		return message
	}
	fields := strings.Split(about, ", ")
	for i := range fields {
		fields[i] = t.inFlag(fields[i])
	}
	return strings.Join(fields, ", ") + ": " + what
}

// index is a place in a list.
var index = regexp.MustCompile(`\[\d+\]`)

func (t typed) inFlag(field string) string {
	whole := index.ReplaceAllString(field, "")
	for t[whole] == "" {
		dot := strings.LastIndexByte(whole, '.')
		if dot < 0 {
			return field
		}
		whole = whole[:dot]
	}
	if flag := t[whole]; flag != "--"+field {
		return flag + " (" + field + ")"
	}
	return "--" + field
}
