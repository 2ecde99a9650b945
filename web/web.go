// Package web is the console: a static site, built from console/ and embedded, that calls the API as any other client does. There is
// no session, no cookie and no other way in behind it.
//
// It needs no Internet: all that it loads comes from the server, which may be on a network of its own. There is no service worker on purpose. It would
// show pages that can do nothing, for every one of them asks the server; it would keep yesterday's code in browsers after the server was mended, where
// an ETag asks anew each time; and code that once got into the site could stay in it for good.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// Committed as built, so that `go build` alone makes the whole program.
//
//go:generate npm --prefix .. run --silent build
//go:embed dist
var built embed.FS

// The console's pages and the server's routes are one list.
//
//go:embed console/routes.json
var routes []byte

// Policy is the Content-Security-Policy of all that is served: nothing inline, nothing of another origin, in no frame.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// ConsolePolicy is that of the console itself, where no text becomes markup or code either (Trusted Types). The explorer shows the schema's Markdown so.
const ConsolePolicy = Policy + "; require-trusted-types-for 'script'; trusted-types 'none'"

// Console returns what answers GET, by pattern of chi's: the pages, which are one document, and the files that it loads.
func Console() map[string]http.Handler {
	var pages map[string]string
	if err := json.Unmarshal(routes, &pages); err != nil {
		panic("web: console/routes.json: " + err.Error()) // it is embedded
	}
	handlers := map[string]http.Handler{}
	err := fs.WalkDir(built, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f := newFile(name)
		if name == "dist/index.html" {
			f.policy = ConsolePolicy
		}
		if page, ok := strings.CutSuffix(name, ".html"); !ok {
			handlers[strings.TrimPrefix(name, "dist")] = f
			return nil
		} else if page != "dist/index" { // a document of its own, such as the explorer
			handlers[strings.TrimPrefix(page, "dist")] = f
			return nil
		}
		for pattern := range maps.Values(pages) {
			handlers[pattern] = f
		}
		return nil
	})
	if err != nil {
		panic("web: " + err.Error())
	}
	return handlers
}

// Patterns returns the patterns of Console, sorted.
func Patterns() []string { return slices.Sorted(maps.Keys(Console())) }

// file answers with a file of the site, compressed where the client takes that.
type file struct {
	contentType string
	policy      string
	load        func() (plain, zipped encoded)
}

type encoded struct {
	data []byte
	etag string
}

// contentTypes are not the host's, which may lack some.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}

func newFile(name string) *file {
	return &file{contentTypes[path.Ext(name)], Policy, sync.OnceValues(func() (encoded, encoded) {
		plain, err := built.ReadFile(name)
		if err != nil {
			panic("web: " + err.Error()) // it was there before
		}
		sum := sha256.Sum256(plain)
		tag := base64.RawURLEncoding.EncodeToString(sum[:12])
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // fails for unknown levels only
		_, _ = z.Write(plain)
		_ = z.Close()
		return encoded{plain, `"` + tag + `"`}, encoded{b.Bytes(), `"` + tag + `-gzip"`}
	})}
}

func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	plain, zipped := f.load()
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Content-Security-Policy", f.policy)
	h.Set("Cache-Control", "no-cache") // names have no hash: kept, and asked for by its tag each time
	h.Add("Vary", "Accept-Encoding")
	e := plain
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		e = zipped
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", e.etag)
	r.Header.Del("Range") // parts of a file cost more than the file
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(e.data))
}

var home = newFile("dist/index.html")

// NotFound answers a browser at a path where nothing is, with status 404: the document says so, in words, and leads back.
func NotFound(w http.ResponseWriter) {
	plain, _ := home.load()
	h := w.Header()
	h.Set("Content-Type", home.contentType)
	h.Set("Content-Security-Policy", ConsolePolicy)
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write(plain.data)
}

// takesGzip reads an Accept-Encoding (RFC 9110 section 12.5.3). A client that takes any coding by * gets the plain bytes, which every client takes.
func takesGzip(accepted string) bool {
	for coding := range strings.SplitSeq(strings.ToLower(accepted), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.TrimSpace(name) == "gzip" {
			return strings.TrimRight(strings.ReplaceAll(weight, " ", ""), "0.") != "q="
		}
	}
	return false
}
