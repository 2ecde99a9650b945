package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"twolock/client"
	"twolock/companion/authserver"
	edvserver "twolock/companion/edv"
	"twolock/keystore"
)

const wholeStatus = `{ status { startedAt version serverLocks operators openRegistration authServer
	database { kind health { answers problem latency checkedAt } } locks { id health { answers problem latency checkedAt } }
	authServerHealth { answers problem latency checkedAt } operatorDetails { did origin enrolledAt }
	counts { countedAt keystores keystoresByState { state count } keys keysByKind { type state count } vaults vaultCapabilitiesEndingSoon vaultCapabilitiesEnded }
	countFailed
	activity { since requests operations vaultRequests vaultFailures errors { code count } latency { p50 p95 p99 } minutes { at requests operations errors { code count } latency { p50 p95 p99 } } }
	settings { name description values secret isSet isDefault } } }`

type healthAnswer struct {
	Answers   bool
	Problem   *string
	Latency   float64
	CheckedAt time.Time
}

type statusAnswer struct {
	Status struct {
		Version  string
		Database struct {
			Kind   string
			Health *healthAnswer
		}
		Locks []struct {
			ID     string
			Health *healthAnswer
		}
		AuthServerHealth *healthAnswer
		OperatorDetails  []struct {
			DID, Origin string
			EnrolledAt  *time.Time
		}
		Counts *struct {
			Keystores, Keys, Vaults, VaultCapabilitiesEndingSoon, VaultCapabilitiesEnded int64
			KeysByKind                                                                   []struct {
				Type, State string
				Count       int64
			}
			KeystoresByState []struct {
				State string
				Count int64
			}
		}
		CountFailed bool
		Activity    struct {
			Requests, Operations         int64
			VaultRequests, VaultFailures int64
			Errors                       []struct {
				Code  string
				Count int64
			}
			Latency *struct{ P50, P95, P99 float64 }
			Minutes []struct {
				At                   time.Time
				Requests, Operations int64
				Latency              *struct{ P50, P95, P99 float64 }
			}
		}
		Settings []struct {
			Name, Description        string
			Values                   []string
			Secret, IsSet, IsDefault bool
		}
	}
}

// readStatus reads until what is found out in the background is there.
func readStatus(t *testing.T, c *client.Client, service string, ready func(statusAnswer) bool) statusAnswer {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var out statusAnswer
		must(t, c.Do(context.Background(), service, "read", wholeStatus, nil, &out))
		if ready(out) {
			return out
		}
		if time.Now().After(until) {
			t.Fatalf("the status never was as it should be: %+v", out.Status)
		}
	}
}

