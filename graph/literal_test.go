package graph_test

import (
	"bytes"
	"strings"
	"testing"

	"twolock/server/servertest"
)

// Bytes in the text of a document are refused wherever they stand, before anything else is looked at, and the document is not kept: it would
// be kept with a secret in it.
func TestBytesInTheTextAreRefused(t *testing.T) {
	s := servertest.Start(t)
	ks := s.Keystore("LOCAL")
	key := s.Key(ks, "ED25519")
	for name, document := range map[string]string{
		"in an input":               `mutation{sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"in an optional field":      `mutation{encrypt(input:{key:"KEY",plaintext:null,aad:"LITERAL"}){version}}`,
		"as a block string":         `mutation{sign(input:{key:"KEY",message:"""LITERAL"""}){version}}`,
		"as a number":               `mutation{sign(input:{key:"KEY",message:12345}){version}}`,
		"as a fraction":             `mutation{sign(input:{key:"KEY",message:1.5}){version}}`,
		"as a boolean":              `mutation{sign(input:{key:"KEY",message:true}){version}}`,
		"as an enum value":          `mutation{sign(input:{key:"KEY",message:LITERAL}){version}}`,
		"as an object":              `mutation{sign(input:{key:"KEY",message:{a:"LITERAL"}}){version}}`,
		"in a list":                 `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:["LITERAL"]}){version}}`,
		"in a list, second":         `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:[$m,"LITERAL"]}){version}}`,
		"in a list of lists":        `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:[["LITERAL"]]}){version}}`,
		"instead of a list":         `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:"LITERAL"}){version}}`,
		"in a fragment":             `mutation{...a} fragment a on Mutation{sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"in an inline fragment":     `mutation{...{sign(input:{key:"KEY",message:"LITERAL"}){version}}}`,
		"in a typed fragment":       `mutation{... on Mutation{sign(input:{key:"KEY",message:"LITERAL"}){version}}}`,
		"in a fragment of no use":   `mutation($m:Bytes!){sign(input:{key:"KEY",message:$m}){version}} fragment a on Mutation{sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"in another operation":      `query a{service{name}} mutation b{sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"as a default":              `mutation($m:Bytes="LITERAL"){sign(input:{key:"KEY",message:$m}){version}}`,
		"in a list's default":       `mutation($m:Bytes!,$s:[Bytes!]=["LITERAL"]){sign(input:{key:"KEY",message:$m,secretShares:$s}){version}}`,
		"in an input's default":     `mutation($i:SignInput!={key:"KEY",message:"LITERAL"}){sign(input:$i){version}}`,
		"in a list in an input's":   `mutation($i:SignInput={key:"KEY",secretShares:["LITERAL"]}){sign(input:$i){version}}`,
		"in a fragment's default":   `mutation($m:Bytes!){...a} fragment a($x:Bytes="LITERAL") on Mutation{sign(input:{key:"KEY",message:$m}){version}}`,
		"under another name":        `mutation{other:sign(input:{key:"KEY",message:"LITERAL"}){version}}`,
		"of an operation left out":  `mutation{sign(input:{key:"KEY",message:"LITERAL"})@skip(if:true){version}}`,
		"in a field nobody asks of": `mutation{sign(input:{key:"KEY",message:"LITERAL"})}`,
	} {
		t.Run(name, func(t *testing.T) {
			document = strings.NewReplacer("KEY", key, "LITERAL", canary).Replace(document)
			s.Journal.Take()
			a := s.Do(servertest.As(s.Alice), key, "sign", document, map[string]any{"m": canary})
			if a.Code() != "BAD_USER_INPUT" || !strings.Contains(a.Errors[0].Message, "Bytes stand in the text") {
				t.Errorf("got %d %s, want to be told that Bytes stand in the text", a.Status, a.Body)
			}
			if bytes.Contains(a.Body, []byte(canary)) {
				t.Errorf("the answer repeats them: %s", a.Body)
			}
			if s.API.Cached(document) {
				t.Error("the document is kept")
			}
			if e := s.Journal.Take(); len(e) > 0 {
				t.Errorf("the operation was begun: %v", e)
			}
		})
	}
	if strings.Contains(s.Log.String(), canary) {
		t.Errorf("the log has them: %s", s.Log)
	}
}

