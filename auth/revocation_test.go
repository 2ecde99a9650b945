package auth_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"twolock/auth"
)

const revocationsURL = keystoreURL + "/zcaps/revocations/"

func TestRevocationURL(t *testing.T) {
	_, inv := chainOf(t, 1)
	c := inv.Capability
	url := auth.RevocationURL(c)
	if want := revocationsURL + strings.ReplaceAll(c.ID(), ":", "%3A"); url != want {
		t.Errorf("%s, want %s", url, want)
	}
	if keystore, id, ok := auth.RevocationID(url); !ok || keystore != keystoreURL || id != c.ID() {
		t.Errorf("%s: %s, %s, %t", url, keystore, id, ok)
	}
}

// Which URLs are a revocation's, and what they name. Where RevocationID says no, Authenticate must say so as well.
func TestRevocationID(t *testing.T) {
	id := newIdentity(t, 1)
	long := "urn:" + strings.Repeat(":", 508)  // as long as a capability's id may be, every byte escaped
	for text, want := range map[string]string{ // "": refused
		"urn%3Auuid%3A0f":                         "urn:uuid:0f",
		"urn%3Azcap%3Adelegated%3Az19u-_.!~*'()":  "urn:zcap:delegated:z19u-_.!~*'()",
		"urn%3Ax%253Ay":                           "urn:x%3Ay",
		"urn%3Ax%3Fa%3Db%26c%23d%40e%2B%24%2C%3B": "urn:x?a=b&c#d@e+$,;",
		"plain":                                  "plain",
		strings.ReplaceAll(long, ":", "%3A"):     long,
		strings.ReplaceAll(long+":", ":", "%3A"): "",
		"urn:uuid:0f":                            "", // encodeURIComponent escapes colons
		"urn%3auuid%3a0f":                        "", // and writes capitals
		"%75rn%3Auuid%3A0f":                      "", // and leaves letters
		"urn%3Ax%2Dy":                            "",
		"urn%3Ax%2Fy":                            "urn:x/y",
		"https%3A%2F%2Fkms.example%2Fzcaps%2F1":  "https://kms.example/zcaps/1",
		"urn%3Ax%2fy":                            "",
		"%2E%2E":                                 "",
		"..":                                     "",
		".":                                      "",
		"":                                       "",
		"urn%3Ax/":                               "",
		"urn%3Ax/y":                              "",
		"urn%3Ax/zcaps/revocations/urn%3Ay":      "",
		"urn%3Ax%0Ay":                            "",
		"urn%3Ax%00":                             "",
		"urn%3Ax%7F":                             "",
		"urn%3Ax%20y":                            "",
		"urn%3Ax%C3%A9":                          "",
		"urn%3Ax%FF":                             "",
		"urn%3Ax%5Cy":                            "",
		"urn%3Ax%22y":                            "",
		"urn%3Ax%":                               "",
		"urn%3Ax%3":                              "",
		"urn%3Ax%zz":                             "",
		"urn%3Ax?query=1":                        "",
		"urn%3Ax?":                               "",
		"urn%3Ax#fragment":                       "",
	} {
		url := revocationsURL + text
		keystore, got, ok := auth.RevocationID(url)
		if ok != (want != "") || ok && (keystore != keystoreURL || got != want) {
			t.Errorf("%s: %s, %s, %t; want %q", text, keystore, got, ok, want)
		}
		r := httptest.NewRequest("POST", keystoreURL, strings.NewReader(testBody))
		parsed, err := r.URL.Parse(url)
		if err != nil { // no server gets it from net/http
			continue
		}
		r.URL, r.RequestURI = parsed, strings.TrimPrefix(url, baseURL)
		if err := auth.SignRequest(r, []byte(testBody), id, auth.Invocation{RootTarget: url, Action: "write"}, testNow); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			refuses(t, text, newVerifier(t, testNow), r, testBody, auth.BadRequest, "must")
			continue
		}
		caller, err := newVerifier(t, testNow).Authenticate(r, []byte(testBody))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if caller.Target != url || caller.RootID() != auth.RootID(url) {
			t.Errorf("%s: target %s, root %s", text, caller.Target, caller.RootID())
		}
		access := auth.Access{RootTarget: url, Controllers: []string{id.DID()}, Target: url, Action: "write"}
		if err := caller.Can(access); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		// What was escaped was signed so.
		r.RequestURI = strings.Replace(r.RequestURI, "%3A", ":", 1)
		if r.RequestURI != strings.TrimPrefix(url, baseURL) {
			refuses(t, text+", decoded on the way", newVerifier(t, testNow), r, testBody, auth.BadRequest, "must")
		}
	}
}

