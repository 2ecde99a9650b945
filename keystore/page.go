package keystore

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const maxPage = 100

// pageOf reads the arguments of a listing whose cursors hold ids that isOne knows.
func pageOf(first *int, after *string, isOne func(id string) bool) (n int, from Position, err error) {
	if n, err = pageSize(first); err != nil || after == nil {
		return n, Position{}, err
	}
	from, ok := parseCursor(*after)
	if !ok || !isOne(from.ID) {
		return 0, Position{}, errCursor
	}
	return n, from, nil
}

var errCursor = Errorf(BadUserInput, "after: is not a cursor of this listing")

func pageSize(first *int) (int, error) {
	n := 50
	if first != nil {
		n = *first
	}
	if n < 1 || n > maxPage {
		return 0, Errorf(BadUserInput, "first: is %d instead of 1 to %d", n, maxPage)
	}
	return n, nil
}

// versionPage reads the arguments of a listing of versions, whose cursors are a version. below is 0 for the first page.
func versionPage(first *int, after *string) (n, below int, err error) {
	if n, err = pageSize(first); err != nil || after == nil {
		return n, 0, err
	}
	b, err := base64.RawURLEncoding.DecodeString(*after)
	if err != nil {
		return 0, 0, errCursor
	}
	if below, err = strconv.Atoi(string(b)); err != nil || below < 1 {
		return 0, 0, errCursor
	}
	return n, below, nil
}

func versionCursor(version int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(version)))
}

func pageInfo[E any](edges []E, cursorOf func(E) *string, hasPrevious, hasNext bool) *PageInfo {
	p := &PageInfo{HasPreviousPage: hasPrevious, HasNextPage: hasNext}
	if len(edges) > 0 {
		p.StartCursor, p.EndCursor = cursorOf(edges[0]), cursorOf(edges[len(edges)-1])
	}
	return p
}

// A cursor is opaque to clients: base64url of the position, microseconds and id.
func cursor(p Position) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.CreatedAt.UnixMicro(), 10) + "," + p.ID))
}

const maxCursor = 1024

func parseCursor(c string) (Position, bool) {
	if len(c) > maxCursor {
		return Position{}, false
	}
	b, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil {
		return Position{}, false
	}
	at, id, _ := strings.Cut(string(b), ",")
	micros, err := strconv.ParseInt(at, 10, 64)
	return Position{time.UnixMicro(micros).UTC(), id}, err == nil
}

// keystoreCursor is the cursor of a listing of keystores: as other cursors in one by age; in one by name an n, the id and the name.
func keystoreCursor(p KeystorePosition) string {
	if p.Name == "" {
		return cursor(Position{p.CreatedAt, p.ID})
	}
	return base64.RawURLEncoding.EncodeToString([]byte("n" + p.ID + "," + p.Name))
}

// keystorePosition reads the cursor of a listing of keystores; zero without one.
func keystorePosition(after *string, byName bool) (KeystorePosition, error) {
	if after == nil {
		return KeystorePosition{}, nil
	}
	if !byName {
		p, ok := parseCursor(*after)
		if !ok || !isID(p.ID) {
			return KeystorePosition{}, errCursor
		}
		return KeystorePosition{CreatedAt: p.CreatedAt, ID: p.ID}, nil
	}
	if len(*after) > maxCursor {
		return KeystorePosition{}, errCursor
	}
	b, err := base64.RawURLEncoding.DecodeString(*after)
	text, ok := strings.CutPrefix(string(b), "n")
	id, name, _ := strings.Cut(text, ",")
	if err != nil || !ok || !isID(id) || name == "" || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return KeystorePosition{}, errCursor
	}
	return KeystorePosition{Name: name, ID: id}, nil
}
