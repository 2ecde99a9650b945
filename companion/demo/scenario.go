package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"twolock/auth"
	"twolock/client"
	"twolock/companion/authserver"
	"twolock/companion/awskms"
	"twolock/companion/edv"
	"twolock/crypto/lock"
)

const (
	arn     = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	message = "the message of the demo"
)

// scenario1: server's lock = AWS KMS key, user's lock = local key, store = the server's database.
func scenario1(ctx context.Context, out *printer, binary string) error {
	kms := awskms.New(awskms.Options{AccessKeyID: "AKIDEMO", SecretAccessKey: "demo-secret", Region: "eu-central-1", Keys: []string{arn}, OnCall: func(c awskms.Call) {
		out.note("%s under the encryption context %v", c.Operation, c.EncryptionContext)
	}})
	defer kms.Close()
	url, stop, err := listen(func(string) (http.Handler, error) {
		return out.watch("AWS KMS", kms, func(r *http.Request) string {
			_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
			return fmt.Sprintf("%s, %d bytes of JSON, SigV4", operation, r.ContentLength)
		}), nil
	})
	if err != nil {
		return err
	}
	defer stop.Close()
	return play(ctx, out, binary, &scene{
		flags: []string{"--server-lock", "aws-kms:" + arn, "--aws-endpoint", url},
		env:   []string{"AWS_ACCESS_KEY_ID=AKIDEMO", "AWS_SECRET_ACCESS_KEY=demo-secret", "AWS_EC2_METADATA_DISABLED=true"},
		input: func(*auth.Identity, string) (map[string]any, error) { return map[string]any{}, nil },
		check: func() error {
			if kms.Calls("Encrypt") == 0 || kms.Calls("Decrypt") == 0 {
				return errors.New("AWS KMS was not asked to encrypt and decrypt")
			}
			return nil
		},
	})
}

// scenario2: server's lock = local file, user's lock = Shamir shares, store = a vault.
func scenario2(ctx context.Context, out *printer, binary string) error {
	secret := lock.Generate32()
	shares, err := lock.SplitSecret(secret, 2, 2)
	clear(secret)
	if err != nil {
		return err
	}
	const token = "demo-token"
	second := authserver.New(authserver.Options{ServiceToken: token})
	defer second.Close()
	authURL, stopAuth, err := listen(func(string) (http.Handler, error) {
		return out.watch("Auth server", second, func(r *http.Request) string {
			return r.Method + " /secret?sub={controller}"
		}), nil
	})
	if err != nil {
		return err
	}
	defer stopAuth.Close()
	var vaults *edv.Server
	vaultURL, stopVault, err := listen(func(url string) (h http.Handler, err error) {
		vaults, err = edv.New(edv.Options{Base: url})
		return out.watch("EDV", vaults, func(r *http.Request) string {
			if r.URL.Path == "/edvs" {
				return "" // alice's own doing, not twolock's
			}
			return r.Method + " " + short(r.URL.Path) + ", capability delegated by the controller"
		}), err
	})
	if err != nil {
		return err
	}
	defer stopVault.Close()
	return play(ctx, out, binary, &scene{
		flags:  []string{"--auth-url", authURL, "--auth-token", token},
		shares: []string{base64.RawURLEncoding.EncodeToString(shares[0])},
		input: func(alice *auth.Identity, service string) (map[string]any, error) {
			second.Put(alice.DID(), shares[1])
			out.note("alice gives the Auth server one share and keeps the other")
			now := time.Now()
			url, err := edv.CreateVault(ctx, vaultURL, alice, now)
			if err != nil {
				return nil, err
			}
			c, err := edv.DelegateDocuments(alice, url, service, now, now.Add(24*time.Hour))
			if err != nil {
				return nil, err
			}
			out.note("alice makes a vault and delegates reading and writing its documents to the service")
			return map[string]any{"userLock": "SHAMIR", "vault": map[string]any{"url": url, "capability": json.RawMessage(c.JSON())}}, nil
		},
		check: func() error {
			if second.Calls() == 0 || vaults.Requests(edv.Insert) != 2 {
				return fmt.Errorf("the Auth server was asked %d times, the vault got %d documents instead of 2, one a version", second.Calls(), vaults.Requests(edv.Insert))
			}
			return nil
		},
	})
}

// scene is what differs between the scenarios.
type scene struct {
	flags, env []string
	shares     []string
	input      func(alice *auth.Identity, service string) (map[string]any, error) // of createKeystore
	check      func() error
}

