package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/go-json-experiment/json"
	"gorm.io/gorm"

	"twolock/crypto/key"
	"twolock/keystore"
)

// fields are the columns of a row, read one after another. A row that somebody else wrote may hold anything: SQLite keeps a text in a column of
// numbers. It must not take the other rows of a listing with it, so that what cannot be read is noted here instead of being an error.
type fields struct {
	names  []string
	values []any
	at     int
	bad    string // the first column that cannot be read
}

// rows reads the rows of a query under the deadline of the caller or of the database, whichever is earlier.
func (db *DB) rows(ctx context.Context, what string, query func(tx *gorm.DB) *gorm.DB, each func(*fields)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	rows, err := query(db.reads.WithContext(ctx)).Rows()
	if err != nil {
		return explain(what, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return explain(what, err)
	}
	values := make([]any, len(names))
	targets := make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return explain(what, err)
		}
		each(&fields{names: names, values: values})
	}
	return explain(what, rows.Err())
}

func (f *fields) next() any {
	f.at++
	return f.values[f.at-1]
}

// spoil notes that the column read last cannot be read.
func (f *fields) spoil() {
	if f.bad == "" {
		f.bad = f.names[f.at-1]
	}
}

// field reads a column of a type; of another it is not.
func field[T any](f *fields) T {
	v, ok := f.next().(T)
	if !ok {
		f.spoil()
	}
	return v
}

// optional reads a column that may be NULL, which is the zero value.
func optional[T any](f *fields) T {
	if f.values[f.at] == nil {
		f.at++
		var none T
		return none
	}
	return field[T](f)
}

// number reads a column with the least value that makes sense.
func (f *fields) number(least int64) int {
	n := field[int64](f)
	if n < least || n > math.MaxInt32 {
		f.spoil()
	}
	return int(n)
}

func (f *fields) flag() bool {
	n := field[int64](f)
	if n != 0 && n != 1 {
		f.spoil()
	}
	return n == 1
}

func (f *fields) blob() []byte {
	b := field[[]byte](f)
	if len(b) == 0 {
		f.spoil()
	}
	return b
}

// moment reads a time that may be NULL.
func (f *fields) moment() time.Time {
	if f.values[f.at] == nil {
		f.at++
		return time.Time{}
	}
	return moment(field[int64](f))
}

// list reads a list kept as JSON; NULL is nil.
func list[T any](f *fields) []T {
	if f.values[f.at] == nil {
		f.at++
		return nil
	}
	all, err := unpack[T](field[string](f))
	if err != nil {
		f.spoil()
	}
	return all
}

// pack keeps a list as JSON. nil is NULL, which for some lists means all, and an empty one is not.
func pack[T any](all []T) (*string, error) {
	if all == nil {
		return nil, nil
	}
	text, err := json.Marshal(all)
	s := string(text)
	return &s, err
}

// unpack reads what pack wrote, and nothing else.
func unpack[T any](text string) ([]T, error) {
	var all []T
	err := json.Unmarshal([]byte(text), &all, json.RejectUnknownMembers(true))
	if err == nil && all == nil {
		err = errors.New("null is no list")
	}
	return all, err
}

const newestVersion = `LEFT JOIN key_versions v ON v.keystore_id = k.keystore_id AND v.key_id = k.id AND v.version = k.version`

// keyColumns are what fields.key reads, versionColumns what fields.version does, in that order.
const (
	keyColumns = `k.id, k.type, k.max_chain, k.public_only, k.exportable, k.request, k.created_at, k.revision, k.version, k.oldest, k.state, k.delete_at,
		k.name, k.description, k.tags, k.operations, k.algorithms, k.min_verify, k.min_decrypt, k.rotation_period, k.rotate_at, k.meta_tag, ` + versionColumns
	versionColumns = `v.version, v.public_key, v.sealed, v.request, v.tag, v.created_at`
)

// key reads a key with its newest version. One that cannot be read comes with Damage, with CreatedAt as far as it is known.
func (f *fields) key(store string) keystore.KeyRecord {
	r := keystore.KeyRecord{
		Keystore: store, ID: field[string](f), Type: key.Type(field[string](f)), MaxChain: f.number(0), PublicOnly: f.flag(), Exportable: f.flag(),
		Request: optional[[]byte](f), CreatedAt: f.creation(),
		KeyMeta: keystore.KeyMeta{
			Revision: field[int64](f), Newest: f.number(1), Oldest: f.number(1), State: keystore.KeyState(field[string](f)), DeleteAt: f.moment(),
			Label:      keystore.Label{Name: optional[string](f), Description: field[string](f), Tags: list[keystore.Tag](f)},
			Operations: list[key.Operation](f), Algorithms: list[key.Algorithm](f), MinVerify: f.number(0), MinDecrypt: f.number(0),
			RotationPeriod: time.Duration(f.number(0)) * time.Second, RotateAt: f.moment(), MetaTag: optional[[]byte](f),
		},
	}
	damage := ""
	switch missing := f.values[f.at] == nil; {
	case f.bad != "":
		damage = f.bad + " cannot be read"
	case checkState(r.State) != nil:
		damage = "state cannot be read"
	case missing:
		damage = fmt.Sprintf("version %d is missing", r.Newest)
	default:
		if r.KeyVersion = f.version(); f.bad != "" {
			damage = fmt.Sprintf("%s of version %d cannot be read", f.bad, r.Newest)
		}
	}
	if damage == "" {
		return r
	}
	return keystore.KeyRecord{Keystore: store, ID: r.ID, CreatedAt: r.CreatedAt, Damage: damage}
}

// tagged reads a key, and after it its place among the keys that have a tag.
func (f *fields) tagged(store string) keystore.KeyRecord {
	r := f.key(store)
	f.at = len(f.values) - 1 // key stops at what is missing
	at := f.creation()
	if !r.CreatedAt.Equal(at) {
		return keystore.KeyRecord{Keystore: store, ID: r.ID, CreatedAt: at, Damage: cmp.Or(r.Damage, "created_at is not where it is listed")}
	}
	return r
}

func (f *fields) version() keystore.KeyVersion {
	return keystore.KeyVersion{
		Version: f.number(1), PublicKey: optional[[]byte](f), Sealed: f.blob(), VersionRequest: optional[[]byte](f), Tag: f.blob(),
		VersionCreatedAt: moment(field[int64](f)),
	}
}

// creation reads when a key was made, which is its place in listings; zero where it has none. A fraction's is after it: a page must not begin again
// with the key that the last one ended with.
func (f *fields) creation() time.Time {
	if fraction, ok := f.values[f.at].(float64); ok {
		f.at++
		f.spoil()
		return moment(int64(math.Ceil(fraction)))
	}
	micros, ok := f.next().(int64)
	if !ok || micros < 0 || micros > lastMoment {
		f.spoil()
	}
	if !ok || micros > lastMoment {
		return time.Time{}
	}
	return moment(micros)
}