// What an operator sees of a service with both locks, both stores and an Auth server.
func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := func() time.Time { return w.clock.now() }
	flags := at("", append(w.flags("local"), "--server-lock", "aws-kms:"+awsARN, "--aws-endpoint", w.awsURL, "--aws-region", awsRegion))
	n, code := tryStartAt(t, now, flags...)
	if n == nil {
		t.Fatalf("serve: exit %d", code)
	}
	u := newUser(t, w, n, "LOCAL", false)
	inVault := newUser(t, w, n, "LOCAL", true)
	service := n.url + "/graphql"
	calls := w.auth.Calls()
	out := readStatus(t, as(w.alice), service, func(a statusAnswer) bool {
		s := a.Status
		return s.Counts != nil && s.Database.Health != nil && s.AuthServerHealth != nil && !slices.ContainsFunc(s.Locks, func(l struct {
			ID     string
			Health *healthAnswer
		}) bool {
			return l.Health == nil
		})
	})
	s := out.Status
	if s.Database.Kind != "SQLITE" || !s.Database.Health.Answers || len(s.Locks) != 2 || !s.Locks[0].Health.Answers || !s.Locks[1].Health.Answers || !s.AuthServerHealth.Answers {
		t.Errorf("all is well, and the status says %+v, %+v, %+v", s.Database, s.Locks, s.AuthServerHealth)
	}
	if d := s.OperatorDetails; len(d) != 1 || d[0].DID != w.alice.DID() || d[0].Origin != "CONFIGURED" || d[0].EnrolledAt != nil {
		t.Errorf("operators: %+v", d)
	}
	var keys int64
	for _, k := range s.Counts.KeysByKind {
		keys += k.Count
	}
	if c := s.Counts; c.Keystores != 2 || c.Vaults != 1 || c.Keys != int64(len(u.keys)) || c.Keys != keys || c.KeystoresByState[0].Count != 2 {
		t.Errorf("counts: %+v; want two keystores, one with a vault, and %d keys, those in the vault not counted", c, len(u.keys))
	}
	if a := s.Activity; a.Operations < 2 || a.Latency == nil || a.Latency.P50 <= 0 || a.Latency.P99 < a.Latency.P50 || len(a.Minutes) == 0 || len(a.Minutes) > 60 {
		t.Errorf("activity: %+v", a)
	}
	if a := s.Activity; a.VaultRequests == 0 || a.VaultFailures != 0 {
		t.Errorf("requests to vaults: %d, of which %d failed; want some, and none", a.VaultRequests, a.VaultFailures)
	}
	// That the Auth server has no share of the service itself tells nothing of its URL, until it has given one.
	if h := s.AuthServerHealth; h.Problem == nil || !strings.Contains(*h.Problem, "--auth-url") {
		t.Errorf("no share was fetched yet, and the status says %+v of the Auth server", h)
	}
	shamir := newUser(t, w, n, "SHAMIR", false)
	calls++ // for its share
	// Reading again within the minute asks nobody.
	awsCalls := w.aws.Calls("Decrypt")
	for range 20 {
		must(t, as(w.alice).Do(context.Background(), service, "read", wholeStatus, nil, nil))
	}
	if got := w.auth.Calls() - calls; got != 1 {
		t.Errorf("the Auth server was asked %d times in a minute, want once", got)
	}
	if got := w.aws.Calls("Decrypt") - awsCalls; got != 0 {
		t.Errorf("AWS KMS was asked %d times more in a minute, want none", got)
	}

	w.clock.pass(61 * time.Second)
	readStatus(t, as(w.alice), service, func(a statusAnswer) bool { h := a.Status.AuthServerHealth; return h.Answers && h.Problem == nil })
	must(t, second(shamir.sign()))

	// What fails is said, in words, a minute later.
	wantCode(t, "a stranger's status", as(w.mallory).Do(context.Background(), service, "read", wholeStatus, nil, nil), "FORBIDDEN")
	w.auth.Inject(authserver.Reset, authserver.Always)
	w.clock.pass(61 * time.Second)
	out = readStatus(t, as(w.alice), service, func(a statusAnswer) bool { return !a.Status.AuthServerHealth.Answers })
	if h := out.Status.AuthServerHealth; h.Problem == nil || *h.Problem == "" || !out.Status.Locks[0].Health.Answers {
		t.Errorf("the Auth server is gone: %+v", h)
	}
	w.edv.Inject(edvserver.Get, edvserver.Fault{Kind: edvserver.Drop})
	wantCode(t, "sign without the vault", second(inVault.sign()), "UPSTREAM_UNAVAILABLE")
	w.edv.Heal()
	must(t, as(w.alice).Do(context.Background(), service, "read", wholeStatus, nil, &out))
	if a := out.Status.Activity; a.VaultFailures == 0 || a.VaultRequests <= s.Activity.VaultRequests {
		t.Errorf("a vault broke connections: %d of %d requests, %d before", a.VaultFailures, a.VaultRequests, s.Activity.VaultRequests)
	}
	if e := out.Status.Activity.Errors; len(e) == 0 || e[0].Code != "FORBIDDEN" {
		t.Errorf("a request was refused, and the activity has %+v", e)
	}
}