// Escapes are accepted after /zcaps/revocations/ and nowhere else.
func TestEscapesElsewhere(t *testing.T) {
	id := newIdentity(t, 1)
	for _, path := range []string{
		"/keystores/z%3A/zcaps/revocations/urn%3Ax", "/keystores/urn%3Ax", "/zcaps/revocationsurn%3Ax", "/zcaps%2Frevocations/urn%3Ax",
		"/keystores/z1/zcaps/Revocations/urn%3Ax", "/keystores/z1/keys/urn%3Ax", "/graphql%3A",
	} {
		url := baseURL + path
		if keystore, capability, ok := auth.RevocationID(url); ok {
			t.Errorf("%s: %s, %s", path, keystore, capability)
		}
		r := httptest.NewRequest("POST", url, strings.NewReader(testBody))
		if err := auth.SignRequest(r, []byte(testBody), id, auth.Invocation{RootTarget: keystoreURL, Action: "write"}, testNow); err != nil {
			t.Fatal(err)
		}
		r.RequestURI = path
		refuses(t, path, newVerifier(t, testNow), r, testBody, auth.BadRequest, "request URL: must")
	}
	for _, url := range []string{keystoreURL + "?x/zcaps/revocations/urn%3Ax", keystoreURL + "?x/zcaps/revocations/y"} {
		if keystore, capability, ok := auth.RevocationID(url); ok {
			t.Errorf("%s: %s, %s", url, keystore, capability)
		}
	}
	for _, target := range []string{
		keystoreURL + "%3A", keystoreURL + "/zcaps/revocations/urn%3Ax?a=%3A", baseURL + "/%3A/zcaps/revocations/urn%3Ax",
		"https://kms%2Eexample/zcaps/revocations/urn%3Ax", keystoreURL + "/zcaps/revocations/urn%3ax",
	} {
		if _, err := id.Delegate(auth.Delegation{RootTarget: target, Controller: id.DID(), Expires: testNow.Add(time.Hour)}, testNow); err == nil {
			t.Errorf("delegated for %s", target)
		}
	}
}

