package graph_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"twolock/graph"
)

// What our schema has beyond the contract.
var additions = []string{
	"Keystore.vaultCapabilityExpires",
	"Mutation.updateVaultCapability", "UpdateVaultCapabilityInput", "UpdateVaultCapabilityPayload",
	"Query.keystores", "KeystoreConnection", "KeystoreEdge", "Query.status", "ServiceStatus",
	"Keystore.revocations", "RevocationConnection", "RevocationEdge", "Revocation",
	"Mutation.updateKeystore", "UpdateKeystoreInput", "UpdateKeystorePayload",
	"Key.maxCapabilityChainLength", "CreateKeyInput.maxCapabilityChainLength",
	"Mutation.enrolOperator", "EnrolOperatorInput", "EnrolOperatorPayload",
	"Scope", "@action", "@public",
}

// What the contract has and ours does not yet. A name leaves this list when it comes; the list only gets shorter.
var later = []string{
	"KeyType.ECDSA_P384", "KeyType.ECDSA_P521", "KeyType.ECDSA_SECP256K1", "KeyType.RSA_2048", "KeyType.RSA_3072", "KeyType.RSA_4096",
	"KeyType.ML_DSA_44", "KeyType.ML_DSA_65", "KeyType.ML_DSA_87", "KeyType.AES_128_GCM", "KeyType.XAES_256_GCM", "KeyType.CHACHA20_POLY1305",
	"KeyType.XCHACHA20_POLY1305", "KeyType.HMAC_SHA384", "KeyType.HMAC_SHA512", "KeyType.X25519", "KeyType.ECDH_P256", "KeyType.ECDH_P384",
	"KeyType.ECDH_P521", "KeyType.ML_KEM_768", "KeyType.ML_KEM_1024",
	"SignatureAlgorithm.RSA_PSS_SHA256", "SignatureAlgorithm.RSA_PSS_SHA384", "SignatureAlgorithm.RSA_PSS_SHA512",
	"SignatureAlgorithm.RSA_PKCS1_SHA256", "SignatureAlgorithm.RSA_PKCS1_SHA384", "SignatureAlgorithm.RSA_PKCS1_SHA512", "SignatureAlgorithm.ML_DSA",
	"Mutation.importKey", "ImportKeyInput", "ImportKeyPayload", "Mutation.rotateKey", "RotateKeyInput", "RotateKeyPayload",
	"Mutation.deriveSecret", "DeriveSecretInput", "DeriveSecretPayload",
	"Mutation.signBatch", "SignBatchInput", "SignBatchPayload", "SignResult",
	"Mutation.encryptBatch", "EncryptItem", "EncryptBatchInput", "EncryptBatchPayload", "EncryptResult",
	"Mutation.decryptBatch", "DecryptItem", "DecryptBatchInput", "DecryptBatchPayload", "DecryptResult", "ItemError",
}

// Clients exist that were written to the contract: what of it is here is here as it is there, what is not is on the list, and what is beyond it
// can be overlooked by them.
func TestContract(t *testing.T) {
	text, err := os.ReadFile("testdata/contract.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	contract, ours := describe(t, string(text)), describe(t, graph.Schema)
	for name, want := range contract {
		got, here := ours[name]
		switch {
		case isListed(later, name) && here:
			t.Errorf("%s is here: take it off the list of what is to come", name)
		case isListed(later, name):
		case !here:
			t.Errorf("%s is missing", name)
		case got != want:
			t.Errorf("%s is %s, in the contract %s", name, got, want)
		}
	}
	for name, shape := range ours {
		if _, known := contract[name]; known {
			continue
		}
		if !isListed(additions, name) {
			t.Errorf("%s is not in the contract, nor on the list of additions", name)
		}
		if owner, _, isPart := strings.Cut(name, "."); isPart && contract[owner] == "INPUT_OBJECT" && strings.HasSuffix(shape, "!") {
			t.Errorf("%s: %s breaks clients, who do not give it", name, shape)
		}
	}
	for _, name := range additions {
		if _, here := ours[name]; !here {
			t.Errorf("%s is on the list of additions and is not here", name)
		}
	}
	for _, name := range later {
		if _, known := contract[name]; !known {
			t.Errorf("%s is on the list of what is to come and not in the contract", name)
		}
	}
}

// isListed tells whether the list has a name, or what the name is a part of.
func isListed(list []string, name string) bool {
	for {
		if slices.Contains(list, name) {
			return true
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return false
		}
		name = name[:i]
	}
}

// describe is all that clients rely on: Type, Type.field, Type.field.argument, Enum.VALUE and @directive, with the shape of each.
func describe(t *testing.T, text string) map[string]string {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, def := range s.Types {
		if def.BuiltIn || strings.HasPrefix(def.Name, "__") {
			continue
		}
		all[def.Name] = string(def.Kind)
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			all[def.Name+"."+f.Name] = shape(f.Type, f.DefaultValue)
			for _, a := range f.Arguments {
				all[def.Name+"."+f.Name+"."+a.Name] = shape(a.Type, a.DefaultValue)
			}
		}
		for _, v := range def.EnumValues {
			all[def.Name+"."+v.Name] = "value"
		}
	}
	for _, d := range s.Directives {
		if d.Position != nil && !d.Position.Src.BuiltIn {
			all["@"+d.Name] = "directive"
		}
	}
	return all
}

func shape(typ *ast.Type, value *ast.Value) string {
	if value == nil {
		return typ.String()
	}
	return typ.String() + " = " + value.String()
}

// The schema is the manual: everything in it has a description.
func TestEverythingHasADescription(t *testing.T) {
	s, err := graph.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	check := func(name, description string) {
		if strings.TrimSpace(description) == "" {
			t.Errorf("%s has no description", name)
		}
	}
	for _, def := range s.Types {
		if def.BuiltIn || strings.HasPrefix(def.Name, "__") {
			continue
		}
		check(def.Name, def.Description)
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			check(def.Name+"."+f.Name, f.Description)
			for _, a := range f.Arguments {
				if a.Name != "input" { // its type says it all
					check(def.Name+"."+f.Name+"."+a.Name, a.Description)
				}
			}
		}
		for _, v := range def.EnumValues {
			check(def.Name+"."+v.Name, v.Description)
		}
	}
	for _, d := range s.Directives {
		check("@"+d.Name, d.Description)
		for _, a := range d.Arguments {
			if !d.Position.Src.BuiltIn {
				check("@"+d.Name+"."+a.Name, a.Description)
			}
		}
	}
}