// An Auth server at a wrong path answers, and is not called healthy.
func TestWrongAuthURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.authURL += "/slip"
	n := start(t, at("", w.flags("local"))...)
	keystore := w.keystore(n, "SHAMIR", false)
	u := &user{t: t, c: as(w.alice), keystore: keystore, shares: []string{b64(w.shares[0])}, keys: map[string]string{}}
	wantCode(t, "a share from a wrong path", second(u.create("ED25519")), "UPSTREAM_UNAVAILABLE")
	out := readStatus(t, as(w.alice), n.url+"/graphql", func(a statusAnswer) bool { return a.Status.AuthServerHealth != nil })
	if h := out.Status.AuthServerHealth; h.Problem == nil || !strings.Contains(*h.Problem, "--auth-url") {
		t.Errorf("the path is wrong, and the status says %+v", h)
	}
}

// Settings show what was configured, and no secret: what a field does not say may be shown is not, whatever is in it.
func TestSettings(t *testing.T) {
	c := Config{
		Listen: "127.0.0.1:9", DataDir: "/data", Database: "postgres://user:canary-password@db.example:5432/twolock?password=canary-query&sslkey=x",
		AuthURL: "https://canary-user:canary-password@auth.example/x?token=canary-query#canary", AWSEndpoint: "https://canary@aws.example",
		BaseURL: "https://kms.example", AuthToken: "canary-token", ServerLock: []string{"local:/a", "local:/b"}, CacheTTL: time.Minute,
	}
	all := c.settings()
	text, err := json.Marshal(all)
	must(t, err)
	if strings.Contains(string(text), "canary") {
		t.Errorf("a secret is shown: %s", text)
	}
	got := map[string]keystore.Setting{}
	for _, s := range all {
		got[s.Name] = s
		if s.Description == "" || s.Values == nil || s.IsSet && !s.Secret && len(s.Values) == 0 {
			t.Errorf("%s: %+v", s.Name, s)
		}
	}
	for name, want := range map[string][]string{
		"listen": {"127.0.0.1:9"}, "database": {"postgres://db.example:5432/twolock"}, "auth-url": {"https://auth.example/x"}, "aws-endpoint": {"https://aws.example"},
		"server-lock": {"local:/a", "local:/b"}, "cache-ttl": {"1m0s"}, "auth-token": {}, "tls-cert": {}, "open-registration": {"false"},
	} {
		if !slices.Equal(got[name].Values, want) {
			t.Errorf("%s: %v, want %v", name, got[name].Values, want)
		}
	}
	if s := got["auth-token"]; !s.Secret || !s.IsSet {
		t.Errorf("auth-token: %+v, want a secret that is set", s)
	}
	if s := got["tls-cert"]; s.Secret || s.IsSet {
		t.Errorf("tls-cert: %+v, want what is not set", s)
	}
	// A field that is new says nothing, and is not shown.
	typ := reflect.TypeFor[Config]()
	for i := range typ.NumField() {
		tag := typ.Field(i).Tag
		if show := tag.Get("show"); tag.Get("flag") != "" && show != "" && show != "as it is" && show != "without secrets" {
			t.Errorf("%s has the unknown show:%q", tag.Get("flag"), show)
		}
		if name := tag.Get("flag"); tag.Get("show") == "as it is" && (strings.HasSuffix(name, "token") || strings.HasSuffix(name, "password") || strings.HasSuffix(name, "url")) {
			t.Errorf("--%s is shown as it is", name)
		}
	}
}

// What is no URL of a host is not shown: pgx takes a list of name=value behind postgres: too.
func TestSettingsWithoutHost(t *testing.T) {
	for _, database := range []string{"postgres:app.x=1 host=db.example password=canary", "postgresql:user:canary@db.example/twolock", "postgres:///twolock?password=canary", "postgres:/canary"} {
		c := Config{Database: database}
		for _, s := range c.settings() {
			if s.Name == "database" && !slices.Equal(s.Values, []string{"(not shown)"}) {
				t.Errorf("%s is shown as %q", database, s.Values)
			}
		}
	}
}