// So are JWKs: a private one would be kept.
func TestJWKsInTheTextAreRefused(t *testing.T) {
	s := servertest.Start(t)
	key := s.Key(s.Keystore("LOCAL"), "ED25519")
	for name, document := range map[string]string{
		"in an input":          `mutation($k:Bytes!){wrapKey(input:{key:"KEY",keyToWrap:$k,ephemeralKey:{d:"LITERAL"}}){version}}`,
		"as a string":          `mutation($k:Bytes!){wrapKey(input:{key:"KEY",keyToWrap:$k,ephemeralKey:"LITERAL"}){version}}`,
		"with a variable":      `mutation($k:Bytes!,$d:String){wrapKey(input:{key:"KEY",keyToWrap:$k,ephemeralKey:{d:$d,x:"LITERAL"}}){version}}`,
		"as a default":         `mutation($k:Bytes!,$e:JWK={d:"LITERAL"}){wrapKey(input:{key:"KEY",keyToWrap:$k,ephemeralKey:$e}){version}}`,
		"in an input's":        `mutation($i:WrapKeyInput={key:"KEY",ephemeralKey:{d:"LITERAL"}}){wrapKey(input:$i){version}}`,
		"of a key to import":   `mutation{importKey(input:{keystore:"KEY",type:AES_256_GCM,jwk:{kty:"oct",k:"LITERAL"}}){key{id}}}`,
		"in a fragment unused": `{service{name}} fragment a on Mutation{importKey(input:{keystore:"KEY",type:ED25519,jwk:{d:"LITERAL"}}){key{id}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			document = strings.NewReplacer("KEY", key, "LITERAL", canary).Replace(document)
			a := s.Do(servertest.As(s.Alice), key, "wrapKey", document, map[string]any{"k": canary})
			if a.Code() != "BAD_USER_INPUT" || !strings.Contains(a.Errors[0].Message, "a JWK stands in the text") {
				t.Errorf("got %d %s, want to be told that a JWK stands in the text", a.Status, a.Body)
			}
			if bytes.Contains(a.Body, []byte(canary)) || s.API.Cached(document) {
				t.Errorf("the answer repeats it, or the document is kept: %s", a.Body)
			}
		})
	}
	if strings.Contains(s.Log.String(), canary) {
		t.Errorf("the log has it: %s", s.Log)
	}
}

// As variables they work, in each of the ways to give them, and a document without them is kept.
func TestBytesAsVariables(t *testing.T) {
	s := servertest.Start(t)
	key := s.Key(s.Keystore("LOCAL"), "ED25519")
	for name, c := range map[string]struct {
		document  string
		variables map[string]any
	}{
		"in an input":        {`mutation($i:SignInput!){sign(input:$i){signature}}`, map[string]any{"i": map[string]any{"key": key, "message": canary}}},
		"by themselves":      {`mutation($m:Bytes!){sign(input:{key:"KEY",message:$m}){signature}}`, map[string]any{"m": canary}},
		"null as a default":  {`mutation($m:Bytes!,$s:[Bytes!]=null){sign(input:{key:"KEY",message:$m,secretShares:$s}){signature}}`, map[string]any{"m": canary}},
		"null in the text":   {`mutation($m:Bytes!){sign(input:{key:"KEY",message:$m,secretShares:null}){signature}}`, map[string]any{"m": canary}},
		"an input's default": {`mutation($m:Bytes!,$e:SignatureEncoding!=IEEE_P1363){sign(input:{key:"KEY",message:$m,encoding:$e}){signature}}`, map[string]any{"m": canary}},
	} {
		t.Run(name, func(t *testing.T) {
			document := strings.ReplaceAll(c.document, "KEY", key)
			for range 2 { // the second time from the cache
				a := s.Do(servertest.As(s.Alice), key, "sign", document, c.variables)
				if len(a.Errors) > 0 || !bytes.Contains(a.Data, []byte(`"signature":"`)) {
					t.Errorf("got %d %s", a.Status, a.Body)
				}
				if !s.API.Cached(document) {
					t.Error("the document is not kept")
				}
			}
		})
	}
	long := `{service{name}}#` + strings.Repeat("x", 5000)
	if a := s.Do(nil, s.URL+"/graphql", "", long, nil); len(a.Errors) > 0 || s.API.Cached(long) {
		t.Errorf("a document of 5 KB: %s, kept %t; want it answered and not kept", a.Body, s.API.Cached(long))
	}
	bad := `{service{nam}}`
	if a := s.Do(nil, s.URL+"/graphql", "", bad, nil); a.Code() != "BAD_USER_INPUT" || s.API.Cached(bad) {
		t.Errorf("a document that is not valid: %s, kept %t", a.Body, s.API.Cached(bad))
	}
}
