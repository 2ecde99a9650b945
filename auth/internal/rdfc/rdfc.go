// Package rdfc canonicalizes RDF datasets: W3C Recommendation "RDF Dataset Canonicalization", RDFC-1.0 with SHA-256.
//
// Two datasets that differ only in the names of their blank nodes and the order of their quads get the same bytes. Some small
// datasets need exponential time for that; this package stops at a fixed amount of work with ErrTooHard.
//
// The algorithm itself leaves a few contrived datasets open, where two blank nodes name graphs that hold each other: their bytes
// depend on the order of the quads, here as in other implementations. Whoever signs shows that theirs are not of that kind; package
// auth does, in its tests.
package rdfc

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
)

// ErrTooHard: the dataset's blank nodes are too alike to be told apart with the work allowed.
var ErrTooHard = errors.New("rdfc: too much work to canonicalize")

// maxWork bounds the orders of look-alike blank nodes that are tried. A chain of ten capabilities needs 81.
const maxWork = 1024

// Term is a subject, predicate, object or graph name. The zero Term is the default graph.
type Term struct {
	text  string // as N-Quads writes it; empty for a blank node
	blank int    // the blank node's number from 1; 0 for anything else
}

// IRI makes a term of an absolute IRI whose characters need no escaping in N-Quads.
func IRI(iri string) Term { return Term{text: "<" + iri + ">"} }

// Literal makes a term of a string; datatype is an IRI as for IRI, or empty for xsd:string.
func Literal(value, datatype string) Term {
	b := make([]byte, 0, len(value)+len(datatype)+6)
	b = append(appendEscaped(append(b, '"'), value), '"')
	if datatype != "" {
		b = append(append(append(b, "^^<"...), datatype...), '>')
	}
	return Term{text: string(b)}
}

// appendEscaped escapes as RDFC-1.0 section 5 (canonical N-Quads) demands.
func appendEscaped(b []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		switch c := s[i]; c {
		case '\b':
			b = append(b, `\b`...)
		case '\t':
			b = append(b, `\t`...)
		case '\n':
			b = append(b, `\n`...)
		case '\f':
			b = append(b, `\f`...)
		case '\r':
			b = append(b, `\r`...)
		case '"', '\\':
			b = append(b, '\\', c)
		default:
			if c < ' ' || c == 0x7f {
				b = append(b, `\u00`...)
				b = append(b, digits[c>>4], digits[c&15])
			} else {
				b = append(b, c)
			}
		}
	}
	return b
}

// Dataset is a set of quads under construction. The zero Dataset is empty and ready. Not safe for concurrent use.
type Dataset struct {
	quads  []quad
	blanks int
}

type quad [4]Term // subject, object, graph, predicate: the first three can be blank nodes

// Blank makes a new blank node.
func (d *Dataset) Blank() Term {
	d.blanks++
	return Term{blank: d.blanks}
}

// Add adds a quad. The caller does not add the same quad twice. The predicate is an IRI.
func (d *Dataset) Add(subject, predicate, object, graph Term) {
	d.quads = append(d.quads, quad{subject, object, graph, predicate})
}

// Canonical returns the canonical N-Quads document: sorted lines, each with its end of line.
func (d *Dataset) Canonical() ([]byte, error) {
	c := canonicalizer{
		quads:  d.quads,
		of:     make([][]int32, d.blanks+1),
		first:  make([]string, d.blanks+1),
		labels: make([]string, d.blanks+1),
		work:   maxWork,
	}
	if d.blanks > 0 {
		if err := c.label(); err != nil {
			return nil, err
		}
	}
	return c.serialize(), nil
}

// canonicalizer is the canonicalization state (section 4.2).
type canonicalizer struct {
	quads  []quad
	of     [][]int32 // blank node to its quads
	first  []string  // blank node to its first degree hash
	labels []string  // blank node to its canonical identifier, with "_:"; empty: none yet
	issued int
	work   int
	buf    []byte
}

