package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"twolock/auth"
)

func authenticate(t testing.TB, v *auth.Verifier, url string, id *auth.Identity, inv auth.Invocation) *auth.Caller {
	t.Helper()
	caller, err := v.Authenticate(signed(t, url, testBody, id, inv), []byte(testBody))
	if err != nil {
		t.Fatal(err)
	}
	return caller
}

func delegate(t testing.TB, by *auth.Identity, d auth.Delegation, now time.Time) *auth.Capability {
	t.Helper()
	c, err := by.Delegate(d, now)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCan(t *testing.T) {
	alice, bob, mallory := newIdentity(t, 1), newIdentity(t, 2), newIdentity(t, 3)
	hour := testNow.Add(time.Hour)
	root := auth.Invocation{RootTarget: keystoreURL, Action: "sign"}
	toBob := func(target string, actions ...string) auth.Invocation {
		return auth.Invocation{Action: "sign", Capability: delegate(t, alice, auth.Delegation{
			RootTarget: keystoreURL, Controller: bob.DID(), Target: target, Actions: actions, Expires: hour,
		}, testNow)}
	}
	with := func(inv auth.Invocation, action string) auth.Invocation {
		inv.Action = action
		return inv
	}
	sign := auth.Access{RootTarget: keystoreURL, Controllers: []string{alice.DID()}, Target: keyURL, Action: "sign"}
	change := func(f func(a *auth.Access)) auth.Access {
		a := sign
		f(&a)
		return a
	}
	// Bob's own keystore, so that he has capabilities that are genuine.
	const bobs = baseURL + "/keystores/z1bob"
	bobsRoot := auth.Invocation{RootTarget: bobs, Action: "sign"}

	for name, c := range map[string]struct {
		id     *auth.Identity
		inv    auth.Invocation
		url    string
		access auth.Access
		text   string // "": allowed
	}{
		"controller, at the keystore":         {alice, root, keystoreURL, sign, ""},
		"controller, at the key":              {alice, root, keyURL, sign, ""},
		"one of several controllers":          {alice, root, keyURL, change(func(a *auth.Access) { a.Controllers = []string{mallory.DID(), alice.DID()} }), ""},
		"controller given as a key":           {alice, root, keyURL, change(func(a *auth.Access) { a.Controllers = []string{alice.KeyID()} }), ""},
		"delegated, any action":               {bob, toBob(""), keystoreURL, sign, ""},
		"delegated, this action":              {bob, toBob("", "read", "sign"), keystoreURL, sign, ""},
		"delegated, this key":                 {bob, toBob(keyURL, "sign"), keyURL, sign, ""},
		"something at the keystore itself":    {bob, toBob(""), keystoreURL, change(func(a *auth.Access) { a.Target = keystoreURL }), ""},
		"stranger":                            {mallory, root, keyURL, sign, "not allowed"},
		"delegate invokes the root":           {bob, root, keyURL, sign, "not allowed"},
		"nobody controls it":                  {alice, root, keyURL, change(func(a *auth.Access) { a.Controllers = nil }), "not allowed"},
		"empty controller":                    {alice, root, keyURL, change(func(a *auth.Access) { a.Controllers = []string{""} }), "not allowed"},
		"controller cut short":                {alice, root, keyURL, change(func(a *auth.Access) { a.Controllers = []string{alice.DID()[:len(alice.DID())-1]} }), "not allowed"},
		"controller with something after":     {alice, root, keyURL, change(func(a *auth.Access) { a.Controllers = []string{alice.DID() + "x"} }), "not allowed"},
		"controller with another fragment":    {alice, root, keyURL, change(func(a *auth.Access) { a.Controllers = []string{alice.DID() + "#x"} }), "not allowed"},
		"delegated, controller changed":       {bob, toBob(""), keyURL, change(func(a *auth.Access) { a.Controllers = []string{mallory.DID()} }), "not allowed"},
		"delegated by the delegate's own":     {bob, toBob(""), keyURL, change(func(a *auth.Access) { a.Controllers = []string{bob.DID()} }), "not allowed"},
		"another action invoked":              {alice, with(root, "read"), keyURL, sign, `the action "read"; this needs "sign"`},
		"action in other letters":             {alice, with(root, "Sign"), keyURL, sign, `this needs "sign"`},
		"no action asked":                     {alice, root, keyURL, change(func(a *auth.Access) { a.Action = "" }), "this needs"},
		"action not delegated":                {bob, toBob("", "read", "verify"), keyURL, sign, `does not allow the action "sign"; it allows read, verify`},
		"begins like a delegated action":      {bob, toBob("", "signAll"), keyURL, sign, "does not allow"},
		"target beside the URL":               {alice, root, keyURL, change(func(a *auth.Access) { a.Target = keystoreURL + "/keys/z2" }), "does not reach"},
		"target above the URL":                {alice, root, keyURL, change(func(a *auth.Access) { a.Target = keystoreURL }), "does not reach"},
		"target begins like the URL":          {alice, root, keyURL, change(func(a *auth.Access) { a.Target = keyURL + "2" }), "does not reach"},
		"target by query":                     {alice, root, keyURL, change(func(a *auth.Access) { a.Target = keyURL + "?x" }), "does not reach"},
		"no target":                           {alice, root, keyURL, change(func(a *auth.Access) { a.Target = "" }), "does not reach"},
		"target of another host":              {alice, root, keyURL, change(func(a *auth.Access) { a.Target = "https://evil.example" }), "does not reach"},
		"URL above the capability's":          {bob, toBob(keyURL), keystoreURL, sign, "does not reach"},
		"URL beside the capability's":         {bob, toBob(keyURL), keyURL + "2", change(func(a *auth.Access) { a.Target = keyURL + "2" }), "does not reach"},
		"root begins like the URL":            {alice, auth.Invocation{RootTarget: baseURL + "/keystores/z1", Action: "sign"}, baseURL + "/keystores/z10", auth.Access{RootTarget: baseURL + "/keystores/z1", Controllers: []string{alice.DID()}, Target: baseURL + "/keystores/z10", Action: "sign"}, "does not reach"},
		"another keystore's root":             {bob, bobsRoot, keyURL, sign, "this needs one from " + auth.RootID(keystoreURL)},
		"another keystore's root, controlled": {alice, auth.Invocation{RootTarget: bobs, Action: "sign"}, keyURL, sign, "this needs one from"},
		"a root above":                        {alice, auth.Invocation{RootTarget: baseURL, Action: "sign"}, keyURL, sign, "this needs one from"},
		"a root below":                        {alice, auth.Invocation{RootTarget: keyURL, Action: "sign"}, keyURL, sign, "this needs one from"},
		"no root asked":                       {alice, root, keyURL, change(func(a *auth.Access) { a.RootTarget = "" }), "this needs one from"},
		"longer than this key allows":         {bob, toBob(""), keyURL, change(func(a *auth.Access) { a.MaxChain = 1 }), "2 members, the root included; at most 1"},
		"as long as this key allows":          {bob, toBob(""), keyURL, change(func(a *auth.Access) { a.MaxChain = 2 }), ""},
		"a longer bound than the server's":    {bob, toBob(""), keyURL, change(func(a *auth.Access) { a.MaxChain = 100 }), ""},
	} {
		for _, entries := range []int{-1, 4} { // without and with a cache
			v, err := auth.NewVerifier(auth.VerifierOptions{Base: baseURL, Now: func() time.Time { return testNow }, CacheEntries: entries})
			if err != nil {
				t.Fatal(err)
			}
			for round := range 2 { // the second may be answered from the cache
				err := authenticate(t, v, c.url, c.id, c.inv).Can(c.access)
				if c.text == "" {
					if err != nil {
						t.Errorf("%s, round %d: %v", name, round, err)
					}
				} else if !errors.Is(err, &auth.Error{Kind: auth.Forbidden}) || !strings.Contains(err.Error(), c.text) {
					t.Errorf("%s, round %d: got %v, want …%s…", name, round, err, c.text)
				}
			}
		}
	}
}

// Capabilities that name the right people and were not made by them. The chains are well formed: only the proofs are wrong.
func TestForged(t *testing.T) {
	alice := newIdentity(t, 1)
	_, inv := chainOf(t, 1)
	mallory := newIdentity(t, 66)
	v := newVerifier(t, testNow)
	access := auth.Access{RootTarget: keystoreURL, Controllers: []string{alice.DID()}, Target: keystoreURL, Action: "sign"}
	forged, err := auth.ParseCapability(edit(t, inv.Capability.JSON(), mallory.DID(), "controller"))
	if err != nil {
		t.Fatal(err)
	}
	extended := delegate(t, mallory, auth.Delegation{Parent: forged, Controller: mallory.DID(), Expires: testNow.Add(time.Minute)}, testNow)
	for name, c := range map[string]*auth.Capability{"forged": forged, "genuine after forged": extended} {
		for round := range 2 { // what fails is not remembered as right
			caller := authenticate(t, v, keystoreURL, mallory, auth.Invocation{Capability: c, Action: "sign"})
			for range 2 {
				if err := caller.Can(access); !errors.Is(err, &auth.Error{Kind: auth.Forbidden}) {
					t.Errorf("%s, round %d: got %v", name, round, err)
				}
			}
		}
	}

	// That a thing is not there, is someone else's, or is asked for with forged proofs, looks the same.
	texts := map[string]bool{}
	caller := authenticate(t, v, keystoreURL, mallory, auth.Invocation{Capability: forged, Action: "sign"})
	for _, controllers := range [][]string{nil, {newIdentity(t, 5).DID()}, {alice.DID()}} {
		a := access
		a.Controllers = controllers
		texts[fmt.Sprint(caller.Can(a))] = true
	}
	stranger := authenticate(t, v, keystoreURL, mallory, auth.Invocation{RootTarget: keystoreURL, Action: "sign"})
	texts[fmt.Sprint(stranger.Can(access))] = true
	if len(texts) != 1 {
		t.Errorf("refusals differ: %v", texts)
	}
}

// The cache tells nothing that depends on the time, on who asks or on what for.
func TestCacheKeepsNoDecision(t *testing.T) {
	ids, inv := chainOf(t, 2)
	now := testNow
	v, err := auth.NewVerifier(auth.VerifierOptions{Base: baseURL, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	access := auth.Access{RootTarget: keystoreURL, Controllers: []string{ids[0].DID()}, Target: keystoreURL, Action: "sign"}
	first := authenticate(t, v, keystoreURL, ids[2], inv)
	if err := first.Can(access); err != nil {
		t.Fatal(err)
	}
	r := signed(t, keystoreURL, testBody, ids[1], auth.Invocation{RootTarget: keystoreURL, Action: "sign"})
	r.Header.Set("Capability-Invocation", signed(t, keystoreURL, testBody, ids[2], inv).Header.Get("Capability-Invocation"))
	resigned(t, r, ids[1], seconds(testNow), seconds(testNow.Add(time.Minute)), allCovered)
	refuses(t, "another invoker", v, r, testBody, auth.Forbidden, "another DID")

	for name, f := range map[string]func(a *auth.Access){
		"controller": func(a *auth.Access) { a.Controllers = []string{ids[1].DID()} },
		"root":       func(a *auth.Access) { a.RootTarget = baseURL },
		"action":     func(a *auth.Access) { a.Action = "verify" },
		"target":     func(a *auth.Access) { a.Target = baseURL },
		"chain":      func(a *auth.Access) { a.MaxChain = 2 },
	} {
		a := access
		f(&a)
		if authenticate(t, v, keystoreURL, ids[2], inv).Can(a) == nil {
			t.Errorf("another %s is allowed", name)
		}
	}
	another := authenticate(t, v, keystoreURL, ids[2], inv)
	another.DID = ids[1].DID()
	if err := another.Can(access); err == nil || !strings.Contains(err.Error(), "another DID") {
		t.Errorf("another invoker: %v", err)
	}
	now = testNow.Add(time.Hour + 301*time.Second)
	if err := first.Can(access); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("after its end: %v", err)
	}
}

func TestCapabilityTime(t *testing.T) {
	ids, inv := chainOf(t, 2) // delegated at -2 and -1 minute, for an hour
	var now time.Time
	v, err := auth.NewVerifier(auth.VerifierOptions{
		Base: baseURL, Now: func() time.Time { return now }, MaxDelegationTTL: 62 * time.Minute, Skew: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	access := auth.Access{RootTarget: keystoreURL, Controllers: []string{ids[0].DID()}, Target: keystoreURL, Action: "sign"}
	now = testNow
	caller := authenticate(t, v, keystoreURL, ids[2], inv)
	for at, text := range map[time.Duration]string{
		0:                             "",
		time.Hour + 10*time.Second:    "",
		time.Hour + 11*time.Second:    "expired",
		-time.Minute - 10*time.Second: "",
		-time.Minute - 11*time.Second: "in the future",
		-365 * 24 * time.Hour:         "in the future",
		365 * 24 * time.Hour:          "expired",
	} {
		now = testNow.Add(at)
		if err := caller.Can(access); text == "" && err != nil || text != "" && (err == nil || !strings.Contains(err.Error(), text)) {
			t.Errorf("at %s: got %v, want %q", at, err, text)
		}
	}

	now = testNow
	for ttl, allowed := range map[time.Duration]bool{62 * time.Minute: true, 62*time.Minute + time.Second: false} {
		c := delegate(t, ids[0], auth.Delegation{RootTarget: keystoreURL, Controller: ids[1].DID(), Expires: testNow.Add(ttl)}, testNow)
		err := authenticate(t, v, keystoreURL, ids[1], auth.Invocation{Capability: c, Action: "sign"}).Can(access)
		if (err == nil) != allowed {
			t.Errorf("valid for %s: %v", ttl, err)
		}
	}
}

func TestMaxChain(t *testing.T) {
	ids, inv := chainOf(t, 3)
	for most, allowed := range map[int]bool{0: true, 4: true, 3: false} {
		v, err := auth.NewVerifier(auth.VerifierOptions{Base: baseURL, Now: func() time.Time { return testNow }, MaxChain: most})
		if err != nil {
			t.Fatal(err)
		}
		err = authenticate(t, v, keystoreURL, ids[3], inv).Can(auth.Access{
			RootTarget: keystoreURL, Controllers: []string{ids[0].DID()}, Target: keystoreURL, Action: "sign",
		})
		if (err == nil) != allowed {
			t.Errorf("at most %d: %v", most, err)
		}
	}
}

// Many requests and many operations of one request at once, with a cache too small for them.
func TestConcurrent(t *testing.T) {
	v, err := auth.NewVerifier(auth.VerifierOptions{Base: baseURL, Now: func() time.Time { return testNow }, CacheEntries: 1})
	if err != nil {
		t.Fatal(err)
	}
	var requests []*http.Request
	for levels := range 3 {
		ids, inv := chainOf(t, levels)
		requests = append(requests, signed(t, keystoreURL, testBody, ids[levels], inv))
	}
	access := auth.Access{
		RootTarget: keystoreURL, Controllers: []string{newIdentity(t, 1).DID()}, Target: keystoreURL, Action: "sign",
	}
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			caller, err := v.Authenticate(requests[i%3], []byte(testBody))
			if err != nil {
				t.Error(err)
				return
			}
			var operations sync.WaitGroup
			for range 4 {
				operations.Go(func() {
					if err := caller.Can(access); err != nil {
						t.Error(err)
					}
				})
			}
			operations.Wait()
		})
	}
	all.Wait()
}

// The zero Caller, which a server without authentication would have, may do nothing.
func TestZeroCaller(t *testing.T) {
	for _, caller := range []*auth.Caller{{}, {DID: newIdentity(t, 1).DID(), Action: "sign", Target: keystoreURL}} {
		err := caller.Can(auth.Access{
			RootTarget: keystoreURL, Controllers: []string{newIdentity(t, 1).DID()}, Target: keystoreURL, Action: "sign",
		})
		if !errors.Is(err, &auth.Error{Kind: auth.Unauthenticated}) {
			t.Errorf("%+v: got %v", caller, err)
		}
	}
}
