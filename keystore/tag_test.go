package keystore_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"twolock/keystore"
	"twolock/storage/storagetest"
)

// Whoever writes to the database can change no field that is not in a tag: every field of a record is, but those named here, which defend themselves or
// are not kept. A vault's capability and its expiry are among them: with others, documents would go where somebody else can read.
func TestEveryFieldIsInTheTag(t *testing.T) {
	s, _ := open(t)
	r := storagetest.Record()
	r.Vault = storagetest.VaultRecord(time.Now().UTC())
	r.Name, r.Tags = "name", []keystore.Tag{{Name: "a", Value: "b"}}
	everyField(t, "Record", &r, func() [][]byte { return [][]byte{s.RecordTag(r)} }, map[string]bool{
		".Revision": true, // checked by the update itself
		".Sealed":   true, // authenticated encryption
		".Verifier": true, // of a share that is not the right one nothing opens
		".Tag":      true, ".Damage": true,
	})
	k := storagetest.KeyRecord(r.ID)
	k.Name, k.Tags = "name", []keystore.Tag{{Name: "a", Value: "b"}}
	everyField(t, "KeyRecord", &k, func() [][]byte { m, v := s.KeyTags(k); return [][]byte{m, v} }, map[string]bool{
		".KeyMeta.Attended": true, // of a write
		".KeyMeta.MetaTag":  true, ".KeyVersion.Messages": true, ".KeyVersion.Tag": true, ".Damage": true,
	})
}

// everyField changes each field in turn and wants one of the tags to be another for it.
func everyField(t *testing.T, what string, record any, tags func() [][]byte, but map[string]bool) {
	t.Helper()
	before, checked := tags(), 0
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		if but[path] {
			return
		}
		if at, ok := v.Interface().(time.Time); ok {
			defer v.Set(reflect.ValueOf(at))
			v.Set(reflect.ValueOf(at.Add(time.Microsecond)))
		} else {
			switch v.Kind() {
			case reflect.Struct:
				for i := range v.NumField() {
					walk(path+"."+v.Type().Field(i).Name, v.Field(i))
				}
				return
			case reflect.Pointer:
				walk(path, v.Elem())
			case reflect.Slice:
				if v.Len() > 0 && v.Index(0).Kind() == reflect.Struct {
					walk(path, v.Index(0))
				}
			}
			old := reflect.New(v.Type()).Elem()
			old.Set(v)
			defer v.Set(old)
			change(t, path, v)
		}
		checked++
		for i, tag := range tags() {
			if !bytes.Equal(tag, before[i]) {
				return
			}
		}
		t.Errorf("%s%s is in no tag", what, path)
	}
	walk("", reflect.ValueOf(record).Elem())
	if checked < 15 {
		t.Errorf("%s: only %d fields", what, checked)
	}
}

func change(t *testing.T, path string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + "x")
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + int64(time.Second)) // a duration is kept in whole ones
	case reflect.Pointer:
		v.SetZero()
	case reflect.Slice:
		v.Set(reflect.Append(v.Slice3(0, v.Len(), v.Len()), reflect.New(v.Type().Elem()).Elem()))
	default:
		t.Fatalf("%s: this test does not know how to change a %s; teach it", path, v.Type())
	}
}
