package server_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"twolock/server/servertest"
	"twolock/web"
)

func get(s *servertest.Server, path string, header http.Header) *servertest.Answer {
	r := s.Request(s.URL+path, nil)
	r.Method, r.Header = http.MethodGet, http.Header{"Accept-Encoding": {"identity"}} // or the transport asks for gzip by itself
	maps.Copy(r.Header, header)
	return s.Send(r)
}

// The console's pages are one document, at paths that POST has for itself: who opens the URL of a keystore in a browser sees it in the console, and
// learns nothing of whether it is there.
func TestConsolePages(t *testing.T) {
	s := servertest.Start(t)
	keystore := strings.TrimPrefix(s.Keystore("LOCAL"), s.URL)
	home := get(s, "/", nil)
	if home.Status != http.StatusOK || home.Header.Get("Content-Security-Policy") != web.ConsolePolicy {
		t.Fatalf("GET /: got %d %v", home.Status, home.Header)
	}
	for _, path := range []string{keystore, keystore + "/settings", "/keystores/z1/keys/z2", "/keystores/z1/keys/z2/use", "/identity", "/create", "/open"} {
		a := get(s, path, nil)
		if a.Status != http.StatusOK || !bytes.Equal(a.Body, home.Body) || a.Header.Get("Content-Security-Policy") != web.ConsolePolicy {
			t.Errorf("GET %s: got %d %.100q, want the console", path, a.Status, a.Body)
		}
	}
	for _, name := range []string{"Authorization", "Capability-Invocation"} {
		a := get(s, keystore, http.Header{name: {"x"}})
		if a.Status != http.StatusMethodNotAllowed || a.Code() != "BAD_USER_INPUT" || strings.Contains(a.Header.Get("Allow"), "GET") {
			t.Errorf("GET %s with %s: got %d %.100q, want what it was before there was a console", keystore, name, a.Status, a.Body)
		}
	}
	explorer := get(s, "/explorer", nil)
	if explorer.Status != http.StatusOK || bytes.Equal(explorer.Body, home.Body) || explorer.Header.Get("Content-Security-Policy") != web.Policy {
		t.Errorf("GET /explorer: got %d %v, want a page of its own under the same policy", explorer.Status, explorer.Header)
	}
	for _, path := range []string{"/explorer.html", "/explorer/", "/keystores", "/keystores/", "/keystores/z1/else", "/keystores/z1/keys", "/assets/", "/assets/none.js", "/index.html", "/dist/index.html", "/assets/../web.go"} {
		if a := get(s, path, nil); a.Status != http.StatusNotFound || strings.HasPrefix(a.Header.Get("Content-Security-Policy"), web.Policy) {
			t.Errorf("GET %s: got %d, want 404", path, a.Status)
		}
	}
	for _, pattern := range []string{"/graphql", "/healthz", "/metrics", "/schema.graphql"} {
		if slices.Contains(web.Patterns(), pattern) {
			t.Errorf("the console takes %s", pattern)
		}
	}
}

// Nothing but the site is reached by any spelling of a path; a browser is told so by the console, a client in JSON. HEAD is GET without a body.
func TestConsoleElsewhere(t *testing.T) {
	s := servertest.Start(t)
	home := get(s, "/", nil)
	for _, path := range []string{"/nothing", "/assets/%2e%2e/web.go", "/assets/..%2fweb.go", "/..%2f..%2fetc%2fpasswd", "/assets/console.js/", "/assets/console.js%00", "/%00", "/assets/console.js%3Fx", "/ASSETS/console.js",
		"/assets%2fconsole.js", "/assets//console.js", "/<script>alert(1)</script>", "/assets/..;/web.go", "/dist%5Cindex.html"} {
		a := get(s, path, nil)
		if a.Status != http.StatusNotFound || a.Code() != "NOT_FOUND" || strings.Contains(string(a.Body), "script") {
			t.Errorf("GET %s: got %d %.100q, want 404 in JSON", path, a.Status, a.Body)
		}
		a = get(s, path, http.Header{"Accept": {"text/html,application/xhtml+xml,*/*;q=0.8"}})
		if a.Status != http.StatusNotFound || !bytes.Equal(a.Body, home.Body) || a.Header.Get("Content-Security-Policy") != web.ConsolePolicy || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s by a browser: got %d %.100q %v, want the console with status 404", path, a.Status, a.Body, a.Header)
		}
	}
	r := s.Request(s.URL+"/nothing", []byte("{}"))
	r.Header.Set("Accept", "text/html")
	if a := s.Send(r); a.Status != http.StatusNotFound || a.Code() != "NOT_FOUND" {
		t.Errorf("POST /nothing: got %d %.100q, want 404 in JSON", a.Status, a.Body)
	}
	for _, path := range []string{"/", "/explorer", "/assets/console.js", "/service/keystores", "/schema.graphql", "/healthz"} {
		want := get(s, path, nil)
		r := s.Request(s.URL+path, nil)
		r.Method, r.Header = http.MethodHead, http.Header{"Accept-Encoding": {"identity"}}
		a := s.Send(r)
		if a.Status != http.StatusOK || len(a.Body) != 0 || a.Header.Get("Content-Type") != want.Header.Get("Content-Type") || a.Header.Get("ETag") != want.Header.Get("ETag") || a.Header.Get("Content-Length") != want.Header.Get("Content-Length") {
			t.Errorf("HEAD %s: got %d, %d bytes, %v; want the headers of GET, %v", path, a.Status, len(a.Body), a.Header, want.Header)
		}
	}
	for accepted, zipped := range map[string]bool{
		"gzip": true, "GZIP": true, " gzip ; q=1": true, "deflate,gzip;q=0.001": true, "br, gzip": true, "gzip;q=0": false, "gzip; Q=0.000": false, "x-gzip": false, "gzipped": false,
		"*": false, "": false, ",,;;=": false, "identity;q=0": false, strings.Repeat("a,", 2000): false,
	} {
		a := get(s, "/", http.Header{"Accept-Encoding": {accepted}})
		if got := a.Header.Get("Content-Encoding") == "gzip"; a.Status != http.StatusOK || got != zipped {
			t.Errorf("Accept-Encoding %.40q: got %d, gzip %v, want %v", accepted, a.Status, got, zipped)
		}
	}
}

