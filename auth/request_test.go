package auth_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/auth"
)

const testBody = `{"query":"mutation { sign(input: {data: \"aGVsbG8\"}) { bytes } }"}`

func newVerifier(t testing.TB, now time.Time) *auth.Verifier {
	t.Helper()
	v, err := auth.NewVerifier(auth.VerifierOptions{Base: baseURL, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// signed makes a request as a server receives it.
func signed(t testing.TB, url, body string, id *auth.Identity, inv auth.Invocation) *http.Request {
	t.Helper()
	r := httptest.NewRequest("POST", url, strings.NewReader(body))
	if err := auth.SignRequest(r, []byte(body), id, inv, testNow); err != nil {
		t.Fatal(err)
	}
	return r
}

func refuses(t *testing.T, name string, v *auth.Verifier, r *http.Request, body string, kind auth.Kind, text string) {
	t.Helper()
	caller, err := v.Authenticate(r, []byte(body))
	var refusal *auth.Error
	if !errors.As(err, &refusal) {
		t.Errorf("%s: got %+v, %v", name, caller, err)
	} else if refusal.Kind != kind || !strings.Contains(refusal.Message, text) {
		t.Errorf("%s: %v: %q, want %v: …%s…", name, refusal.Kind, refusal.Message, kind, text)
	}
}

func TestAnonymous(t *testing.T) {
	r := httptest.NewRequest("POST", keystoreURL, strings.NewReader(testBody))
	caller, err := newVerifier(t, testNow).Authenticate(r, []byte(testBody))
	if err != nil {
		t.Fatal(err)
	}
	if caller.DID != "" || caller.CapabilityID() != "" || caller.Chain() != nil {
		t.Errorf("got %+v", caller)
	}
	err = caller.Can(auth.Access{RootTarget: keystoreURL, Controllers: []string{""}, Target: keystoreURL})
	if !errors.Is(err, &auth.Error{Kind: auth.Unauthenticated}) {
		t.Errorf("Can says %v", err)
	}
}

func TestSignedOverHTTP(t *testing.T) {
	// Through a real client and server, root and delegated.
	for levels := range 3 {
		ids, inv := chainOf(t, levels)
		v := newVerifier(t, testNow)
		var caller *auth.Caller
		var failure error
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			caller, failure = v.Authenticate(r, body)
		}))
		r, err := http.NewRequest("POST", server.URL+strings.TrimPrefix(keystoreURL, baseURL), strings.NewReader(testBody))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = strings.TrimPrefix(baseURL, "https://")
		if err := auth.SignRequest(r, []byte(testBody), ids[levels], inv, testNow); err != nil {
			t.Fatal(err)
		}
		response, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		server.Close()
		if failure != nil {
			t.Fatalf("%d levels: %v", levels, failure)
		}
		if err := caller.Can(auth.Access{
			RootTarget: keystoreURL, Controllers: []string{ids[0].DID()}, Target: keyURL, Action: "sign",
		}); err != nil {
			t.Errorf("%d levels: %v", levels, err)
		}
	}
}

func TestSignRequestRefuses(t *testing.T) {
	ids, inv := chainOf(t, 1)
	for name, c := range map[string]struct {
		id   *auth.Identity
		inv  auth.Invocation
		text string
	}{
		"another's capability": {ids[0], inv, "was delegated to"},
		"no action":            {ids[1], auth.Invocation{Capability: inv.Capability}, "action"},
		"quote in the action":  {ids[1], auth.Invocation{Capability: inv.Capability, Action: `a",id="x`}, "action"},
		"no capability":        {ids[1], auth.Invocation{Action: "sign"}, "root target"},
	} {
		r := httptest.NewRequest("POST", keystoreURL, nil)
		if err := auth.SignRequest(r, nil, c.id, c.inv, testNow); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v", name, err)
		} else if r.Header.Get("Authorization") != "" {
			t.Errorf("%s: signed all the same", name)
		}
	}
}

