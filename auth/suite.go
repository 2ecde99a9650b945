package auth

import "twolock/auth/internal/rdfc"

// suite is how a delegation is signed. In each of them, SHA-256(proof options) || SHA-256(document) is what the key signs.
type suite struct {
	key         keyKind
	context     string // beside that of capabilities
	proofType   string
	cryptosuite string // empty: the proof has no such member

	rdfType, rdfCryptosuite rdfc.Term
}

const (
	contextDataIntegrity = "https://w3id.org/security/data-integrity/v2"
	typeDataIntegrity    = "DataIntegrityProof"
	typeEd25519          = "Ed25519Signature2020"
)

var (
	suiteEd25519 = newSuite(kindEd25519, contextEd25519, typeEd25519, "")
	suiteEdDSA   = newSuite(kindEd25519, contextDataIntegrity, typeDataIntegrity, "eddsa-rdfc-2022")
	suiteECDSA   = newSuite(kindP256, contextDataIntegrity, typeDataIntegrity, "ecdsa-rdfc-2019")
)

func newSuite(key keyKind, context, proofType, cryptosuite string) *suite {
	return &suite{
		key, context, proofType, cryptosuite,
		rdfc.IRI(security + proofType), rdfc.Literal(cryptosuite, security+"cryptosuiteString"),
	}
}

// suiteOf finds the suite that a capability's members name, and refuses one that is not for the key.
func suiteOf(at string, contexts []string, proofType, cryptosuite string, key PublicKey) (*suite, error) {
	if len(contexts) == 2 && contexts[0] == contextZCAP {
		for _, s := range [...]*suite{suiteEd25519, suiteEdDSA, suiteECDSA} {
			if contexts[1] != s.context || proofType != s.proofType || cryptosuite != s.cryptosuite {
				continue
			}
			if key.kind != s.key {
				return nil, badRequest("%s.proof: its suite is for %s keys, its verificationMethod is of type %s", at, s.key, key.kind)
			}
			return s, nil
		}
	}
	return nil, badRequest(`%s: must have the contexts ["%s","%s"] with a proof of type %s, or ["%[2]s","%s"] with %s and %s or %s`,
		at, contextZCAP, contextEd25519, typeEd25519, contextDataIntegrity, typeDataIntegrity, suiteEdDSA.cryptosuite, suiteECDSA.cryptosuite)
}
