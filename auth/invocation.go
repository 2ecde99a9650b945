package auth

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Invocation says which capability a request invokes, and for what.
type Invocation struct {
	RootTarget string      // the URL whose root capability is invoked; not looked at with Capability
	Capability *Capability // nil: the root capability of RootTarget
	Action     string
}

// header writes the Capability-Invocation header.
func (inv Invocation) header() (string, error) {
	if !isAction(inv.Action) {
		return "", errors.New("action: must be 1 to 64 printable ASCII characters without quotes and backslashes")
	}
	if inv.Capability == nil {
		if inv.RootTarget == "" {
			return "", errors.New("root target: is empty, and there is no capability")
		}
		return fmt.Sprintf(`zcap id="%s",action="%s"`, RootID(inv.RootTarget), inv.Action), nil
	}
	text, err := inv.Capability.header()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`zcap capability="%s",action="%s"`, text, inv.Action), nil
}

// invoked is what a Capability-Invocation header says: id or capability, and action.
type invoked struct {
	rootID     string
	capability string // base64url of gzip of JSON
	action     string
}

func parseInvocation(header string) (invoked, error) {
	params, err := parseParams(capabilityInvocation, "zcap", header)
	if err != nil {
		return invoked{}, err
	}
	var inv invoked
	for _, p := range params {
		if !p.quoted {
			return invoked{}, malformedParams(capabilityInvocation)
		}
		switch p.name {
		case "id":
			inv.rootID = p.value
		case "capability":
			inv.capability = p.value
		case "action":
			inv.action = p.value
		default:
			return invoked{}, badRequest("Capability-Invocation header: has a parameter that is not known")
		}
	}
	if (inv.rootID == "") == (inv.capability == "") {
		return invoked{}, badRequest("Capability-Invocation header: must have either id, of a root capability, or capability")
	}
	if inv.rootID != "" {
		if _, ok := rootTarget(inv.rootID); !ok {
			return invoked{}, badRequest("Capability-Invocation header: id must be %s and the encoded URL; "+
				"a delegated capability must be sent whole, as capability", rootIDPrefix)
		}
	}
	if !isAction(inv.action) {
		return invoked{}, badRequest("Capability-Invocation header: must have an action of 1 to %d characters", maxAction)
	}
	return inv, nil
}

// Compressors are 40 KB and more each, and needed for a moment only.
var (
	gzipReaders = sync.Pool{New: func() any { return new(gzip.Reader) }}
	gzipWriters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}
)

// decodeCapability undoes encodeCapability: one gzip member that unzips to at most 32 KiB, and nothing after it.
func decodeCapability(text string) ([]byte, error) {
	zipped, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, badRequest("Capability-Invocation header: capability must be base64url without padding")
	}
	in := bytes.NewReader(zipped)
	z := gzipReaders.Get().(*gzip.Reader)
	defer gzipReaders.Put(z)
	if err := z.Reset(in); err != nil {
		return nil, badRequest("Capability-Invocation header: capability must be gzip")
	}
	z.Multistream(false)
	var out bytes.Buffer
	out.Grow(4 * len(zipped))
	if _, err := out.ReadFrom(io.LimitReader(z, maxCapability+1)); err != nil {
		return nil, badRequest("Capability-Invocation header: capability must be gzip")
	}
	if out.Len() > maxCapability {
		return nil, badRequest("Capability-Invocation header: capability unzips to more than %d bytes", maxCapability)
	}
	if in.Len() != 0 {
		return nil, badRequest("Capability-Invocation header: there is something after capability's gzip member")
	}
	return out.Bytes(), nil
}

func encodeCapability(json []byte) (string, error) {
	var out bytes.Buffer
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(&out)
	if _, err := z.Write(json); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(out.Bytes()), nil
}
