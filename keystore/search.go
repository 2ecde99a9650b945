package keystore

import (
	"context"
	"slices"
	"strings"
)

// A database reads one condition along an index. Of several, one is read so, and the others are asked of what is found, as the beginning of a name always
// is: at most so many keys are looked at for a page, however few pass, and the page may be short.
const (
	lookedAt     = 1000
	lookedAtOnce = 250
)

// search returns up to n keys that pass the filter, where it ended, for the next page, and whether there may be more.
func (g *ring) search(ctx context.Context, f KeyFilter, after Position, n int) (found []KeyRecord, end Position, more bool, err error) {
	first, size := f, n+1
	if (f.conditions() > 1 || f.NamePrefix != "") && g.record.Vault == nil { // a vault lists all there is, whatever is asked for
		first, size = f.leading(), max(size, lookedAtOnce)
	}
	end = after
	for looked := 0; looked < lookedAt; looked += size {
		records, err := g.list(ctx, first, end, size)
		if err != nil {
			return nil, after, false, err
		}
		for i := range records {
			r := &records[i]
			if r.Damage == "" && !f.passes(r) {
				end = Position{r.CreatedAt, r.ID}
				continue
			}
			if len(found) == n {
				return found, end, true, nil
			}
			found = append(found, *r)
			end = Position{r.CreatedAt, r.ID}
		}
		if len(records) < size {
			return found, end, false, nil
		}
	}
	return found, end, true, nil
}

func (f *KeyFilter) conditions() (n int) {
	for _, is := range []bool{f.Type != "", f.State != "", f.Tag != nil} {
		if is {
			n++
		}
	}
	return n
}

// leading is the condition that is likely to narrow most.
func (f *KeyFilter) leading() KeyFilter {
	switch {
	case f.Tag != nil:
		return KeyFilter{Tag: f.Tag}
	case f.State != "" && f.State != KeyEnabled:
		return KeyFilter{State: f.State}
	}
	return KeyFilter{Type: f.Type}
}

func (f *KeyFilter) passes(r *KeyRecord) bool {
	return strings.HasPrefix(r.Name, f.NamePrefix) && (f.Type == "" || r.Type == f.Type) && (f.State == "" || stateOf(r.State, r.DeleteAt) == f.State) && (f.Tag == nil || slices.Contains(r.Tags, *f.Tag))
}