// label gives every blank node its canonical identifier (section 4.4.3, steps 2 to 5).
func (c *canonicalizer) label() error {
	for i, q := range c.quads {
		for _, t := range q[:3] {
			if n := t.blank; n != 0 && (len(c.of[n]) == 0 || c.of[n][len(c.of[n])-1] != int32(i)) {
				c.of[n] = append(c.of[n], int32(i))
			}
		}
	}
	order := make([]int, 0, len(c.of)-1)
	for n := 1; n < len(c.of); n++ {
		if len(c.of[n]) > 0 { // else no quad has it, and the dataset has not either
			order = append(order, n)
			c.first[n] = c.hashFirstDegree(n)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(c.first[a], c.first[b]) })

	var alike [][]int
	for i := 0; i < len(order); {
		j := i + 1
		for j < len(order) && c.first[order[j]] == c.first[order[i]] {
			j++
		}
		if j == i+1 {
			c.issue(order[i])
		} else {
			alike = append(alike, order[i:j])
		}
		i = j
	}
	for _, group := range alike {
		type result struct {
			hash   string
			issuer issuer
		}
		var results []result
		for _, n := range group {
			if c.labels[n] != "" {
				continue
			}
			var temporary issuer
			temporary.issue(n)
			hash, after, err := c.hashNDegree(n, temporary)
			if err != nil {
				return err
			}
			results = append(results, result{hash, after})
		}
		slices.SortStableFunc(results, func(a, b result) int { return cmp.Compare(a.hash, b.hash) })
		for _, r := range results {
			for _, n := range r.issuer {
				c.issue(n)
			}
		}
	}
	return nil
}

func (c *canonicalizer) issue(n int) {
	if c.labels[n] == "" {
		c.labels[n] = "_:c14n" + strconv.Itoa(c.issued)
		c.issued++
	}
}

// hashFirstDegree is section 4.6.
func (c *canonicalizer) hashFirstDegree(n int) string {
	c.buf = c.buf[:0]
	var lines [16]span
	found := lines[:0]
	for _, i := range c.of[n] {
		from := len(c.buf)
		c.buf = appendQuad(c.buf, &c.quads[i], func(b []byte, other int) []byte {
			if other == n {
				return append(b, "_:a"...)
			}
			return append(b, "_:z"...)
		})
		found = append(found, span{from, len(c.buf)})
	}
	c.sortLines(found)
	h := sha256.New()
	for _, s := range found {
		h.Write(c.buf[s.from:s.to])
	}
	return sum(h.Sum(nil))
}

// issuer gives out temporary identifiers (section 4.5): a blank node's is "_:b" and its place in the list.
type issuer []int

func (s *issuer) issue(n int) int {
	if i := slices.Index(*s, n); i >= 0 {
		return i
	}
	*s = append(*s, n)
	return len(*s) - 1
}

func appendTemporary(b []byte, i int) []byte {
	return strconv.AppendInt(append(b, "_:b"...), int64(i), 10)
}

// hashRelated is section 4.7. position is 's', 'o' or 'g'.
func (c *canonicalizer) hashRelated(related int, predicate string, known issuer, position byte) string {
	var room [256]byte
	b := append(room[:0], position)
	if position != 'g' {
		b = append(b, predicate...) // in angle brackets already
	}
	if label := c.labels[related]; label != "" {
		b = append(b, label...)
	} else if i := slices.Index(known, related); i >= 0 {
		b = appendTemporary(b, i)
	} else {
		b = append(b, c.first[related]...)
	}
	h := sha256.Sum256(b)
	return sum(h[:])
}

type related struct {
	hash string
	node int
}

// hashNDegree is section 4.8. It does not change known.
func (c *canonicalizer) hashNDegree(n int, known issuer) (string, issuer, error) {
	var near []related
	for _, i := range c.of[n] {
		q := &c.quads[i]
		for place, t := range q[:3] {
			if t.blank != 0 && t.blank != n {
				near = append(near, related{c.hashRelated(t.blank, q[3].text, known, "sog"[place]), t.blank})
			}
		}
	}
	slices.SortFunc(near, func(a, b related) int {
		if d := cmp.Compare(a.hash, b.hash); d != 0 {
			return d
		}
		return a.node - b.node // so that permute can leave out repetitions
	})

	var data []byte
	for i := 0; i < len(near); {
		j := i
		var group []int
		for ; j < len(near) && near[j].hash == near[i].hash; j++ {
			group = append(group, near[j].node)
		}
		path, after, err := c.bestPath(group, known)
		if err != nil {
			return "", nil, err
		}
		data = append(append(data, near[i].hash...), path...)
		known = after
		i = j
	}
	h := sha256.Sum256(data)
	return sum(h[:]), known, nil
}

