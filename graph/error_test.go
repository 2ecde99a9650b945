package graph_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"twolock/auth"
	"twolock/crypto/lock"
	"twolock/graph"
	"twolock/keystore"
	"twolock/server/servertest"
)

const signOne = `mutation($s:SignInput!){sign(input:$s){signature}}`

// internal checks that an answer is INTERNAL with a request id and nothing else, and returns the id.
func internal(t *testing.T, what string, a *servertest.Answer) string {
	t.Helper()
	var body struct {
		Errors []struct {
			Message    string
			Extensions map[string]any
		}
	}
	if err := json.Unmarshal(a.Body, &body); err != nil || len(body.Errors) != 1 {
		t.Fatalf("%s: got %d %s, want one error", what, a.Status, a.Body)
	}
	e := body.Errors[0]
	id, _ := e.Extensions["requestId"].(string)
	if e.Message != "internal error" || e.Extensions["code"] != "INTERNAL" || len(id) != 16 || len(e.Extensions) != 2 {
		t.Errorf("%s: got %s, want INTERNAL with a request id and nothing else", what, a.Body)
	}
	return id
}

// logged returns the lines of the log that have the id.
func logged(s *servertest.Server, id string) (lines []map[string]any) {
	for line := range strings.SplitSeq(s.Log.String(), "\n") {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil && entry["request"] == id {
			lines = append(lines, entry)
		}
	}
	return lines
}

// What is our own fault tells the caller an id, and the log the reason under the same id; neither has what was sent.
func TestInternalErrors(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	key := s.Key(ks, "ED25519")
	variables := map[string]any{"s": map[string]any{"key": key, "message": canary}}
	send := func() *servertest.Answer { return s.Do(servertest.As(s.Alice), key, "sign", signOne, variables) }

	s.Journal.Break(func(keystore.Entry) error { return errors.New("disk on fire") })
	id := internal(t, "the journal fails", send())
	lines := logged(s, id)
	if len(lines) != 1 || lines[0]["level"] != "ERROR" || lines[0]["path"] != "sign" || !strings.Contains(fmt.Sprint(lines[0]["error"]), "disk on fire") {
		t.Errorf("the journal fails: logged %v", lines)
	}
	if other := internal(t, "the journal fails again", send()); other == id {
		t.Error("two requests have one id")
	}

	s.Journal.Break(func(keystore.Entry) error { panic("panic with " + canary) })
	lines = logged(s, internal(t, "a panic", send()))
	if len(lines) != 2 || lines[0]["type"] != "string" || !strings.Contains(fmt.Sprint(lines[0]["stack"]), "resolvers.go") {
		t.Errorf("a panic: logged %v, want its type and its stack", lines)
	}
	s.Journal.Break(nil)
	if a := send(); len(a.Errors) > 0 {
		t.Errorf("after a panic: got %s", a.Body)
	}

	if err := s.DB.Close(); err != nil {
		t.Fatal(err)
	}
	a := s.Do(servertest.As(s.Alice), ks, "generateKey", `mutation($c:CreateKeyInput!){createKey(input:$c){key{id}}}`,
		map[string]any{"c": map[string]any{"keystore": ks, "type": "ED25519", "idempotencyKey": canary}})
	lines = logged(s, internal(t, "the database is closed", a))
	if len(lines) != 1 || lines[0]["error"] == "" {
		t.Errorf("the database is closed: logged %v", lines)
	}
	if log := s.Log.String(); strings.Contains(log, canary) {
		t.Errorf("the log has what was sent, or what the panic said: %s", log)
	}
}

// What others failed to do says who, and whether to try again; the log has the reason, the caller has not.
func TestUpstreamErrors(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("SHAMIR")
	share := base64.RawURLEncoding.EncodeToString(append(make([]byte, 32), 7))
	for _, c := range []struct {
		err  error
		want string
	}{
		{&lock.UnavailableError{Upstream: "auth-server", Reason: "does not answer", Retryable: true, Err: errors.New("dial " + canary)},
			`{"code":"UPSTREAM_UNAVAILABLE","retryable":true,"upstream":"auth-server"}`},
		{&lock.UnavailableError{Upstream: "auth-server", Reason: "refuses us", Err: errors.New("dial " + canary)},
			`{"code":"UPSTREAM_UNAVAILABLE","retryable":false,"upstream":"auth-server"}`},
	} {
		s.Shares.Set(nil, c.err)
		a := s.Do(servertest.As(s.Alice), ks, "generateKey", `mutation($c:CreateKeyInput!){createKey(input:$c){key{id}}}`,
			map[string]any{"c": map[string]any{"keystore": ks, "type": "ED25519", "secretShares": []string{share}}})
		var body struct {
			Errors []struct{ Extensions json.RawMessage }
		}
		if err := json.Unmarshal(a.Body, &body); err != nil || len(body.Errors) != 1 || string(body.Errors[0].Extensions) != c.want {
			t.Errorf("%v: got %s, want %s", c.err, a.Body, c.want)
		}
		if strings.Contains(string(a.Body), canary) {
			t.Errorf("%v: the caller is told the reason: %s", c.err, a.Body)
		}
	}
	if log := s.Log.String(); strings.Count(log, canary) != 2 || strings.Contains(log, share) {
		t.Errorf("the log must have the reasons, and no share: %s", log)
	}
}

