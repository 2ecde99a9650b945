package edv

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"twolock/auth"
)

// CreateVault makes a vault on the server at base for the controller, as their own client would, and returns its URL.
func CreateVault(ctx context.Context, base string, controller *auth.Identity, now time.Time) (string, error) {
	url := base + "/edvs"
	body, err := json.Marshal(config{
		Controller:      controller.DID(),
		KeyAgreementKey: &ref{ID: controller.DID() + "#kak", Type: "X25519KeyAgreementKey2020"},
		HMAC:            &ref{ID: "urn:hmac:1", Type: "Sha256HmacKey2019"},
	})
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	if err := auth.SignRequest(r, body, controller, auth.Invocation{RootTarget: url, Action: "write"}, now); err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("create vault: %s", resp.Status)
	}
	return resp.Header.Get("Location"), nil
}

// DelegateDocuments lets a service read and write a vault's documents until the time given.
func DelegateDocuments(controller *auth.Identity, vault, service string, now, expires time.Time) (*auth.Capability, error) {
	return controller.Delegate(auth.Delegation{
		RootTarget: vault, Controller: service, Target: vault + "/documents", Actions: []string{"read", "write"}, Expires: expires,
	}, now)
}