func TestMissingHeaders(t *testing.T) {
	ids, inv := chainOf(t, 1)
	v := newVerifier(t, testNow)
	for name, text := range map[string]string{
		"Authorization": "Authorization header: is missing", "Capability-Invocation": "Capability-Invocation header: is missing",
		"Digest": "Digest header", "Content-Type": "content-type",
	} {
		r := signed(t, keystoreURL, testBody, ids[1], inv)
		r.Header.Del(name)
		kind := auth.Unauthenticated
		if name == "Content-Type" {
			kind = auth.BadRequest
		}
		refuses(t, name, v, r, testBody, kind, text)
	}
}

func TestDuplicateHeaders(t *testing.T) {
	ids, inv := chainOf(t, 1)
	v := newVerifier(t, testNow)
	for _, name := range []string{"Authorization", "Capability-Invocation", "Digest", "Content-Type"} {
		for _, value := range []string{"", "x", signed(t, keystoreURL, testBody, ids[1], inv).Header.Get(name)} {
			r := signed(t, keystoreURL, testBody, ids[1], inv)
			r.Header.Add(name, value)
			refuses(t, name, v, r, testBody, auth.BadRequest, name+" header: must be there once")
			r.Header[name] = []string{value, r.Header[name][0]}
			refuses(t, name+" in front", v, r, testBody, auth.BadRequest, name+" header: must be there once")
		}
	}
	r := signed(t, keystoreURL, testBody, ids[1], inv)
	r.Header["Host"] = []string{"evil.example"}
	refuses(t, "Host", v, r, testBody, auth.BadRequest, "Host header")
}

// resigned signs a request again after its components were listed differently. It is written apart from the code it tests.
func resigned(t testing.TB, r *http.Request, id *auth.Identity, created, expires string, covered []string) {
	t.Helper()
	var lines []string
	for _, name := range covered {
		value := r.Header.Get(name)
		switch name {
		case "(key-id)":
			value = id.KeyID()
		case "(created)":
			value = created
		case "(expires)":
			value = expires
		case "(request-target)":
			value = strings.ToLower(r.Method) + " " + r.URL.RequestURI()
		case "host":
			value = r.Host
		}
		lines = append(lines, name+": "+value)
	}
	signature := base64.StdEncoding.EncodeToString(id.Sign([]byte(strings.Join(lines, "\n"))))
	r.Header.Set("Authorization", fmt.Sprintf(`Signature keyId="%s",headers="%s",signature="%s",created="%s",expires="%s"`,
		id.KeyID(), strings.Join(covered, " "), signature, created, expires))
}

var allCovered = strings.Fields("(key-id) (created) (expires) (request-target) host capability-invocation content-type digest")

func seconds(t time.Time) string { return fmt.Sprint(t.Unix()) }

