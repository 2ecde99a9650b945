// Package wycheproof reads the test vectors of C2SP's Wycheproof from the module cache, for tests. The module embeds them, which would put 107 MB into each test.
package wycheproof

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
)

const module = "github.com/c2sp/wycheproof"

// Hex is bytes, in hex in the files.
type Hex []byte

// UnmarshalText reads hex.
func (h *Hex) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// Result is what the file says of a case.
type Result string

// The results.
const (
	Valid      Result = "valid"
	Invalid    Result = "invalid"
	Acceptable Result = "acceptable" // a choice
)

// Case is what every test has. A type of tests embeds it.
type Case struct {
	ID      int      `json:"tcId"`
	Comment string   `json:"comment"`
	Flags   []string `json:"flags"`
	Result  Result   `json:"result"`
}

// Has tells whether the case has the flag.
func (c Case) Has(flag string) bool { return slices.Contains(c.Flags, flag) }

// Group is some tests of type T with what they have in common, G.
type Group[G, T any] struct {
	Common G
	Tests  []T
}

// UnmarshalJSON reads both from the one object that they are in the files.
func (g *Group[G, T]) UnmarshalJSON(b []byte) error {
	tests := struct{ Tests []T }{}
	if err := json.Unmarshal(b, &tests); err != nil {
		return err
	}
	g.Tests = tests.Tests
	return json.Unmarshal(b, &g.Common)
}

// Load reads a file, such as "ed25519": all its groups. An error also where it has not as many tests as it says.
func Load[G, T any](name string) ([]Group[G, T], error) {
	at, err := dir()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(at, "testvectors_v1", name+"_test.json"))
	if err != nil {
		return nil, err
	}
	var file struct {
		NumberOfTests int
		TestGroups    []Group[G, T]
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	n := 0
	for _, g := range file.TestGroups {
		n += len(g.Tests)
	}
	if n != file.NumberOfTests || n == 0 {
		return nil, fmt.Errorf("%s: has %d tests instead of %d", name, n, file.NumberOfTests)
	}
	return file.TestGroups, nil
}

// dir is the module's folder; it is fetched where it is not there yet.
var dir = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", module).Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", module, err)
	}
	var m struct{ Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", err
	}
	return m.Dir, nil
})
