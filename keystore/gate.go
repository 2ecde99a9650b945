package keystore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"twolock/auth"
)

// The actions of capabilities, named as the schema's fields.
const (
	actionCreateKeystore         = "createKeystore"
	actionEnrolOperator          = "enrolOperator"
	actionAddOperator            = "addOperator"
	actionRemoveOperator         = "removeOperator"
	actionRead                   = "read"
	actionWrite                  = "write"
	actionGenerateKey            = "generateKey"
	actionSign                   = "sign"
	actionVerify                 = "verify"
	actionEncrypt                = "encrypt"
	actionDecrypt                = "decrypt"
	actionComputeMac             = "computeMac"
	actionVerifyMac              = "verifyMac"
	actionEnableKeystore         = "enableKeystore"
	actionDisableKeystore        = "disableKeystore"
	actionDeleteKeystore         = "deleteKeystore"
	actionCancelKeystoreDeletion = "cancelKeystoreDeletion"
	actionImportKey              = "importKey"
	actionRotateKey              = "rotateKey"
	actionEnableKey              = "enableKey"
	actionDisableKey             = "disableKey"
	actionDeleteKey              = "deleteKey"
	actionCancelKeyDeletion      = "cancelKeyDeletion"
	actionTrimKeyVersions        = "trimKeyVersions"
	actionExportKey              = "exportKey"
	actionBackupKey              = "backupKey"
	actionRestoreKey             = "restoreKey"
	actionWrapKey                = "wrapKey"
	actionUnwrapKey              = "unwrapKey"
	actionSeal                   = "seal"
	actionOpen                   = "open"
	actionEncapsulate            = "encapsulate"
	actionDecapsulate            = "decapsulate"
	actionDeriveSecret           = "deriveSecret"
	actionDeriveKey              = "deriveKey"
	actionGenerateDataKey        = "generateDataKey"
	actionReencrypt              = "reencrypt"
	actionGenerateRandom         = "generateRandom"
	actionRevoke                 = "revoke" // in the audit log only: it is invoked as write
)

// idle are the actions on a keystore that is not enabled: to look at it, to decide what becomes of it.
var idle = map[string]bool{
	actionRead: true, actionWrite: true, actionRevoke: true,
	actionEnableKeystore: true, actionDisableKeystore: true, actionDeleteKeystore: true, actionCancelKeystoreDeletion: true,
}

// operation is something the caller may do, at a place that exists. record is nil where the place is the service. made is what is to be made, if it was
// named before.
type operation struct {
	caller   *auth.Caller
	at, made place
	record   *Record
}

// begin is the gate that every operation passes: the caller is authorized for the action at the place, the audit entry is
// written, the keystore is found. A keystore that is not there and one that is somebody else's answer the same.
func (s *Service) begin(ctx context.Context, caller *auth.Caller, action string, at place) (*operation, error) {
	return s.start(ctx, &operation{caller: caller, at: at}, action, 0)
}

// beginChecked is begin of an operation that almost anybody may ask for: what does not pass the check leaves no audit entry. The entry names what the
// check says is to be made, if anything is.
func (s *Service) beginChecked(ctx context.Context, caller *auth.Caller, action string, at place, check func() (made place, err error)) (*operation, error) {
	op := &operation{caller: caller, at: at}
	if err := s.authorize(ctx, caller, action, op); err != nil {
		return nil, err
	}
	var err error
	if op.made, err = check(); err != nil {
		return nil, err
	}
	return op, s.audit(caller, action, cmp.Or(op.made, at), 0)
}

// beginBatch is begin of an operation on so many items at once; 0: it is on one thing.
func (s *Service) beginBatch(ctx context.Context, caller *auth.Caller, action string, at place, items int) (*operation, error) {
	return s.start(ctx, &operation{caller: caller, at: at}, action, items)
}

// beginMaking is begin of an operation that makes something, which is what the audit entry names.
func (s *Service) beginMaking(ctx context.Context, caller *auth.Caller, action string, at, made place) (*operation, error) {
	return s.start(ctx, &operation{caller: caller, at: at, made: made}, action, 0)
}

func (s *Service) start(ctx context.Context, op *operation, action string, items int) (*operation, error) {
	if err := s.authorize(ctx, op.caller, action, op); err != nil {
		return nil, err
	}
	if r := op.record; r != nil && !idle[action] {
		if state := stateOf(r.State, r.DeleteAt); state != KeyEnabled {
			return nil, Errorf(KeyUnusable, "keystore: is %s", state)
		}
	}
	if action == actionRead {
		return op, nil // metadata only: no key is used
	}
	return op, s.audit(op.caller, action, cmp.Or(op.made, op.at), items)
}

