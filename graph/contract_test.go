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
	"Keystore.vaultCapabilityExpires", "Service.authServer",
	"Mutation.updateVaultCapability", "UpdateVaultCapabilityInput", "UpdateVaultCapabilityPayload",
	"Query.keystores", "KeystoreConnection", "KeystoreEdge", "Query.status", "ServiceStatus",
	"Query.keystores.filter", "KeystoreFilter", "Health", "DatabaseKind", "DatabaseStatus", "LockStatus", "OperatorOrigin", "Operator", "ServiceCounts",
	"StateCount", "KeyCount", "Activity", "ActivityMinute", "ErrorCode", "ErrorCount", "Latency", "Setting",
	"Keystore.revocations", "RevocationConnection", "RevocationEdge", "Revocation",
	"Mutation.updateKeystore", "UpdateKeystoreInput", "UpdateKeystorePayload",
	"Key.maxCapabilityChainLength", "CreateKeyInput.maxCapabilityChainLength",
	"Mutation.enrolOperator", "EnrolOperatorInput", "EnrolOperatorPayload",
	"Mutation.addOperator", "AddOperatorInput", "AddOperatorPayload", "Mutation.removeOperator", "RemoveOperatorInput", "RemoveOperatorPayload",
	"Scope", "@action", "@public",
	"Mutation.backupKey", "Mutation.cancelKeyDeletion", "Mutation.cancelKeystoreDeletion", "Mutation.computeMacBatch", "Mutation.decapsulate",
	"Mutation.deleteKey", "Mutation.deleteKeystore", "Mutation.deriveKey", "Mutation.disableKey", "Mutation.disableKeystore", "Mutation.enableKey",
	"Mutation.enableKeystore", "Mutation.encapsulate", "Mutation.exportKey", "Mutation.generateDataKey", "Mutation.generateDataKeyBatch",
	"Mutation.generateRandom", "Mutation.open", "Mutation.reencrypt", "Mutation.reencryptBatch", "Mutation.restoreKey", "Mutation.seal",
	"Mutation.trimKeyVersions", "Mutation.unwrapKey", "Mutation.updateKey", "Mutation.verifyBatch", "Mutation.verifyMacBatch", "Mutation.wrapKey",
	"Algorithm", "BackupKeyInput", "BackupKeyPayload", "CancelKeyDeletionInput", "CancelKeyDeletionPayload", "CancelKeystoreDeletionInput",
	"CancelKeystoreDeletionPayload", "ComputeMacBatchInput", "ComputeMacBatchPayload", "ComputeMacResult", "DataKeyItem", "DataKeyResult",
	"DecapsulateInput", "DecapsulatePayload", "DeleteKeyInput", "DeleteKeyPayload", "DeleteKeystoreInput", "DeleteKeystorePayload", "DeriveKeyInput",
	"DeriveKeyPayload", "DisableKeyInput", "DisableKeyPayload", "DisableKeystoreInput", "DisableKeystorePayload", "EnableKeyInput", "EnableKeyPayload",
	"EnableKeystoreInput", "EnableKeystorePayload", "EncapsulateInput", "EncapsulatePayload", "EncryptionAlgorithm", "ExportKeyInput", "ExportKeyPayload",
	"GenerateDataKeyBatchInput", "GenerateDataKeyBatchPayload", "GenerateDataKeyInput", "GenerateDataKeyPayload", "GenerateRandomInput",
	"GenerateRandomPayload", "KeyFilter", "KeyOperation", "KeyVersion", "KeyVersionConnection", "KeyVersionEdge", "Long", "OpenInput", "OpenPayload",
	"ReencryptBatchInput", "ReencryptBatchPayload", "ReencryptInput", "ReencryptItem", "ReencryptPayload", "ReencryptResult", "RestoreKeyInput",
	"RestoreKeyPayload", "SealInput", "SealPayload", "Tag", "TagInput", "TrimKeyVersionsInput", "TrimKeyVersionsPayload", "UnwrapKeyInput",
	"UnwrapKeyPayload", "UpdateKeyInput", "UpdateKeyPayload", "VerifyBatchInput", "VerifyBatchPayload", "VerifyItem", "VerifyMacBatchInput",
	"VerifyMacBatchPayload", "VerifyMacItem", "VerifyMacResult", "VerifyResult", "WrapAlgorithm", "WrapKeyInput", "WrapKeyPayload",
	"CreateKeyInput.algorithms", "CreateKeyInput.description", "CreateKeyInput.exportable", "CreateKeyInput.name", "CreateKeyInput.operations",
	"CreateKeyInput.rotationPeriod", "CreateKeyInput.tags", "CreateKeystoreInput.description", "CreateKeystoreInput.keyTypes", "CreateKeystoreInput.name",
	"CreateKeystoreInput.tags", "DecryptBatchInput.algorithm", "DecryptBatchInput.info", "DecryptInput.algorithm", "DecryptInput.info",
	"EncryptBatchInput.algorithm", "EncryptBatchInput.info", "EncryptInput.algorithm", "EncryptInput.info", "ImportKeyInput.algorithms",
	"ImportKeyInput.description", "ImportKeyInput.exportable", "ImportKeyInput.maxCapabilityChainLength", "ImportKeyInput.name",
	"ImportKeyInput.operations", "ImportKeyInput.tags", "ImportKeyInput.unwrappingKey", "ImportKeyInput.wrapped", "Key.algorithms", "Key.deletesAt",
	"Key.description", "Key.exportable", "Key.minimumVersionToDecrypt", "Key.minimumVersionToVerify", "Key.name", "Key.oldestVersion", "Key.operations",
	"Key.publicOnly", "Key.rotatesAt", "Key.rotationPeriod", "Key.tags", "Key.versions", "Key.versionNumbered", "Key.usage", "UsageDay", "KeyConnection.damaged", "Keystore.deletesAt",
	"Keystore.description", "Keystore.keyNamed", "Keystore.keyTypes", "Keystore.keys.filter", "Keystore.name", "Keystore.state", "Keystore.tags",
	"DeriveSecretPayload.version",
	"SignBatchInput.context", "SignInput.context", "VerifyInput.context",
}

// Clients exist that were written to the contract: all of it is here as it is there, and what is beyond it
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

// The schema is the manual: everything in it has a description, which can be read without another.
func TestEverythingHasADescription(t *testing.T) {
	s, err := graph.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	check := func(name, description string) {
		if len(strings.Fields(description)) < 3 || strings.HasPrefix(description, "As ") {
			t.Errorf("%s has a description that says nothing by itself: %q", name, description)
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