// play is what both have in common: create a keystore and a key, sign, restart, sign again; rotate, verify, delete and think again.
func play(ctx context.Context, out *printer, binary string, s *scene) error {
	dir, err := os.MkdirTemp("", "twolock-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	alice, err := auth.NewIdentity()
	if err != nil {
		return err
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	flags := append([]string{"--listen", address, "--data-dir", dir + "/data", "--operator", alice.DID()}, s.flags...)
	server, err := start(ctx, binary, dir, s.env, flags...)
	if err != nil {
		return err
	}
	defer func() { _ = server.cmd.Process.Kill() }()
	out.note("twolock serves on %s", server.url)

	u := &user{ctx: ctx, out: out, alice: alice, shares: s.shares}
	in, err := s.input(alice, server.did)
	if err != nil {
		return err
	}
	if err := u.createKeystore(server.url, in); err != nil {
		return err
	}
	if err := u.createKey(); err != nil {
		return err
	}
	signature, err := u.sign()
	if err != nil {
		return err
	}
	if err := server.stop(); err != nil {
		return err
	}
	out.note("twolock is stopped and started again")
	if server, err = start(ctx, binary, dir, s.env, flags...); err != nil {
		return err
	}
	again, err := u.sign()
	if err != nil {
		return err
	}
	if again != signature {
		return errors.New("Ed25519 is deterministic, but the signatures before and after the restart differ: the key did not survive")
	}
	out.note("the same signature as before: the key survived")
	if s.shares != nil {
		if err := u.wrongShare(); err != nil {
			return err
		}
	}
	if err := u.life(signature); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	return server.stop()
}

// user is alice at work.
type user struct {
	ctx           context.Context
	out           *printer
	alice         *auth.Identity
	shares        []string
	keystore, key string
	public        ed25519.PublicKey
}

func (u *user) do(url, action, query string, in map[string]any, out any) error {
	c := &client.Client{Identity: u.alice}
	if err := c.Do(u.ctx, url, action, query, map[string]any{"input": in}, out); err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return nil
}

func (u *user) createKeystore(base string, in map[string]any) error {
	in["controller"] = u.alice.DID()
	u.out.arrow("alice", "twolock", "createKeystore{controller %s%s}", short(u.alice.DID()), also(in))
	var out struct {
		CreateKeystore struct {
			Keystore         struct{ ID string }
			RootCapabilities []struct{ ID string }
		}
	}
	err := u.do(base+"/graphql", "createKeystore", "mutation($input: CreateKeystoreInput!) { createKeystore(input: $input) { keystore { id } rootCapabilities } }", in, &out)
	if err != nil {
		return err
	}
	u.keystore = out.CreateKeystore.Keystore.ID
	if len(out.CreateKeystore.RootCapabilities) == 0 || out.CreateKeystore.RootCapabilities[0].ID != auth.RootID(u.keystore) {
		return errors.New("createKeystore did not return the keystore's root capability")
	}
	u.out.arrow("twolock", "alice", "keystore %s and its root capability", short(u.keystore))
	return nil
}

func also(in map[string]any) string {
	s := ""
	if in["userLock"] != nil {
		s += fmt.Sprintf(", userLock %s", in["userLock"])
	}
	if in["vault"] != nil {
		s += ", vault URL and capability"
	}
	return s
}

func (u *user) withShares(in map[string]any) (map[string]any, string) {
	if u.shares == nil {
		return in, ""
	}
	in["secretShares"] = u.shares
	return in, ", secret share"
}

func (u *user) createKey() error {
	in, share := u.withShares(map[string]any{"keystore": u.keystore, "type": "ED25519"})
	u.out.arrow("alice", "twolock", "createKey{type ED25519%s}", share)
	var out struct {
		CreateKey struct {
			Key struct {
				ID        string
				PublicKey struct{ Bytes string }
			}
		}
	}
	if err := u.do(u.keystore, "generateKey", "mutation($input: CreateKeyInput!) { createKey(input: $input) { key { id publicKey { bytes } } } }", in, &out); err != nil {
		return err
	}
	u.key = out.CreateKey.Key.ID
	public, err := base64.RawURLEncoding.DecodeString(out.CreateKey.Key.PublicKey.Bytes)
	if err != nil || len(public) != ed25519.PublicKeySize {
		return errors.New("createKey did not return a public key of 32 bytes")
	}
	u.public = public
	u.out.arrow("twolock", "alice", "key %s and its public key, %d bytes", short(u.key), len(public))
	return nil
}

func (u *user) sign() (string, error) {
	in, share := u.withShares(map[string]any{"key": u.key, "message": base64.RawURLEncoding.EncodeToString([]byte(message))})
	u.out.arrow("alice", "twolock", "sign{message, %d bytes%s}", len(message), share)
	var out struct{ Sign struct{ Signature string } }
	if err := u.do(u.key, "sign", "mutation($input: SignInput!) { sign(input: $input) { signature } }", in, &out); err != nil {
		return "", err
	}
	signature, err := base64.RawURLEncoding.DecodeString(out.Sign.Signature)
	if err != nil || !ed25519.Verify(u.public, []byte(message), signature) {
		return "", errors.New("the signature does not verify with the public key that createKey returned")
	}
	u.out.arrow("twolock", "alice", "signature, %d bytes, which verifies with the public key", len(signature))
	return out.Sign.Signature, nil
}

func (u *user) wrongShare() error {
	right := u.shares
	defer func() { u.shares = right }()
	wrong := append(lock.Generate32(), 7)
	u.shares = []string{base64.RawURLEncoding.EncodeToString(wrong)}
	u.out.note("and with a share that is not alice's:")
	_, err := u.sign()
	refused, ok := errors.AsType[client.Errors](err)
	if !ok || refused.Code() != "WRONG_SHARE" {
		return fmt.Errorf("a wrong share was answered %v instead of WRONG_SHARE", err)
	}
	u.out.arrow("twolock", "alice", "WRONG_SHARE")
	return nil
}
