package auth

import "strings"

// revocations is where in a path the id of a capability to be revoked begins: the one place where a URL may have escapes.
const revocations = "/zcaps/revocations/"

// RevocationID reads the URL that a revocation is posted to, {keystore}/zcaps/revocations/{encodeURIComponent(capability id)}, as Caller.Target
// has it. ok says that it is such a URL, in the one spelling that Authenticate accepts; the id is ASCII of at most 512 bytes without
// spaces and control characters. It may have a "/", escaped: who routes must not decode before.
//
// The reference clients invoke the root capability of the revocation's URL, for the action "write". It belongs to everybody who controls
// a link of the capability's chain: its delegators, the keystore's controller first, and whom it was delegated to last. The server reads
// them in the capability itself, which the request brings, and so must not believe them before it has compared Capability.RootTarget with the
// keystore and Capability.RootDelegator with its controller, and Capability.VerifyProofs has found the chain genuine. Then one Can decides:
// RootTarget is the revocation's URL with these controllers if that is the root that the caller invoked (Caller.RootID), and
// the keystore with its controller if not; Target is the revocation's URL in both cases.
func RevocationID(target string) (keystore, capability string, ok bool) {
	keystore, text, ok := strings.Cut(target, revocations)
	if !ok || checkTarget(target) != nil || strings.Contains(keystore, "?") {
		return "", "", false
	}
	capability, ok = decodeComponent(text)
	return keystore, capability, ok
}

// isRevocable tells whether the last segment of a path is encodeURIComponent of an id that a capability can have.
func isRevocable(text string) bool {
	id, ok := decodeComponent(text)
	return ok && len(id) <= maxID && isIRI(id)
}

// RevocationURL is the URL that the revocation of a capability is posted to, with the capability as its body.
func RevocationURL(c *Capability) string {
	return c.RootTarget() + revocations + encodeComponent(c.ID())
}

// RootID is the id of the root capability that the caller invoked, or that their capability was delegated from; empty when anonymous.
func (c *Caller) RootID() string { return c.rootID }