// retryable is there, true or false, with every code for which repeating may help, and with no other.
func TestRetryableOnlyWhereItMeansSomething(t *testing.T) {
	means := []keystore.Code{keystore.Conflict, keystore.RateLimited, keystore.UpstreamUnavailable}
	for _, code := range constants(t) {
		for _, retryable := range []bool{true, false} {
			w := httptest.NewRecorder()
			graph.WriteError(w, 409, &keystore.Error{Code: code, Message: "m", Retryable: retryable, Err: errors.New(canary)})
			want := `{"errors":[{"message":"m","extensions":{"code":"` + string(code) + `"`
			if slices.Contains(means, code) {
				want += fmt.Sprintf(`,"retryable":%t`, retryable)
			}
			if code == keystore.UpstreamUnavailable {
				want += `,"upstream":""`
			}
			if got := strings.TrimSpace(w.Body.String()); got != want+`}}]}` || w.Code != 409 {
				t.Errorf("%s: got %d %s, want %s", code, w.Code, got, want)
			}
		}
	}
}

// constants are the codes of package keystore, as its source has them.
func constants(t *testing.T) (codes []keystore.Code) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../keystore/error.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Code" {
				code, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, keystore.Code(code))
			}
		}
		return true
	})
	return codes
}

// The schema tells of each code that there is, and of no other.
func TestErrorCodes(t *testing.T) {
	s, err := graph.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	var told []keystore.Code
	for _, v := range s.Types["ErrorCode"].EnumValues {
		told = append(told, keystore.Code(v.Name))
	}
	if codes := constants(t); len(codes) != 10 || !slices.Equal(told, codes) || !slices.Equal(keystore.Codes(), codes) {
		t.Errorf("the codes are %v, in the schema %v, all %v", codes, told, keystore.Codes())
	}
	if got := s.Types["ErrorCount"].Fields.ForName("code").Type.String(); got != "ErrorCode!" {
		t.Errorf("ErrorCount.code is a %s", got)
	}
}

// A request whose time was up before it began is told so: an empty answer would look like success.
func TestRequestOutOfTime(t *testing.T) {
	s := servertest.Start(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w := httptest.NewRecorder()
	s.API.Serve(ctx, w, graph.Request{Caller: &auth.Caller{}, ID: "0123456789abcdef", Body: query("{service{name}}")})
	if w.Code != 503 || !strings.Contains(w.Body.String(), `"requestId":"0123456789abcdef"`) {
		t.Errorf("got %d %q, want 503 and the request's id", w.Code, w.Body)
	}
}

// A key's public part is answered in the forms that it has, and null in the forms that it has not.
func TestAnswersAreJSON(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	for typ, null := range map[string]bool{"ED25519": false, "ECDSA_P256": false, "AES_256_GCM": true, "HMAC_SHA256": true} {
		key := s.Key(ks, typ)
		a := s.Do(servertest.As(s.Alice), key, "read", `query($id:ID!){key(id:$id){publicKey{bytes spki pem jwk multikey}createdAt}}`, map[string]any{"id": key})
		var data struct {
			Key struct {
				PublicKey map[string]any
				CreatedAt string
			}
		}
		if err := json.Unmarshal(a.Data, &data); err != nil || len(a.Errors) > 0 {
			t.Errorf("%s: got %s", typ, a.Body)
			continue
		}
		if (data.Key.PublicKey == nil) != null || !strings.HasSuffix(data.Key.CreatedAt, "Z") {
			t.Errorf("%s: got %s", typ, a.Data)
		}
		if jwk, ok := data.Key.PublicKey["jwk"].(map[string]any); !null && (!ok || !slices.Contains(slices.Collect(maps.Keys(jwk)), "kty")) {
			t.Errorf("%s: the JWK is %v", typ, data.Key.PublicKey["jwk"])
		}
	}
}
