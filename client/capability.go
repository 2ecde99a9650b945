package client

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"twolock/auth"
)

// Delegate gives a controller (a DID) what the client holds, for a target URL, some actions and a time: from the client's capability if
// it has one, else from the root capability that the target's keystore or service has.
func (c *Client) Delegate(target, controller string, actions []string, expires time.Time) (*auth.Capability, error) {
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	d := auth.Delegation{Parent: c.Capability, Controller: controller, Target: target, Actions: actions, Expires: expires}
	if d.Parent == nil {
		d.RootTarget = RootTarget(target)
	}
	return c.Identity.Delegate(d, now())
}

// Revoke makes a capability, and all that was delegated on from it, invalid. Whoever controls a link of its chain may: the client's identity must be
// the keystore's controller or one of the delegates. Errors when the server refuses.
func (c *Client) Revoke(ctx context.Context, revoked *auth.Capability) error {
	target := auth.RevocationURL(revoked)
	answer, status, err := c.post(ctx, target, target, "write", revoked.JSON())
	if err != nil || len(answer) == 0 {
		return err
	}
	var a struct{ Errors Errors }
	if err := json.Unmarshal(answer, &a); err != nil || len(a.Errors) == 0 {
		return fmt.Errorf("%s: answered %s", target, status)
	}
	return a.Errors
}
