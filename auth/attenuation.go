package auth

import "slices"

// checkAttenuation is what each delegation of a chain must fulfil beside its parent: it was signed by the parent's controller and gives
// nothing that the parent does not. The first one's signer is checked by whoever knows the root's controller.
func checkAttenuation(rootID string, chain []*delegation) error {
	target, ok := rootTarget(rootID)
	if !ok {
		return badRequest("capability: the chain does not begin with a root capability's id, %sURL", rootIDPrefix)
	}
	for i, d := range chain {
		if !covers(target, d.target) {
			return forbidden("capability %s: its invocationTarget is not within its parent's", d.id)
		}
		target = d.target
		if i == 0 {
			continue
		}
		parent := chain[i-1]
		if d.proof.delegator != parent.controllerDID {
			return forbidden("capability %s: was not delegated by its parent's controller", d.id)
		}
		if !narrower(parent.actions, d.actions) {
			return forbidden("capability %s: its allowedAction has more than its parent's", d.id)
		}
		if d.expiresAt.After(parent.expiresAt) {
			return forbidden("capability %s: expires later than its parent", d.id)
		}
		if d.proof.createdAt.Before(parent.proof.createdAt) {
			return forbidden("capability %s: was delegated before its parent", d.id)
		}
	}
	return nil
}

// narrower tells whether all of child's actions are the parent's. nil stands for every action.
func narrower(parent, child []string) bool {
	if parent == nil {
		return true
	}
	if child == nil {
		return false
	}
	for _, action := range child {
		if !slices.Contains(parent, action) {
			return false
		}
	}
	return true
}