func TestCoveredComponents(t *testing.T) {
	ids, inv := chainOf(t, 1)
	v := newVerifier(t, testNow)
	created, expires := seconds(testNow), seconds(testNow.Add(time.Minute))
	try := func(covered []string) (*http.Request, error) {
		r := signed(t, keystoreURL, testBody, ids[1], inv)
		r.Header.Set("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
		resigned(t, r, ids[1], created, expires, covered)
		_, err := v.Authenticate(r, []byte(testBody))
		return r, err
	}
	if _, err := try(allCovered); err != nil {
		t.Fatalf("all: %v", err)
	}
	for i, name := range allCovered {
		turned := append(slices.Clone(allCovered[i:]), allCovered[:i]...)
		if _, err := try(turned); err != nil {
			t.Errorf("turned by %d: %v", i, err)
		}
		r, _ := try(slices.Delete(slices.Clone(allCovered), i, i+1))
		refuses(t, "without "+name, v, r, testBody, auth.Unauthenticated, "does not cover "+name)
		r, _ = try(append(slices.Clone(allCovered), name))
		refuses(t, name+" twice", v, r, testBody, auth.BadRequest, "a name twice")
	}
	if _, err := try(append(slices.Clone(allCovered), "date")); err != nil {
		t.Errorf("with one more: %v", err)
	}
	r, _ := try(append(slices.Clone(allCovered), "x-absent"))
	refuses(t, "absent header", v, r, testBody, auth.BadRequest, "x-absent")
	r, _ = try(append(slices.Clone(allCovered), "date"))
	r.Header.Add("Date", "Mon, 23 Nov 2026 12:00:00 GMT")
	refuses(t, "covered header twice", v, r, testBody, auth.BadRequest, "exactly once")
	r, _ = try(append(slices.Clone(allCovered), "(nonsense)"))
	refuses(t, "unknown component", v, r, testBody, auth.BadRequest, "(nonsense)")
	r, _ = try(append(slices.Clone(allCovered), "Date"))
	refuses(t, "capital letter", v, r, testBody, auth.BadRequest, "lower-case")
	r, _ = try(append(slices.Clone(allCovered), ""))
	refuses(t, "space at the end", v, r, testBody, auth.BadRequest, "one space")
	var many []string
	for i := range 40 {
		many = append(many, fmt.Sprint("x-", i))
	}
	r, _ = try(append(slices.Clone(allCovered), many...))
	refuses(t, "too many", v, r, testBody, auth.BadRequest, "more than 32")

	// Without a body, content-type and digest need not be covered, unless the headers are there.
	withoutBody := allCovered[:6]
	r = httptest.NewRequest("GET", keystoreURL, nil)
	r.Header.Set("Capability-Invocation", signed(t, keystoreURL, "", ids[1], inv).Header.Get("Capability-Invocation"))
	resigned(t, r, ids[1], created, expires, withoutBody)
	if _, err := v.Authenticate(r, nil); err != nil {
		t.Errorf("no body: %v", err)
	}
	refuses(t, "body added", v, r, "x", auth.Unauthenticated, "does not cover content-type digest")
	r.Header.Set("Content-Type", "application/json")
	refuses(t, "content type added", v, r, "", auth.Unauthenticated, "does not cover content-type digest")
	r.Header.Del("Content-Type")
	r.Header.Set("Digest", "x")
	refuses(t, "digest added", v, r, "", auth.Unauthenticated, "does not cover content-type digest")
}

func TestSignatureTime(t *testing.T) {
	ids, inv := chainOf(t, 0)
	for name, c := range map[string]struct {
		created, expires string
		at               time.Duration // when it is verified
		kind             auth.Kind
		text             string
	}{
		"now":                         {seconds(testNow), seconds(testNow.Add(time.Minute)), 0, 0, ""},
		"fifteen minutes":             {seconds(testNow), seconds(testNow.Add(15 * time.Minute)), 0, 0, ""},
		"a second more":               {seconds(testNow), seconds(testNow.Add(15*time.Minute + time.Second)), 0, auth.Unauthenticated, "at most 15m0s"},
		"client's clock 300 s fast":   {seconds(testNow), seconds(testNow.Add(time.Minute)), -300 * time.Second, 0, ""},
		"a second more than that":     {seconds(testNow), seconds(testNow.Add(time.Minute)), -301 * time.Second, auth.Unauthenticated, "5m1s in the future"},
		"expired 300 s ago":           {seconds(testNow), seconds(testNow.Add(time.Minute)), 360 * time.Second, 0, ""},
		"expired a second before":     {seconds(testNow), seconds(testNow.Add(time.Minute)), 361 * time.Second, auth.Unauthenticated, "expired 5m1s ago"},
		"ten years later":             {seconds(testNow), seconds(testNow.Add(time.Minute)), 10 * 8766 * time.Hour, auth.Unauthenticated, "expired"},
		"ten years before":            {seconds(testNow), seconds(testNow.Add(time.Minute)), -10 * 8766 * time.Hour, auth.Unauthenticated, "future"},
		"no life":                     {seconds(testNow), seconds(testNow), 0, auth.Unauthenticated, "not after"},
		"expires before it was made":  {seconds(testNow), seconds(testNow.Add(-time.Second)), 0, auth.Unauthenticated, "not after"},
		"negative":                    {"-1", seconds(testNow), 0, auth.BadRequest, "created must be in seconds"},
		"plus sign":                   {"+" + seconds(testNow), seconds(testNow.Add(time.Minute)), 0, auth.BadRequest, "created must be in seconds"},
		"zero in front":               {"0" + seconds(testNow), seconds(testNow.Add(time.Minute)), 0, auth.BadRequest, "created must be in seconds"},
		"fraction":                    {seconds(testNow) + ".5", seconds(testNow.Add(time.Minute)), 0, auth.BadRequest, "created must be in seconds"},
		"underscore":                  {"1_795_435_200", seconds(testNow.Add(time.Minute)), 0, auth.BadRequest, "created must be in seconds"},
		"date":                        {seconds(testNow), "2026-11-23T12:00:00Z", 0, auth.BadRequest, "expires must be in seconds"},
		"overflow":                    {seconds(testNow), "18446744073709551615", 0, auth.BadRequest, "expires must be in seconds"},
		"overflow past sixty-four":    {seconds(testNow), "99999999999999999999999", 0, auth.BadRequest, "expires must be in seconds"},
		"far future, whole life long": {"68000000000", "68000000060", 0, auth.Unauthenticated, "in the future"},
	} {
		r := signed(t, keystoreURL, testBody, ids[0], inv)
		resigned(t, r, ids[0], c.created, c.expires, allCovered)
		v := newVerifier(t, testNow.Add(c.at))
		if c.kind == 0 {
			if _, err := v.Authenticate(r, []byte(testBody)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		refuses(t, name, v, r, testBody, c.kind, c.text)
	}
}

// Whatever was signed must be what arrives.
func TestTampered(t *testing.T) {
	ids, inv := chainOf(t, 1)
	v := newVerifier(t, testNow)
	other := auth.Invocation{Capability: inv.Capability, Action: "verify"}
	for name, c := range map[string]struct {
		change func(r *http.Request)
		kind   auth.Kind
		text   string
	}{
		"path":        {func(r *http.Request) { setPath(r, "/keystores/z19uMCiPNET4YbcPpBcab5mEE/keys/z1") }, auth.Unauthenticated, "does not verify"},
		"method":      {func(r *http.Request) { r.Method = "PUT" }, auth.Unauthenticated, "does not verify"},
		"method case": {func(r *http.Request) { r.Method = "post" }, auth.BadRequest, "capital letters"},
		"host":        {func(r *http.Request) { r.Host = "evil.example" }, auth.Unauthenticated, "Host header"},
		"host case":   {func(r *http.Request) { r.Host = "KMS.example" }, auth.Unauthenticated, "Host header"},
		"host port":   {func(r *http.Request) { r.Host += ":443" }, auth.Unauthenticated, "Host header"},
		"no host":     {func(r *http.Request) { r.Host = "" }, auth.Unauthenticated, "Host header"},
		"type":        {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, auth.Unauthenticated, "does not verify"},
		"digest":      {func(r *http.Request) { r.Header.Set("Digest", "mh=uEiAAAA") }, auth.Unauthenticated, "Digest"},
		"other digest form": {func(r *http.Request) {
			r.Header.Set("Digest", "SHA-256=Hm0+UCv6n5HKayRShuU2U2N5i0QZuSyOFEeMYNiGIncM=")
		}, auth.Unauthenticated, "Digest"},
		"action": {func(r *http.Request) {
			replace(r, "Capability-Invocation", `action="sign"`, `action="verify"`)
		}, auth.Unauthenticated, "does not verify"},
		"capability": {func(r *http.Request) {
			r.Header.Set("Capability-Invocation", signed(t, keystoreURL, testBody, ids[1], other).Header.Get("Capability-Invocation"))
		}, auth.Unauthenticated, "does not verify"},
		"root for delegated": {func(r *http.Request) {
			r.Header.Set("Capability-Invocation", `zcap id="`+auth.RootID(keystoreURL)+`",action="sign"`)
		}, auth.Unauthenticated, "does not verify"},
		"created": {func(r *http.Request) {
			replace(r, "Authorization", `created="`+seconds(testNow), `created="`+seconds(testNow.Add(time.Second)))
		}, auth.Unauthenticated, "does not verify"},
		"expires": {func(r *http.Request) {
			replace(r, "Authorization", `expires="`+seconds(testNow.Add(10*time.Minute)), `expires="`+seconds(testNow.Add(11*time.Minute)))
		}, auth.Unauthenticated, "does not verify"},
		"key": {func(r *http.Request) {
			replace(r, "Authorization", ids[1].KeyID(), ids[0].KeyID())
		}, auth.Forbidden, "another DID"},
		"order of what is covered": {func(r *http.Request) {
			replace(r, "Authorization", "content-type digest", "digest content-type")
		}, auth.Unauthenticated, "does not verify"},
		"algorithm added": {func(r *http.Request) {
			r.Header.Set("Authorization", r.Header.Get("Authorization")+`,algorithm="none"`)
		}, auth.BadRequest, "algorithm"},
	} {
		r := signed(t, keystoreURL, testBody, ids[1], inv)
		c.change(r)
		refuses(t, name, v, r, testBody, c.kind, c.text)
	}
	for name, body := range map[string]string{"changed": strings.Replace(testBody, "sign", "read", 1), "cut": testBody[1:], "longer": testBody + " ", "none": ""} {
		refuses(t, "body "+name, v, signed(t, keystoreURL, testBody, ids[1], inv), body, auth.Unauthenticated, "Digest")
	}
	// Each bit of the signature counts.
	r := signed(t, keystoreURL, testBody, ids[1], inv)
	header := r.Header.Get("Authorization")
	at := strings.Index(header, `signature="`) + len(`signature="`)
	raw, err := base64.StdEncoding.DecodeString(header[at : at+88])
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(raw) * 8 {
		flipped := bytes.Clone(raw)
		flipped[bit/8] ^= 1 << (bit % 8)
		r.Header.Set("Authorization", header[:at]+base64.StdEncoding.EncodeToString(flipped)+header[at+88:])
		if _, err := v.Authenticate(r, []byte(testBody)); !errors.Is(err, &auth.Error{Kind: auth.Unauthenticated}) {
			t.Fatalf("bit %d: %v", bit, err)
		}
	}
	// One spelling: the last digit before the padding has four bits to spare.
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := at + 85
	spare := digits[strings.IndexByte(digits, header[last])|1]
	r.Header.Set("Authorization", header[:last]+string(spare)+header[last+1:])
	refuses(t, "respelled signature", v, r, testBody, auth.BadRequest, "64 bytes in base64")
	// hs2019 says nothing, and is allowed.
	r.Header.Set("Authorization", header+`,algorithm="hs2019"`)
	if _, err := v.Authenticate(r, []byte(testBody)); err != nil {
		t.Errorf("hs2019: %v", err)
	}
}

func setPath(r *http.Request, path string) {
	r.RequestURI = path
	r.URL.Path = path
}

func replace(r *http.Request, header, old, new string) {
	r.Header.Set(header, strings.Replace(r.Header.Get(header), old, new, 1))
}

// A path has one spelling. The signature is right in all of these.
func TestRequestTarget(t *testing.T) {
	id := newIdentity(t, 1)
	v := newVerifier(t, testNow)
	inv := auth.Invocation{RootTarget: keystoreURL, Action: "sign"}
	for _, path := range []string{
		"/keystores/../x", "/keystores/..", "/../x", "/keystores/./x", "//keystores", "/keystores//x", "/keystores/",
		"/keystores/%2e%2e/x", "/keystores/a%20b", "/keystores/x?query=1", "/keystores/x?", "/keystores/x%3Fy", `/keystores/a\b`,
		"/" + strings.Repeat("x", 2000),
	} {
		r := httptest.NewRequest("POST", baseURL+"/x", strings.NewReader(testBody))
		parsed, err := r.URL.Parse(baseURL + path)
		if err != nil {
			t.Fatal(err)
		}
		r.URL = parsed
		if err := auth.SignRequest(r, []byte(testBody), id, inv, testNow); err != nil {
			t.Fatal(err)
		}
		r.RequestURI = path
		text := "request URL: must "
		if len(path) > 1000 {
			text = "longer than 1024"
		}
		refuses(t, path, v, r, testBody, auth.BadRequest, text)
	}
	// What is routed must be what was signed.
	r := signed(t, keystoreURL, testBody, id, inv)
	r.URL.Path = "/graphql"
	refuses(t, "rewritten path", v, r, testBody, auth.BadRequest, "request URL")
	r = signed(t, keystoreURL, testBody, id, inv)
	r.RequestURI = strings.Replace(keystoreURL, "kms", "evil", 1)
	refuses(t, "absolute form of another host", v, r, testBody, auth.BadRequest, "request URL")
	r.RequestURI = strings.Replace(keystoreURL, "https", "http", 1)
	refuses(t, "absolute form of another scheme", v, r, testBody, auth.BadRequest, "request URL")
	for _, form := range []string{keystoreURL, strings.TrimPrefix(keystoreURL, baseURL)} {
		r.RequestURI = form
		if _, err := v.Authenticate(r, []byte(testBody)); err != nil {
			t.Errorf("%s: %v", form, err)
		}
	}
	r.RequestURI = "*"
	refuses(t, "asterisk", v, r, testBody, auth.BadRequest, "request URL")
}

func TestAuthorizationSyntax(t *testing.T) {
	ids, inv := chainOf(t, 0)
	v := newVerifier(t, testNow)
	good := signed(t, keystoreURL, testBody, ids[0], inv).Header.Get("Authorization")
	for name, c := range map[string]struct{ old, new, text string }{
		"other scheme":      {"Signature ", "Bearer ", `must begin with "Signature "`},
		"scheme case":       {"Signature ", "signature ", `must begin with "Signature "`},
		"two spaces":        {"Signature ", "Signature  ", "pairs"},
		"space after comma": {`",headers`, `", headers`, "pairs"},
		"space at end":      {good, good + " ", "pairs"},
		"comma at end":      {good, good + ",", "pairs"},
		"comma in front":    {"Signature ", "Signature ,", "pairs"},
		"empty":             {good, "", "must begin"},
		"scheme only":       {good, "Signature ", "pairs"},
		"keyId twice":       {"Signature ", `Signature keyId="` + ids[0].KeyID() + `",`, "keyId twice"},
		"keyid":             {"keyId=", "keyid=", "not known"},
		"unknown":           {"Signature ", `Signature realm="x",`, "not known"},
		"too many":          {"Signature ", `Signature a="1",b="1",c="1",d="1",e="1",f="1",`, "pairs"},
		"no keyId":          {`keyId="` + ids[0].KeyID() + `",`, "", "no keyId"},
		"keyId is a DID":    {ids[0].KeyID(), ids[0].DID(), "keyId must be the key"},
		"other fragment":    {"#z6Mk", "#z6Ml", "keyId must be the key"},
		"did:web":           {ids[0].KeyID(), "did:web:kms.example#1", "keyId must be the key"},
		"no headers":        {`headers="` + strings.Join(allCovered, " ") + `",`, "", "no headers"},
		"empty headers":     {strings.Join(allCovered, " "), "", "has no value"},
		"no created":        {`,created="` + seconds(testNow) + `"`, "", "no created"},
		"no expires":        {`,expires="` + seconds(testNow.Add(10*time.Minute)) + `"`, "", "no expires"},
		"empty signature":   {`signature="`, `signature="",x="`, "has no value"},
		"short signature":   {`signature="`, `signature="AAAA`, "64 bytes"},
		"base64url":         {`signature="`, `signature="-`, "64 bytes"},
		"unquoted keyId":    {`keyId="` + ids[0].KeyID() + `"`, "keyId=1", "keyId must be"},
		"unquoted headers":  {`headers="` + strings.Join(allCovered, " ") + `"`, "headers=1", "pairs"},
		"unquoted word":     {`created="` + seconds(testNow) + `"`, "created=now", "has no value"},
		"backslash":         {`keyId="`, `keyId="\`, "pairs"},
		"tab":               {`keyId="`, "keyId=\"\t", "pairs"},
		"not ASCII":         {`keyId="`, `keyId="é`, "pairs"},
		"quote left open":   {good, good[:len(good)-1], "pairs"},
		"too long":          {good, good + strings.Repeat("x", 9000), "8192 bytes"},
	} {
		r := signed(t, keystoreURL, testBody, ids[0], inv)
		r.Header.Set("Authorization", strings.Replace(good, c.old, c.new, 1))
		refuses(t, name, v, r, testBody, auth.BadRequest, c.text)
	}
	r := signed(t, keystoreURL, testBody, ids[0], inv)
	for _, value := range []string{seconds(testNow), seconds(testNow.Add(10 * time.Minute))} {
		replace(r, "Authorization", `"`+value+`"`, value)
	}
	if _, err := v.Authenticate(r, []byte(testBody)); err != nil {
		t.Errorf("times without quotes: %v", err)
	}
}

// zip packs a capability parameter: level of compression 9.
func zip(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestInvocationSyntax(t *testing.T) {
	ids, inv := chainOf(t, 1)
	v := newVerifier(t, testNow)
	capability := inv.Capability.JSON()
	text := func(zipped []byte) string {
		return `zcap capability="` + base64.RawURLEncoding.EncodeToString(zipped) + `",action="sign"`
	}
	root := `zcap id="` + auth.RootID(keystoreURL) + `"`
	packed := zip(t, capability)
	changedSum := bytes.Clone(packed)
	changedSum[len(changedSum)-6] ^= 1
	for name, c := range map[string]struct{ header, text string }{
		"empty":                   {"", "must begin"},
		"scheme case":             {"ZCAP" + root[4:] + `,action="sign"`, "must begin"},
		"no action":               {root, "must have an action"},
		"empty action":            {root + `,action=""`, "has no value"},
		"action without quotes":   {root + `,action=1`, "pairs"},
		"long action":             {root + `,action="` + strings.Repeat("x", 65) + `"`, "must have an action"},
		"action twice":            {root + `,action="sign",action="read"`, "action twice"},
		"id twice":                {root + `,id="x",action="sign"`, "id twice"},
		"neither":                 {`zcap action="sign"`, "either id"},
		"both":                    {root + text(packed)[4:], "pairs"},
		"both, well formed":       {root + "," + text(packed)[5:], "either id"},
		"unknown parameter":       {root + `,action="sign",x="y"`, "not known"},
		"delegated by id":         {`zcap id="` + inv.Capability.ID() + `",action="sign"`, "must be sent whole"},
		"id not encoded":          {`zcap id="urn:zcap:root:` + keystoreURL + `",action="sign"`, "id must be"},
		"id in lower case":        {`zcap id="urn:zcap:root:https%3a%2f%2fkms.example",action="sign"`, "id must be"},
		"id encoded too much":     {`zcap id="urn:zcap:root:%68ttps%3A%2F%2Fkms.example",action="sign"`, "id must be"},
		"id cut in an escape":     {`zcap id="urn:zcap:root:https%3A%2",action="sign"`, "id must be"},
		"id with a bad escape":    {`zcap id="urn:zcap:root:https%3A%2F%2Fkms.example%GG",action="sign"`, "id must be"},
		"id of nothing":           {`zcap id="urn:zcap:root:",action="sign"`, "id must be"},
		"id with dots":            {`zcap id="` + auth.RootID(keystoreURL+"/../x") + `",action="sign"`, "id must be"},
		"not base64":              {`zcap capability="!",action="sign"`, "base64url"},
		"standard base64":         {`zcap capability="+/+/",action="sign"`, "base64url"},
		"padding":                 {`zcap capability="AA==",action="sign"`, "base64url"},
		"bits left over":          {`zcap capability="AB",action="sign"`, "base64url"},
		"no gzip":                 {text(capability), "gzip"},
		"half a gzip":             {text(packed[:len(packed)/2]), "gzip"},
		"wrong checksum":          {text(changedSum), "gzip"},
		"two members":             {text(append(bytes.Clone(packed), packed...)), "after capability's gzip"},
		"a byte after":            {text(append(bytes.Clone(packed), 0)), "after capability's gzip"},
		"empty member after":      {text(append(bytes.Clone(packed), zip(t, nil)...)), "after capability's gzip"},
		"nothing zipped":          {text(zip(t, nil)), "must be a JSON object"},
		"too much unzipped":       {text(zip(t, append(bytes.Repeat([]byte{' '}, 32<<10), capability...))), "more than 32768"},
		"bomb":                    {text(zip(t, make([]byte, 4<<20))), "more than 32768"},
		"bomb as long as allowed": {text(zip(t, bytes.Repeat([]byte{'['}, 32<<10))), "must be a JSON object"},
		"too long":                {text(make([]byte, 9000)), "8192 bytes"},
	} {
		r := signed(t, keystoreURL, testBody, ids[1], inv)
		r.Header.Set("Capability-Invocation", c.header)
		resigned(t, r, ids[1], seconds(testNow), seconds(testNow.Add(time.Minute)), allCovered)
		refuses(t, name, v, r, testBody, auth.BadRequest, c.text)
	}
	// The same capability packed by another compressor.
	r := signed(t, keystoreURL, testBody, ids[1], inv)
	r.Header.Set("Capability-Invocation", text(packed))
	resigned(t, r, ids[1], seconds(testNow), seconds(testNow.Add(time.Minute)), allCovered)
	if _, err := v.Authenticate(r, []byte(testBody)); err != nil {
		t.Errorf("packed otherwise: %v", err)
	}
}

func TestNewVerifierRefuses(t *testing.T) {
	for _, base := range []string{
		"", "kms.example", "https://", "https://kms.example/", "https://kms.example/x", "https://kms.example?x", "https://u:p@kms.example",
		"ftp://kms.example", "https://KMS.example", "HTTPS://kms.example", "https://kms.example:443", "http://kms.example:80",
		"https://kms.example:", "https://kms.example#x",
	} {
		if _, err := auth.NewVerifier(auth.VerifierOptions{Base: base}); err == nil || !strings.Contains(err.Error(), "base") {
			t.Errorf("base %q: got %v", base, err)
		}
	}
	for _, base := range []string{"http://127.0.0.1:8080", "http://[::1]:8080", "https://kms.example:8443", "http://localhost"} {
		if _, err := auth.NewVerifier(auth.VerifierOptions{Base: base}); err != nil {
			t.Errorf("base %q: %v", base, err)
		}
	}
	for _, o := range []auth.VerifierOptions{
		{Base: baseURL, MaxChain: -1}, {Base: baseURL, MaxChain: 1}, {Base: baseURL, MaxChain: 11},
		{Base: baseURL, Skew: -1}, {Base: baseURL, MaxDelegationTTL: -1},
	} {
		if _, err := auth.NewVerifier(o); err == nil {
			t.Errorf("accepted %+v", o)
		}
	}
}