// stateOf is the state as callers see it.
func stateOf(s KeyState, deleteAt time.Time) KeyState {
	if !deleteAt.IsZero() {
		return KeyPendingDeletion
	}
	return s
}

// atKeystore and atKey begin an operation with what an input names by its URL; field is the input's name, for the error.
func (s *Service) atKeystore(ctx context.Context, caller *auth.Caller, action, field, url string) (*operation, error) {
	at, err := s.keystoreAt(field, url)
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, caller, action, at)
}

func (s *Service) atKey(ctx context.Context, caller *auth.Caller, action, field, url string) (*operation, error) {
	at, err := s.keyAt(field, url)
	if err != nil {
		return nil, err
	}
	return s.begin(ctx, caller, action, at)
}

func (s *Service) audit(caller *auth.Caller, action string, at place, items int) error {
	err := s.Journal.Append(Entry{
		Time: s.Now().UTC(), Request: caller.Request, Caller: caller.DID, Capability: caller.CapabilityID(), Chain: linksOf(caller.Chain()), Action: action,
		Keystore: at.keystore, Key: at.key, Items: items, Outcome: "allowed",
	})
	if err != nil {
		return fmt.Errorf("audit journal: %w", err)
	}
	return nil
}

func (s *Service) authorize(ctx context.Context, caller *auth.Caller, action string, op *operation) error {
	if action == actionCreateKeystore && s.OpenRegistration && caller.Target == s.serviceURL() {
		return nil
	}
	if caller.DID == "" {
		return callerError(caller.Can(auth.Access{Action: action})) // before any work is done for a stranger
	}
	access := auth.Access{Action: action}
	var err error
	switch {
	case op.at == place{}:
		access.RootTarget = s.serviceURL()
		access.Target = access.RootTarget
		access.Controllers, err = s.serviceControllers(ctx, caller, action)
	default:
		access.RootTarget = s.keystoreURL(op.at.keystore)
		access.Target = access.RootTarget
		if op.at.key != "" {
			access.Target = s.keyURL(op.at.keystore, op.at.key)
		}
		op.record, err = s.findRecord(ctx, op.at.keystore)
		if err == nil && over(op.record.DeleteAt, s.Now()) {
			err = ErrNotFound
		}
		if err == nil {
			access.Controllers = []string{op.record.Controller}
		} else if errors.Is(err, ErrNotFound) || CodeOf(err) == KeyUnusable {
			err = nil // nobody's: what was changed outside has no controller to believe
		}
	}
	if err != nil {
		return err
	}
	if err := callerError(caller.Can(access)); err != nil {
		return err
	}
	return s.refuseRevoked(ctx, caller, op.at.keystore)
}

// serviceControllers says who the service's root capability belongs to, as far as it matters for this caller: the operators, or,
// for enrolling, the caller that the token will prove right.
func (s *Service) serviceControllers(ctx context.Context, caller *auth.Caller, action string) ([]string, error) {
	claims := caller.DID
	if chain := caller.Chain(); len(chain) > 0 {
		if action == actionEnrolOperator {
			return nil, nil
		}
		claims = chain[0].Delegator
	}
	if action == actionEnrolOperator {
		return []string{claims}, nil
	}
	return s.operatorsAmong(ctx, claims)
}

// operatorsAmong returns those of the DIDs that are operators, configured or enrolled.
func (s *Service) operatorsAmong(ctx context.Context, dids ...string) (operators []string, err error) {
	for _, did := range dids {
		is := slices.Contains(s.Operators, did)
		if !is {
			if is, err = s.Store.IsOperator(ctx, did); err != nil {
				return nil, err
			}
		}
		if is {
			operators = append(operators, did)
		}
	}
	return operators, nil
}

// callerError turns a refusal into an error that the caller may see.
func callerError(err error) error {
	refused, ok := errors.AsType[*auth.Error](err)
	if !ok {
		return err
	}
	code := Forbidden
	switch refused.Kind {
	case auth.Unauthenticated:
		code = Unauthenticated
	case auth.BadRequest:
		code = BadUserInput
	}
	return &Error{Code: code, Message: refused.Message}
}

// findRecord returns a keystore as the database had it at most a second ago. The record is shared: do not change it.
func (s *Service) findRecord(ctx context.Context, id string) (*Record, error) {
	v, release, err := s.records.use(ctx, "keystore/"+id, recordTTL, func(ctx context.Context) (wiper, error) {
		r, err := s.readRecord(ctx, id)
		return cachedRecord{r}, err
	})
	if err != nil {
		return nil, err
	}
	release()
	return v.(cachedRecord).Record, nil
}

type cachedRecord struct{ *Record }

func (cachedRecord) Wipe() {} // nothing in it is secret, and it is shared
