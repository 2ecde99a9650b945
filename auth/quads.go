package auth

import (
	"crypto/sha256"

	"twolock/auth/internal/rdfc"
)

// The terms of the contexts zcap/v1, ed25519-2020/v1 and data-integrity/v2 that a capability uses. Its shape is fixed, so its RDF is
// written directly instead of by a JSON-LD processor: nothing is fetched, nothing is dropped silently.
const (
	security    = "https://w3id.org/security#"
	rdf         = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	xsdDateTime = "http://www.w3.org/2001/XMLSchema#dateTime"
)

var (
	defaultGraph rdfc.Term

	pAllowedAction      = rdfc.IRI(security + "allowedAction")
	pCapabilityChain    = rdfc.IRI(security + "capabilityChain")
	pController         = rdfc.IRI(security + "controller")
	pCreated            = rdfc.IRI("http://purl.org/dc/terms/created")
	pCryptosuite        = rdfc.IRI(security + "cryptosuite")
	pExpiration         = rdfc.IRI(security + "expiration")
	pFirst              = rdfc.IRI(rdf + "first")
	pInvocationTarget   = rdfc.IRI(security + "invocationTarget")
	pParentCapability   = rdfc.IRI(security + "parentCapability")
	pProof              = rdfc.IRI(security + "proof")
	pProofPurpose       = rdfc.IRI(security + "proofPurpose")
	pProofValue         = rdfc.IRI(security + "proofValue")
	pRest               = rdfc.IRI(rdf + "rest")
	pType               = rdfc.IRI(rdf + "type")
	pVerificationMethod = rdfc.IRI(security + "verificationMethod")

	oDelegation = rdfc.IRI(security + "capabilityDelegationMethod")
	oNil        = rdfc.IRI(rdf + "nil")
)

// document writes the capability without its proof.
func (d *delegation) document(set *rdfc.Dataset, graph rdfc.Term) (subject rdfc.Term) {
	subject = rdfc.IRI(d.id)
	for _, action := range d.actions {
		set.Add(subject, pAllowedAction, rdfc.Literal(action, ""), graph)
	}
	set.Add(subject, pController, rdfc.IRI(d.controller), graph)
	set.Add(subject, pExpiration, rdfc.Literal(d.expires, xsdDateTime), graph)
	set.Add(subject, pInvocationTarget, rdfc.IRI(d.target), graph)
	set.Add(subject, pParentCapability, rdfc.IRI(d.parent), graph)
	return subject
}

// proofNode writes the proof of the last of chain, without its value: the proof options. A proof embedded in another one has its value too.
func proofNode(set *rdfc.Dataset, rootID string, chain []*delegation, graph rdfc.Term) (node rdfc.Term) {
	parents, p := chain[:len(chain)-1], &chain[len(chain)-1].proof
	node = set.Blank()
	set.Add(node, pType, p.suite.rdfType, graph)
	if p.suite.cryptosuite != "" {
		set.Add(node, pCryptosuite, p.suite.rdfCryptosuite, graph)
	}
	set.Add(node, pCreated, rdfc.Literal(p.created, xsdDateTime), graph)
	set.Add(node, pProofPurpose, oDelegation, graph)
	set.Add(node, pVerificationMethod, rdfc.IRI(p.method), graph)

	cell := set.Blank()
	set.Add(node, pCapabilityChain, cell, graph)
	set.Add(cell, pFirst, rdfc.IRI(rootID), graph)
	for _, parent := range parents {
		next := set.Blank()
		set.Add(cell, pRest, next, graph)
		cell = next
		set.Add(cell, pFirst, rdfc.IRI(parent.id), graph)
	}
	set.Add(cell, pRest, oNil, graph)

	if len(parents) > 0 {
		// The last entry of the list is the parent itself; its "proof" is a container of graphs, so that the proof gets a graph of its own.
		parent := parents[len(parents)-1]
		subject := parent.document(set, graph)
		proofGraph := set.Blank()
		set.Add(subject, pProof, proofGraph, graph)
		parentNode := proofNode(set, rootID, parents, proofGraph)
		set.Add(parentNode, pProofValue, rdfc.Literal(parent.proof.value, security+"multibase"), proofGraph)
	}
	return node
}

// canonical returns the canonical N-Quads of the last of chain: of its proof options and of itself without the proof.
func canonical(rootID string, chain []*delegation) (options, document []byte, err error) {
	var o, d rdfc.Dataset
	proofNode(&o, rootID, chain, defaultGraph)
	if options, err = o.Canonical(); err != nil {
		return nil, nil, err
	}
	chain[len(chain)-1].document(&d, defaultGraph)
	document, err = d.Canonical()
	return options, document, err
}

// signingInput is what a delegation's proof signs: SHA-256(proof options) || SHA-256(document).
func signingInput(rootID string, chain []*delegation) ([]byte, error) {
	options, document, err := canonical(rootID, chain)
	if err != nil {
		return nil, err
	}
	o, d := sha256.Sum256(options), sha256.Sum256(document)
	return append(o[:], d[:]...), nil
}