// bestPath tries the orders in which the group's nodes can be visited and returns the least path (section 4.8, step 5.4). Orders
// that look the same, because a node stands in the group twice, are tried once.
func (c *canonicalizer) bestPath(group []int, known issuer) (chosen []byte, after issuer, err error) {
	for {
		if c.work--; c.work < 0 { // every deeper call comes through here
			return nil, nil, ErrTooHard
		}
		path, reached, err := c.path(group, known, chosen)
		if err != nil {
			return nil, nil, err
		}
		if path != nil && (chosen == nil || string(path) < string(chosen)) {
			chosen, after = path, reached
		}
		if !permute(group) {
			return chosen, after, nil
		}
	}
}

// path is one order's path; nil once it is longer and greater than the best so far.
func (c *canonicalizer) path(order []int, known issuer, best []byte) ([]byte, issuer, error) {
	reached := slices.Clone(known)
	path := make([]byte, 0, 128)
	worse := func() bool { return best != nil && len(path) >= len(best) && string(path) > string(best) }
	var visit []int
	for _, n := range order {
		if label := c.labels[n]; label != "" {
			path = append(path, label...)
		} else {
			before := len(reached)
			i := reached.issue(n)
			if i == before {
				visit = append(visit, n)
			}
			path = appendTemporary(path, i)
		}
		if worse() {
			return nil, nil, nil
		}
	}
	for _, n := range visit {
		hash, after, err := c.hashNDegree(n, reached)
		if err != nil {
			return nil, nil, err
		}
		path = appendTemporary(path, reached.issue(n))
		path = append(append(append(path, '<'), hash...), '>')
		reached = after
		if worse() {
			return nil, nil, nil
		}
	}
	return path, reached, nil
}

// permute makes s its next permutation in lexical order; false when it was the last.
func permute(s []int) bool {
	i := len(s) - 2
	for i >= 0 && s[i] >= s[i+1] {
		i--
	}
	if i < 0 {
		return false
	}
	j := len(s) - 1
	for s[j] <= s[i] {
		j--
	}
	s[i], s[j] = s[j], s[i]
	slices.Reverse(s[i+1:])
	return true
}

// serialize is section 4.4.3, steps 6 and 7, and section 5.
func (c *canonicalizer) serialize() []byte {
	c.buf = c.buf[:0]
	lines := make([]span, 0, len(c.quads))
	for i := range c.quads {
		from := len(c.buf)
		c.buf = appendQuad(c.buf, &c.quads[i], func(b []byte, n int) []byte { return append(b, c.labels[n]...) })
		lines = append(lines, span{from, len(c.buf)})
	}
	c.sortLines(lines)
	out := make([]byte, 0, len(c.buf))
	for _, s := range lines {
		out = append(out, c.buf[s.from:s.to]...)
	}
	return out
}

// span is a line in the buffer.
type span struct{ from, to int }

// sortLines sorts by code point, which for UTF-8 is by byte.
func (c *canonicalizer) sortLines(lines []span) {
	slices.SortFunc(lines, func(a, b span) int { return bytes.Compare(c.buf[a.from:a.to], c.buf[b.from:b.to]) })
}

func appendQuad(b []byte, q *quad, label func([]byte, int) []byte) []byte {
	for _, t := range [...]*Term{&q[0], &q[3], &q[1], &q[2]} {
		if t.blank != 0 {
			b = append(label(b, t.blank), ' ')
		} else if t.text != "" {
			b = append(append(b, t.text...), ' ')
		}
	}
	return append(b, ".\n"...)
}

func sum(digest []byte) string { return hex.EncodeToString(digest) }
