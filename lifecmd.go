package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// living is what comes back of a key or keystore whose state changes.
type living struct{ State, DeletesAt string }

// lived is the answer. Of a key whose record is damaged it has only when that ends.
type lived struct {
	Key, Keystore living
	DeletesAt     string
}

func (a *lived) of(noun string) living {
	l := map[string]living{"key": a.Key, "keystore": a.Keystore}[noun]
	return living{cmp.Or(l.State, "DAMAGED"), cmp.Or(l.DeletesAt, a.DeletesAt)}
}

// life returns the commands that keys and keystores have in common: whether they may be used, and when they end. lost is what cannot be done when
// they are gone.
func (p *program) life(noun, what, lost string) []*cobra.Command {
	title := strings.ToUpper(noun[:1]) + noun[1:]
	change := func(use, short, field string, print func(url string, a living) error, more func(f *form)) *cobra.Command {
		f := p.form(use+" URL", short)
		f.argument(noun)
		if more != nil {
			more(f)
		}
		selection := noun + " { state deletesAt }"
		if field == "deleteKey" {
			selection += " deletesAt"
		}
		return sends(f, uses(field, selection), func(a *lived) error { return print(f.url, a.of(noun)) })
	}
	state := func(_ string, a living) error { return p.line(a.State) }
	deletes := func(url string, a living) error {
		fmt.Fprintf(p.stderr, "At %s %s will be gone for good: %s. It cannot be used until then, and until then this keeps it: twolock %s cancel-deletion %s\n",
			a.DeletesAt, what, lost, noun, url)
		return p.line(a.DeletesAt)
	}
	return []*cobra.Command{
		change("enable", "Let "+what+" be used again; print the state", "enable"+title, state, nil),
		change("disable", "Forbid the use of "+what+" until it is enabled; print the state", "disable"+title, state, nil),
		change("delete", "Delete "+what+" after a waiting period; print when. Until then it is unusable, and cancel-deletion keeps it",
			"delete"+title, deletes, func(f *form) { f.number("window-days", "windowDays", "days until then, 7 to 30 (default: 30)") }),
		change("cancel-deletion", "Keep "+what+", as it was before delete; print the state", "cancel"+title+"Deletion", state, nil),
	}
}
