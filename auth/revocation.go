package auth

import "strings"

const revocations = "/zcaps/revocations/"

// RevocationID reads the URL that a revocation is posted to, {keystore}/zcaps/revocations/{encodeURIComponent(capability id)}.
func RevocationID(target string) (keystore, capability string, ok bool) {
	keystore, text, ok := strings.Cut(target, revocations)
	if !ok {
		return "", "", false
	}
	capability, ok = decodeComponent(text)
	return keystore, capability, ok && len(capability) <= maxID
}

// RootID is the id of the root capability that the caller invoked, or that their capability was delegated from; empty when anonymous.
func (c *Caller) RootID() string { return c.rootID }
