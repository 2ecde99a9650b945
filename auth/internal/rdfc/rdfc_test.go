package rdfc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"twolock/auth/internal/rdfc"
)

var defaultGraph rdfc.Term

func ex(name string) rdfc.Term { return rdfc.IRI("http://example.com/#" + name) }

func canonical(t *testing.T, d *rdfc.Dataset) string {
	t.Helper()
	out, err := d.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// The Recommendation's example of blank nodes whose first degree hashes differ (appendix A.1).
func TestUniqueHashes(t *testing.T) {
	var d rdfc.Dataset
	e0, e1 := d.Blank(), d.Blank()
	d.Add(ex("p"), ex("q"), e0, defaultGraph)
	d.Add(ex("p"), ex("r"), e1, defaultGraph)
	d.Add(e0, ex("s"), ex("u"), defaultGraph)
	d.Add(e1, ex("t"), ex("u"), defaultGraph)
	const want = `<http://example.com/#p> <http://example.com/#q> _:c14n0 .
<http://example.com/#p> <http://example.com/#r> _:c14n1 .
_:c14n0 <http://example.com/#s> <http://example.com/#u> .
_:c14n1 <http://example.com/#t> <http://example.com/#u> .
`
	if got := canonical(t, &d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Its example of blank nodes that share hashes (appendix A.2).
func TestSharedHashes(t *testing.T) {
	var d rdfc.Dataset
	e0, e1, e2, e3 := d.Blank(), d.Blank(), d.Blank(), d.Blank()
	d.Add(ex("p"), ex("q"), e0, defaultGraph)
	d.Add(ex("p"), ex("q"), e1, defaultGraph)
	d.Add(e0, ex("p"), e2, defaultGraph)
	d.Add(e1, ex("p"), e3, defaultGraph)
	d.Add(e2, ex("r"), e3, defaultGraph)
	const want = `<http://example.com/#p> <http://example.com/#q> _:c14n2 .
<http://example.com/#p> <http://example.com/#q> _:c14n3 .
_:c14n0 <http://example.com/#r> _:c14n1 .
_:c14n2 <http://example.com/#p> _:c14n1 .
_:c14n3 <http://example.com/#p> _:c14n0 .
`
	if got := canonical(t, &d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Names and order do not matter: random datasets with many look-alikes, each written twice.
func TestIsomorphic(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		blanks, count := 2+random.IntN(6), 2+random.IntN(10)
		type edge struct{ s, p, o, g int }
		seen := map[edge]bool{}
		var edges []edge
		for range count {
			e := edge{random.IntN(blanks), random.IntN(2), random.IntN(blanks), random.IntN(blanks + 1)}
			if !seen[e] {
				seen[e] = true
				edges = append(edges, e)
			}
		}
		write := func(place, order []int) (string, error) {
			var d rdfc.Dataset
			nodes := make([]rdfc.Term, blanks)
			for i := range nodes {
				nodes[i] = d.Blank()
			}
			for _, i := range order {
				e := edges[i]
				graph := defaultGraph
				if e.g < blanks {
					graph = nodes[place[e.g]]
				}
				d.Add(nodes[place[e.s]], ex(fmt.Sprint(e.p)), nodes[place[e.o]], graph)
			}
			out, err := d.Canonical()
			return string(out), err
		}
		a, errA := write(random.Perm(blanks), random.Perm(len(edges)))
		b, errB := write(random.Perm(blanks), random.Perm(len(edges)))
		if errA != nil && errors.Is(errB, errA) {
			continue // too hard both times
		}
		if errA != nil || errB != nil || a != b {
			t.Fatalf("round %d: %v, %v\n%s\n%s", round, errA, errB, a, b)
		}
	}
}

// What cannot be told apart cheaply is refused in bounded time.
func TestTooHard(t *testing.T) {
	var d rdfc.Dataset
	nodes := make([]rdfc.Term, 12)
	for i := range nodes {
		nodes[i] = d.Blank()
	}
	for i, a := range nodes { // a complete graph: every node looks like every other
		for j, b := range nodes {
			if i != j {
				d.Add(a, ex("p"), b, defaultGraph)
			}
		}
	}
	start := time.Now()
	if _, err := d.Canonical(); !errors.Is(err, rdfc.ErrTooHard) {
		t.Errorf("got %v, want ErrTooHard", err)
	}
	if spent := time.Since(start); spent > 5*time.Second {
		t.Errorf("took %s", spent)
	}
}

func TestLiterals(t *testing.T) {
	for value, want := range map[string]string{
		`say "hi"\`:    `"say \"hi\"\\"`,
		"a\b\t\n\f\rb": `"a\b\t\n\f\rb"`,
		"\x00\x1f\x7f": `"\u0000\u001F\u007F"`,
		"grün, 日本, 🔑":  `"grün, 日本, 🔑"`,
	} {
		var d rdfc.Dataset
		d.Add(ex("s"), ex("p"), rdfc.Literal(value, ""), defaultGraph)
		if got, line := canonical(t, &d), "<http://example.com/#s> <http://example.com/#p> "+want+" .\n"; got != line {
			t.Errorf("%q: got %s want %s", value, got, line)
		}
	}
}

// Random datasets as rdf-canonize 5.0.0, the implementation that the ZCAP libraries use, canonicalizes them. A quad is [subject,
// predicate, object, graph]: numbers of blank nodes, of the predicate http://e/N; -1 stands for the literal "v" and the default graph.
func TestLikeRDFCanonize(t *testing.T) {
	data, err := os.ReadFile("testdata/rdf-canonize.json")
	if err != nil {
		t.Fatal(err)
	}
	var known []struct {
		Quads     [][4]int
		Canonical string
	}
	if err := json.Unmarshal(data, &known); err != nil {
		t.Fatal(err)
	}
	if len(known) != 100 {
		t.Fatalf("%d datasets, want 100", len(known))
	}
	for i, k := range known {
		var d rdfc.Dataset
		nodes := make([]rdfc.Term, 10)
		for n := range nodes {
			nodes[n] = d.Blank()
		}
		node := func(n int, otherwise rdfc.Term) rdfc.Term {
			if n < 0 {
				return otherwise
			}
			return nodes[n]
		}
		for _, q := range k.Quads {
			d.Add(nodes[q[0]], rdfc.IRI(fmt.Sprintf("http://e/%d", q[1])), node(q[2], rdfc.Literal("v", "")),
				node(q[3], defaultGraph))
		}
		if got := canonical(t, &d); got != k.Canonical {
			t.Errorf("dataset %d: got\n%s\nwant\n%s", i, got, k.Canonical)
		}
	}
}