// What the page loads is there, whole in either coding, and is asked for again by its tag only.
func TestConsoleFiles(t *testing.T) {
	s := servertest.Start(t)
	page := string(get(s, "/", nil).Body)
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	types := map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
	if len(links) < 3 {
		t.Fatalf("the page loads %v", links)
	}
	compressed := 0
	for _, path := range append([]string{"/"}, slices.Collect(func(yield func(string) bool) {
		for _, l := range links {
			if !yield(l[1]) {
				return
			}
		}
	})...) {
		plain := get(s, path, nil)
		zipped := get(s, path, http.Header{"Accept-Encoding": {"br;q=1.0, gzip;q=0.8, *;q=0.1"}})
		refused := get(s, path, http.Header{"Accept-Encoding": {"gzip;q=0, identity"}})
		if plain.Status != http.StatusOK || zipped.Status != http.StatusOK {
			t.Fatalf("GET %s: got %d and %d", path, plain.Status, zipped.Status)
		}
		z, err := gzip.NewReader(bytes.NewReader(zipped.Body))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		unzipped, err := io.ReadAll(z)
		if err != nil || !bytes.Equal(unzipped, plain.Body) || !bytes.Equal(refused.Body, plain.Body) {
			t.Errorf("%s: the codings differ (%v)", path, err)
		}
		compressed += len(zipped.Body)
		for ext, want := range types {
			if strings.HasSuffix(path, ext) && plain.Header.Get("Content-Type") != want {
				t.Errorf("%s: Content-Type is %q, want %q", path, plain.Header.Get("Content-Type"), want)
			}
		}
		for what, a := range map[string]*servertest.Answer{"plain": plain, "zipped": zipped} {
			if a.Header.Get("Cache-Control") != "no-cache" || a.Header.Get("Vary") != "Accept-Encoding" || a.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s %s: got %v", what, path, a.Header)
			}
		}
		tag := zipped.Header.Get("ETag")
		if tag == "" || tag == plain.Header.Get("ETag") {
			t.Errorf("%s: both codings have the tag %q", path, tag)
		}
		again := get(s, path, http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {tag}})
		if again.Status != http.StatusNotModified || len(again.Body) != 0 {
			t.Errorf("%s with its tag: got %d", path, again.Status)
		}
		if changed := get(s, path, http.Header{"Accept-Encoding": {"gzip"}, "If-None-Match": {`"another"`}}); changed.Status != http.StatusOK {
			t.Errorf("%s with another tag: got %d", path, changed.Status)
		}
	}
	if compressed > 150_000 {
		t.Errorf("the first load takes %d bytes, which is more than 150 kB", compressed)
	}
}

// Nothing of the site needs what its policy forbids, or comes from elsewhere.
func TestConsoleIsItsOwn(t *testing.T) {
	s := servertest.Start(t)
	for _, path := range []string{"/", "/explorer"} {
		ownPage(t, path, string(get(s, path, nil).Body))
	}
	for path := range maps.Keys(web.Console()) {
		if strings.HasSuffix(path, ".css") {
			css := strings.ReplaceAll(string(get(s, path, nil).Body), "url(data:image/", "") // which the policy allows
			if strings.Contains(css, "url(") || strings.Contains(css, "@import") || strings.Contains(css, "@font-face") {
				t.Errorf("%s loads something", path)
			}
		}
	}
}

func ownPage(t *testing.T, path, page string) {
	t.Helper()
	for _, forbidden := range []string{"<style", "style=", "onload=", "http:", "https:", "//"} {
		if strings.Contains(page, forbidden) {
			t.Errorf("%s has %q", path, forbidden)
		}
	}
	if inline := regexp.MustCompile(`<script[^>]*>[^<]`).FindString(page); inline != "" {
		t.Errorf("%s has an inline script: %s", path, inline)
	}
}

// A file is answered whole: thousands of ranges in one header would cost a hundred times what the file does, and nobody asks for a part of a script.
func TestConsoleTakesNoRanges(t *testing.T) {
	s := servertest.Start(t)
	whole := get(s, "/", nil)
	for _, ranges := range []string{"bytes=0-0", "bytes=-1", "bytes=9999999-", "bytes=" + strings.Repeat("0-0,", 3000) + "1-1"} {
		a := get(s, "/", http.Header{"Range": {ranges}})
		if a.Status != http.StatusOK || !bytes.Equal(a.Body, whole.Body) {
			t.Errorf("Range: %.20s: got %d and %d bytes, want the %d of the whole", ranges, a.Status, len(a.Body), len(whole.Body))
		}
	}
}
