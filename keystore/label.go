package keystore

import (
	"cmp"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Bounds on what people call things, in characters.
const (
	maxName        = 128
	maxDescription = 1024
	maxTags        = 20
	maxTagName     = 64
	maxTagValue    = 256
)

// apply puts what the input says in the place of what is there.
func (l *Label) apply(in LabelInput) error {
	for _, t := range []struct {
		field string
		given *string
		is    *string
		max   int
	}{{"name", in.Name, &l.Name, maxName}, {"description", in.Description, &l.Description, maxDescription}} {
		if t.given == nil {
			continue
		}
		if err := checkText(t.field, *t.given, t.max); err != nil {
			return err
		}
		*t.is = *t.given
	}
	if in.Tags == nil {
		return nil
	}
	tags, err := checkTags(in.Tags)
	if err != nil {
		return err
	}
	l.Tags = tags
	return nil
}

func checkTags(given []Tag) ([]Tag, error) {
	if len(given) > maxTags {
		return nil, Errorf(BadUserInput, "tags: %d are more than %d", len(given), maxTags)
	}
	for i, t := range given {
		field := "tags[" + strconv.Itoa(i) + "]"
		if t.Name == "" {
			return nil, Errorf(BadUserInput, "%s.name: is empty", field)
		}
		if err := checkText(field+".name", t.Name, maxTagName); err != nil {
			return nil, err
		}
		if err := checkText(field+".value", t.Value, maxTagValue); err != nil {
			return nil, err
		}
	}
	tags := slices.Clone(given)
	slices.SortFunc(tags, func(a, b Tag) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(tags); i++ {
		if tags[i].Name == tags[i-1].Name {
			return nil, Errorf(BadUserInput, "tags: two have one name")
		}
	}
	return tags, nil
}

// checkText takes what every store keeps alike and no terminal obeys.
func checkText(field, s string, longest int) error {
	if !utf8.ValidString(s) {
		return Errorf(BadUserInput, "%s: is not UTF-8", field)
	}
	if n := utf8.RuneCountInString(s); n > longest {
		return Errorf(BadUserInput, "%s: has %d characters, more than %d", field, n, longest)
	}
	for _, c := range s {
		if unicode.IsControl(c) || unicode.In(c, unicode.Cf, unicode.Zl, unicode.Zp) && c != 0x200c && c != 0x200d { // the joiners are part of words
			return Errorf(BadUserInput, "%s: has a control or format character", field)
		}
	}
	return nil
}

func (l *Label) says() bool { return l.Name != "" || l.Description != "" || len(l.Tags) > 0 }

// fields is the label for a record's tag.
func (l *Label) fields() []string {
	fields := []string{l.Name, l.Description, strconv.Itoa(len(l.Tags))}
	for _, t := range l.Tags {
		fields = append(fields, t.Name, t.Value)
	}
	return fields
}

// optional is nil for no text.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
