package edv

import (
	"net/http"
	"slices"
	"sync"
)

// vault is one vault's documents. Documents in it are never changed, only replaced.
type vault struct {
	config config

	mu        sync.RWMutex
	documents map[string]versions
	order     []string             // ids in the order of insertion
	unique    map[uniqueKey]string // to the id of the document that has it
}

// versions are a document as it is and as it was before; before is nil at first.
type versions struct{ now, before *document }

type uniqueKey struct{ hmac, name, value string }

func newVault(c config) *vault {
	return &vault{config: c, documents: map[string]versions{}, unique: map[uniqueKey]string{}}
}

func (v *vault) insert(body []byte) (reply, error) {
	d, err := parseDocument(body)
	if err != nil {
		return reply{}, err
	}
	if *d.Sequence != 0 {
		return reply{}, bad("sequence: must be 0 for a new document")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if _, there := v.documents[d.ID]; there {
		return reply{}, refuse(http.StatusConflict, "duplicate document")
	}
	if len(v.documents) >= maxDocuments {
		return reply{}, refuse(http.StatusInsufficientStorage, "the vault is full")
	}
	if err := v.put(d); err != nil {
		return reply{}, err
	}
	v.order = append(v.order, d.ID)
	return reply{status: http.StatusCreated, location: v.config.ID + "/documents/" + d.ID}, nil
}

func (v *vault) update(id string, body []byte) (reply, error) {
	d, err := parseDocument(body)
	if err != nil {
		return reply{}, err
	}
	if d.ID != id {
		return reply{}, bad("id: is not the one in the URL")
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	stored, there := v.documents[id]
	if !there {
		return reply{}, refuse(http.StatusNotFound, "document not found")
	}
	if *d.Sequence != *stored.now.Sequence+1 {
		return reply{}, refuse(http.StatusConflict, "sequence does not follow the stored one")
	}
	if err := v.put(d); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

// index replaces a document's entry of one HMAC key. The entry must be for the document as it is stored.
func (v *vault) index(id string, body []byte) (reply, error) {
	var e entry
	if err := decode(body, &e); err != nil {
		return reply{}, err
	}
	if err := e.check(); err != nil {
		return reply{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	stored, there := v.documents[id]
	if !there {
		return reply{}, refuse(http.StatusNotFound, "document not found")
	}
	if *e.Sequence != *stored.now.Sequence {
		return reply{}, refuse(http.StatusConflict, "sequence is not the stored one")
	}
	d := *stored.now
	d.Indexed = slices.Clone(d.Indexed)
	i := slices.IndexFunc(d.Indexed, func(old entry) bool { return *old.HMAC == *e.HMAC })
	switch {
	case i >= 0:
		d.Indexed[i] = e
	case len(d.Indexed) < maxEntries:
		d.Indexed = append(d.Indexed, e)
	default:
		return reply{}, bad("indexed: too many entries")
	}
	if err := v.put(&d); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}

// put stores a document unless another one has one of its unique attributes. The caller holds the lock.
func (v *vault) put(d *document) error {
	wanted := d.uniqueKeys()
	for _, k := range wanted {
		if owner, taken := v.unique[k]; taken && owner != d.ID {
			return refuse(http.StatusConflict, "duplicate document")
		}
	}
	old := v.documents[d.ID].now
	if old != nil {
		for _, k := range old.uniqueKeys() {
			delete(v.unique, k)
		}
	}
	for _, k := range wanted {
		v.unique[k] = d.ID
	}
	v.documents[d.ID] = versions{now: d, before: old}
	return nil
}

func (d *document) uniqueKeys() (keys []uniqueKey) {
	for _, e := range d.Indexed {
		for _, a := range e.Attributes {
			if a.Unique {
				keys = append(keys, uniqueKey{e.HMAC.ID, a.Name, a.Value})
			}
		}
	}
	return keys
}

func (v *vault) get(id string, f Fault) (reply, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	d := f.document(v, id)
	if d == nil {
		return reply{}, refuse(http.StatusNotFound, "document not found")
	}
	return reply{status: http.StatusOK, body: d}, nil
}

func (v *vault) query(body []byte, f Fault) (reply, error) {
	q, err := parseQuery(body)
	if err != nil {
		return reply{}, err
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	limit := maxLimit
	if q.Limit != nil {
		limit = *q.Limit
	}
	answer := struct {
		HasMore   bool        `json:"hasMore"`
		Documents []*document `json:"documents"`
	}{Documents: []*document{}}
	count := 0
	for _, id := range v.order {
		if !v.documents[id].now.matches(q) {
			continue
		}
		count++
		if d := f.document(v, id); d != nil && len(answer.Documents) < limit {
			answer.Documents = append(answer.Documents, d)
		}
	}
	if q.Count {
		return reply{status: http.StatusOK, body: map[string]int{"count": count}}, nil
	}
	answer.HasMore = count > limit
	return reply{status: http.StatusOK, body: answer}, nil
}

// matches tells whether the document fulfils one of the alternatives, or has all of the attributes.
func (d *document) matches(q query) bool {
	for _, e := range d.Indexed {
		if e.HMAC.ID != q.Index {
			continue
		}
		if q.Has != nil {
			return !slices.ContainsFunc(q.Has, func(name string) bool { return !e.has(name, "") })
		}
		for _, alternative := range q.Equals {
			all := true
			for name, value := range alternative {
				all = all && e.has(name, value)
			}
			if all {
				return true
			}
		}
	}
	return false
}

// has tells whether the entry has the attribute with that value; value "" for any, as values are never empty.
func (e entry) has(name, value string) bool {
	return slices.ContainsFunc(e.Attributes, func(a attribute) bool {
		return a.Name == name && (value == "" || a.Value == value)
	})
}