// Settings over the wire: which were given, by flag or variable, and nothing of the token.
func TestSettingsOfAServer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	var out statusAnswer
	must(t, as(w.alice).Do(context.Background(), n.url+"/graphql", "read", wholeStatus, nil, &out))
	text, err := json.Marshal(out)
	must(t, err)
	if strings.Contains(string(text), authToken) {
		t.Error("the status has the Auth server's token")
	}
	for _, s := range out.Status.Settings {
		if s.Name == "operator" && (s.IsDefault || !slices.Equal(s.Values, []string{w.alice.DID()})) || s.Name == "rsa-per-minute" && !s.IsDefault {
			t.Errorf("%+v", s)
		}
	}
}

// keystores with a filter, page by page, for operators only.
func TestKeystoresFilter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := start(t, at("", w.flags("local"))...)
	service := n.url + "/graphql"
	alice := as(w.alice)
	ids := map[string]string{}
	for i := range 7 {
		name := fmt.Sprintf("team %d", i)
		var out struct {
			CreateKeystore struct{ Keystore struct{ ID string } }
		}
		of := w.alice.DID()
		if i%2 == 1 {
			of = w.mallory.DID()
		}
		must(t, alice.Do(context.Background(), service, "createKeystore", createKeystore, input(map[string]any{"controller": of, "name": name, "tags": []object{{"name": "env", "value": []string{"prod", "test"}[i%2]}, {"name": `<"%_`, "value": fmt.Sprint(i)}}}), &out))
		ids[name] = out.CreateKeystore.Keystore.ID
	}
	must(t, alice.Do(context.Background(), ids["team 2"], "disableKeystore",
		`mutation($input: DisableKeystoreInput!) { disableKeystore(input: $input) { keystore { state } } }`, input(map[string]any{"keystore": ids["team 2"]}), nil))
	const query = `query($first: Int, $after: String, $filter: KeystoreFilter) { keystores(first: $first, after: $after, filter: $filter) {
		edges { cursor node { id } } nodes { id name controller state vaultUrl } pageInfo { hasNextPage endCursor } } }`
	list := func(filter map[string]any) (names []string) {
		t.Helper()
		variables := map[string]any{"first": 2, "filter": filter}
		for range 20 {
			var page struct {
				Keystores struct {
					Nodes    []struct{ Name string }
					PageInfo struct {
						HasNextPage bool
						EndCursor   *string
					}
				}
			}
			must(t, alice.Do(context.Background(), service, "read", query, variables, &page))
			for _, k := range page.Keystores.Nodes {
				names = append(names, k.Name)
			}
			if !page.Keystores.PageInfo.HasNextPage {
				return names
			}
			variables["after"] = *page.Keystores.PageInfo.EndCursor
		}
		t.Fatalf("%v: no last page", filter)
		return nil
	}
	short := ids["team 3"][strings.LastIndex(ids["team 3"], "/")+1:]
	for _, c := range []struct {
		filter map[string]any
		want   []string
	}{
		{nil, []string{"team 0", "team 1", "team 2", "team 3", "team 4", "team 5", "team 6"}},
		{map[string]any{"controller": w.mallory.DID()}, []string{"team 1", "team 3", "team 5"}},
		{map[string]any{"namePrefix": "team"}, []string{"team 0", "team 1", "team 2", "team 3", "team 4", "team 5", "team 6"}},
		{map[string]any{"namePrefix": "team 4"}, []string{"team 4"}},
		{map[string]any{"namePrefix": "TEAM"}, nil},
		{map[string]any{"state": "DISABLED"}, []string{"team 2"}},
		{map[string]any{"state": "ENABLED", "namePrefix": "team", "controller": w.alice.DID()}, []string{"team 0", "team 4", "team 6"}},
		{map[string]any{"vault": true}, nil},
		{map[string]any{"tag": object{"name": "env", "value": "prod"}}, []string{"team 0", "team 2", "team 4", "team 6"}},
		{map[string]any{"tag": object{"name": "env", "value": "Prod"}}, nil},
		{map[string]any{"tag": object{"name": "env"}}, nil},
		{map[string]any{"tag": object{"name": `<"%_`, "value": "3"}}, []string{"team 3"}},
		{map[string]any{"tag": object{"name": "env", "value": "prod"}, "state": "DISABLED"}, []string{"team 2"}},
		{map[string]any{"tag": object{"name": "env", "value": "test"}, "namePrefix": "team", "controller": w.mallory.DID()}, []string{"team 1", "team 3", "team 5"}},
		{map[string]any{"id": short, "tag": object{"name": "env", "value": "test"}}, []string{"team 3"}},
		{map[string]any{"id": short, "tag": object{"name": "env", "value": "prod"}}, nil},
		{map[string]any{"id": ids["team 3"]}, []string{"team 3"}},
		{map[string]any{"id": short}, []string{"team 3"}},
		{map[string]any{"id": short, "state": "DISABLED"}, nil},
		{map[string]any{"id": service[:len(service)-len("/graphql")] + "/keystores/zQmYhKk4ZvZzZzZzZzZzZzZzZz"}, nil},
	} {
		if c.want == nil && c.filter["id"] != nil && len(c.filter) == 1 {
			wantCode(t, "an id that is none", alice.Do(context.Background(), service, "read", query, map[string]any{"filter": c.filter}, nil), "BAD_USER_INPUT")
			continue
		}
		if got := list(c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%v: got %q, want %q", c.filter, got, c.want)
		}
	}
	for what, variables := range map[string]map[string]any{
		"two controllers":        {"filter": map[string]any{"controller": "bob"}},
		"a cursor of another":    {"after": "bnpYLHg", "filter": map[string]any{}},
		"a cursor by age":        {"after": "MTIz", "filter": map[string]any{"namePrefix": "t"}},
		"a name that is no text": {"filter": map[string]any{"namePrefix": "a\u0000"}},
		"a tag without a name":   {"filter": map[string]any{"tag": object{"name": ""}}},
	} {
		wantCode(t, what, alice.Do(context.Background(), service, "read", query, variables, nil), "BAD_USER_INPUT")
	}
	wantCode(t, "by a stranger", as(w.mallory).Do(context.Background(), service, "read", query, map[string]any{"filter": map[string]any{"id": ids["team 1"]}}, nil), "FORBIDDEN")
}

// The one who came with the link is told from the configured ones.
func TestOperatorDetails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	flags := at(free(t), []string{"--data-dir", w.dir})
	n := start(t, flags...)
	link, err := os.ReadFile(filepath.Join(w.dir, "operator-enrolment"))
	must(t, err)
	_, token, _ := strings.Cut(strings.TrimSpace(string(link)), "#enrol=")
	must(t, as(w.alice).Do(context.Background(), n.url+"/graphql", "enrolOperator",
		`mutation($input: EnrolOperatorInput!) { enrolOperator(input: $input) { operator } }`, input(map[string]any{"token": token}), nil))
	n.stop()
	n = start(t, append(flags, "--operator", w.mallory.DID())...)
	var out statusAnswer
	must(t, as(w.mallory).Do(context.Background(), n.url+"/graphql", "read", wholeStatus, nil, &out))
	d := out.Status.OperatorDetails
	if len(d) != 2 || d[0].DID != w.mallory.DID() || d[0].Origin != "CONFIGURED" || d[1].DID != w.alice.DID() || d[1].Origin != "ENROLLED" || d[1].EnrolledAt == nil || time.Since(*d[1].EnrolledAt) > time.Hour {
		t.Errorf("operators: %+v", d)
	}
}