// The URL of a revocation may be longer than others, by what an id can take.
func TestRevocationLength(t *testing.T) {
	id := newIdentity(t, 1)
	for _, length := range []int{2560, 2561} {
		path := "/" + strings.Repeat("x", length-1-len("/zcaps/revocations/y")) + "/zcaps/revocations/y"
		r := signed(t, baseURL+path, testBody, id, auth.Invocation{RootTarget: keystoreURL, Action: "write"})
		r.RequestURI = path
		if length > 2560 {
			refuses(t, "long URL", newVerifier(t, testNow), r, testBody, auth.BadRequest, "longer than 2560 bytes")
		} else if _, err := newVerifier(t, testNow).Authenticate(r, []byte(testBody)); err != nil {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
}

// The router must have seen what was signed: it may look at the decoded path or at the other.
func TestRevocationRewritten(t *testing.T) {
	const url = revocationsURL + "urn%3Auuid%3A0f"
	id := newIdentity(t, 1)
	for name, change := range map[string]func(path, raw *string){
		"path":            func(path, _ *string) { *path = strings.TrimSuffix(*path, "f") + "e" },
		"raw path":        func(_, raw *string) { *raw = strings.TrimSuffix(*raw, "f") + "e" },
		"both":            func(path, raw *string) { *path += "0"; *raw += "0" },
		"without raw":     func(_, raw *string) { *raw = "" },
		"other escapes":   func(_, raw *string) { *raw = strings.ReplaceAll(*raw, "%3A", "%3a") },
		"another of them": func(path, raw *string) { *path, *raw = "/graphql", "" },
	} {
		r := signed(t, url, testBody, id, auth.Invocation{RootTarget: url, Action: "write"})
		r.RequestURI = strings.TrimPrefix(url, baseURL)
		if _, err := newVerifier(t, testNow).Authenticate(r, []byte(testBody)); err != nil {
			t.Fatal(err)
		}
		change(&r.URL.Path, &r.URL.RawPath)
		refuses(t, name, newVerifier(t, testNow), r, testBody, auth.BadRequest, "request URL: is not a path")
	}
}

// revocationAccess is how a server asks whether a caller may revoke: see RevocationID. nil where the capability is none of the keystore's.
func revocationAccess(caller *auth.Caller, controller string, c *auth.Capability) (auth.Access, bool) {
	keystore, id, ok := auth.RevocationID(caller.Target)
	if !ok || c.ID() != id || c.RootTarget() != keystore || c.RootDelegator() != controller || c.VerifyProofs() != nil {
		return auth.Access{}, false
	}
	a := auth.Access{RootTarget: keystore, Controllers: []string{controller}, Target: caller.Target, Action: "write"}
	if caller.RootID() == auth.RootID(caller.Target) {
		a.RootTarget, a.Controllers = caller.Target, []string{c.Controller()}
		for _, link := range c.Chain() {
			a.Controllers = append(a.Controllers, link.Delegator)
		}
	}
	return a, true
}

func TestWhoMayRevoke(t *testing.T) {
	ids, inv := chainOf(t, 3)
	alice, bob, carol, dave, mallory := ids[0], ids[1], ids[2], ids[3], newIdentity(t, 99)
	c := inv.Capability
	url := auth.RevocationURL(c)
	ofURL := auth.Invocation{RootTarget: url, Action: "write"}
	ofKeystore := auth.Invocation{RootTarget: keystoreURL, Action: "write"}
	given := func(by, to *auth.Identity, root, target string, actions ...string) auth.Invocation {
		return auth.Invocation{Action: "write", Capability: delegate(t, by, auth.Delegation{
			RootTarget: root, Controller: to.DID(), Target: target, Actions: actions, Expires: testNow.Add(time.Hour),
		}, testNow)}
	}
	another := strings.Replace(url, "urn%3Auuid%3A", "urn%3Auuid%3A0", 1)
	for name, who := range map[string]struct {
		id   *auth.Identity
		inv  auth.Invocation
		text string
	}{
		"controller":                       {alice, ofURL, ""},
		"first delegate":                   {bob, ofURL, ""},
		"second delegate":                  {carol, ofURL, ""},
		"last delegate":                    {dave, ofURL, ""},
		"stranger":                         {mallory, ofURL, "not allowed"},
		"controller, keystore's root":      {alice, ofKeystore, ""},
		"delegate, keystore's root":        {bob, ofKeystore, "not allowed"},
		"delegated, keystore's root":       {mallory, given(alice, mallory, keystoreURL, "", "write"), ""},
		"delegated, for this URL":          {mallory, given(alice, mallory, keystoreURL, url, "write"), ""},
		"delegated, from this URL's root":  {mallory, given(carol, mallory, url, ""), ""},
		"delegated by a stranger":          {bob, given(mallory, bob, url, ""), "not allowed"},
		"delegated, for another action":    {mallory, given(alice, mallory, keystoreURL, "", "sign"), "does not allow"},
		"delegated, for another":           {mallory, given(alice, mallory, keystoreURL, another, "write"), "does not reach"},
		"root of another's revocation":     {alice, auth.Invocation{RootTarget: another, Action: "write"}, "this needs one from"},
		"root of the revocations' folder":  {alice, auth.Invocation{RootTarget: strings.TrimSuffix(revocationsURL, "/"), Action: "write"}, "this needs one from"},
		"another action":                   {alice, auth.Invocation{RootTarget: url, Action: "sign"}, `this needs "write"`},
		"what is to be revoked, as itself": {dave, auth.Invocation{Capability: c, Action: "write"}, "does not allow"},
	} {
		caller := authenticate(t, newVerifier(t, testNow), url, who.id, who.inv)
		access, ok := revocationAccess(caller, alice.DID(), c)
		if !ok {
			t.Fatalf("%s: not a revocation", name)
		}
		err := caller.Can(access)
		if who.text == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.Is(err, &auth.Error{Kind: auth.Forbidden}) || !strings.Contains(err.Error(), who.text) {
			t.Errorf("%s: got %v, want …%s…", name, err, who.text)
		}
	}
}

// Who controls a chain is believed only of a genuine one from the keystore's controller.
func TestRevokeForged(t *testing.T) {
	alice, mallory := newIdentity(t, 1), newIdentity(t, 99)
	hour := testNow.Add(time.Hour)
	own := delegate(t, mallory, auth.Delegation{RootTarget: keystoreURL, Controller: mallory.DID(), Expires: hour}, testNow)
	genuine := delegate(t, alice, auth.Delegation{RootTarget: keystoreURL, Controller: newIdentity(t, 2).DID(), Expires: hour}, testNow)
	forged, err := auth.ParseCapability(edit(t, genuine.JSON(), mallory.DID(), "controller"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*auth.Capability{"her own": own, "another controller put in": forged} {
		url := auth.RevocationURL(c)
		caller := authenticate(t, newVerifier(t, testNow), url, mallory, auth.Invocation{RootTarget: url, Action: "write"})
		if a, ok := revocationAccess(caller, alice.DID(), c); ok {
			t.Errorf("%s: taken for the keystore's, with controllers %s", name, a.Controllers)
		}
	}
}
