package awskms

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
)

const (
	maxPlaintext  = 4096
	maxCiphertext = 6144
	maxKeyID      = 2048
	maxDataKey    = 1024
	maxContext    = 8192 // bytes of all names and values
)

// operations by the name in X-Amz-Target. Each notes in the call which key and context it was about.
var operations = map[string]func(*Server, []byte, *Call) (map[string]any, *kmsException){
	"Encrypt":         (*Server).encrypt,
	"Decrypt":         (*Server).decrypt,
	"GenerateDataKey": (*Server).generateDataKey,
	"DescribeKey":     (*Server).describeKey,
}

func (s *Server) encrypt(body []byte, call *Call) (map[string]any, *kmsException) {
	var in struct {
		KeyID     string            `json:"KeyId"`
		Plaintext []byte            `json:"Plaintext"`
		Context   map[string]string `json:"EncryptionContext"`
		Algorithm *string           `json:"EncryptionAlgorithm"`
	}
	if e := decode(body, &in); e != nil {
		return nil, e
	}
	call.EncryptionContext = in.Context
	if e := firstFault(checkLength("plaintext", len(in.Plaintext), maxPlaintext), checkContext(in.Context),
		checkAlgorithm(in.Algorithm)); e != nil {
		return nil, e
	}
	k, e := s.usableKey(in.KeyID, call)
	if e != nil {
		return nil, e
	}
	return map[string]any{
		"CiphertextBlob": k.encrypt(in.Plaintext, in.Context), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT", "KeyId": k.arn,
	}, nil
}

func (s *Server) decrypt(body []byte, call *Call) (map[string]any, *kmsException) {
	var in struct {
		KeyID     *string           `json:"KeyId"`
		Blob      []byte            `json:"CiphertextBlob"`
		Context   map[string]string `json:"EncryptionContext"`
		Algorithm *string           `json:"EncryptionAlgorithm"`
	}
	if e := decode(body, &in); e != nil {
		return nil, e
	}
	call.EncryptionContext = in.Context
	if e := firstFault(checkLength("ciphertextBlob", len(in.Blob), maxCiphertext), checkContext(in.Context),
		checkAlgorithm(in.Algorithm)); e != nil {
		return nil, e
	}
	maker := s.makerOf(in.Blob)
	if in.KeyID != nil {
		k, e := s.usableKey(*in.KeyID, call)
		if e != nil {
			return nil, e
		}
		if maker != nil && maker != k {
			return nil, exception("IncorrectKeyException",
				"The key ID in the request does not identify a CMK that can perform this operation.")
		}
	}
	if maker == nil {
		return nil, exception("InvalidCiphertextException", "")
	}
	k, e := s.usableKey(maker.arn, call)
	if e != nil {
		return nil, e
	}
	plaintext, err := k.decrypt(in.Blob, in.Context)
	if err != nil {
		return nil, exception("InvalidCiphertextException", "")
	}
	return map[string]any{"Plaintext": plaintext, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT", "KeyId": k.arn}, nil
}

func (s *Server) generateDataKey(body []byte, call *Call) (map[string]any, *kmsException) {
	var in struct {
		KeyID   string            `json:"KeyId"`
		Context map[string]string `json:"EncryptionContext"`
		Spec    *string           `json:"KeySpec"`
		Bytes   *int              `json:"NumberOfBytes"`
	}
	if e := decode(body, &in); e != nil {
		return nil, e
	}
	call.EncryptionContext = in.Context
	var n int
	switch {
	case (in.Spec == nil) == (in.Bytes == nil):
		return nil, exception("ValidationException", "Please specify either number of bytes or key spec.")
	case in.Bytes != nil:
		n = *in.Bytes
	case *in.Spec == "AES_256":
		n = 32
	case *in.Spec == "AES_128":
		n = 16
	}
	if e := firstFault(checkLength("numberOfBytes", n, maxDataKey), checkContext(in.Context)); e != nil {
		return nil, e
	}
	k, e := s.usableKey(in.KeyID, call)
	if e != nil {
		return nil, e
	}
	plaintext := make([]byte, n)
	rand.Read(plaintext)
	return map[string]any{"CiphertextBlob": k.encrypt(plaintext, in.Context), "Plaintext": plaintext, "KeyId": k.arn}, nil
}

func (s *Server) describeKey(body []byte, call *Call) (map[string]any, *kmsException) {
	var in struct {
		KeyID string `json:"KeyId"`
	}
	if e := decode(body, &in); e != nil {
		return nil, e
	}
	k, disabled, e := s.findKey(in.KeyID, call)
	if e != nil {
		return nil, e
	}
	state := "Enabled"
	if disabled {
		state = "Disabled"
	}
	return map[string]any{"KeyMetadata": map[string]any{
		"Arn": k.arn, "KeyId": k.id(), "AWSAccountId": strings.Split(k.arn, ":")[4], "Enabled": !disabled, "KeyState": state,
		"KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
		"EncryptionAlgorithms": []string{"SYMMETRIC_DEFAULT"}, "KeyManager": "CUSTOMER", "Origin": "AWS_KMS",
		"MultiRegion": false, "Description": "", "CreationDate": 1700000000,
	}}, nil
}

// usableKey finds the key and refuses one that is disabled.
func (s *Server) usableKey(id string, call *Call) (*masterKey, *kmsException) {
	k, disabled, e := s.findKey(id, call)
	if e == nil && disabled {
		return nil, exception("DisabledException", k.arn+" is disabled.")
	}
	return k, e
}

func (s *Server) findKey(id string, call *Call) (k *masterKey, disabled bool, e *kmsException) {
	if e := checkLength("keyId", len(id), maxKeyID); e != nil {
		return nil, false, e
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for arn, k := range s.keys {
		if arn == id || k.id() == id {
			call.KeyARN = arn
			return k, k.disabled, nil
		}
	}
	return nil, false, exception("NotFoundException", fmt.Sprintf("Key '%s' does not exist", id))
}

// makerOf finds the key that made a blob, nil when there is none.
func (s *Server) makerOf(blob []byte) *masterKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.keys {
		if k.madeBlob(blob) {
			return k
		}
	}
	return nil
}

func decode(body []byte, in any) *kmsException {
	if err := json.Unmarshal(body, in, json.RejectUnknownMembers(true)); err != nil {
		return exception("SerializationException", "") // the decoder's own words would quote the plaintext
	}
	return nil
}

func firstFault(all ...*kmsException) *kmsException {
	for _, e := range all {
		if e != nil {
			return e
		}
	}
	return nil
}

func checkLength(member string, n, most int) *kmsException {
	if n >= 1 && n <= most {
		return nil
	}
	return exception("ValidationException", fmt.Sprintf("1 validation error detected: Value at '%s' failed to satisfy "+
		"constraint: Member must have length between 1 and %d", member, most))
}

func checkContext(context map[string]string) *kmsException {
	total := 0
	for name, value := range context {
		if name == "" || strings.HasPrefix(name, "aws:") {
			return exception("ValidationException", "encryption context has a name that is not allowed")
		}
		total += len(name) + len(value)
	}
	if total > maxContext {
		return exception("ValidationException", "encryption context is too long")
	}
	return nil
}

func checkAlgorithm(a *string) *kmsException {
	if a == nil || *a == "SYMMETRIC_DEFAULT" {
		return nil
	}
	return exception("InvalidKeyUsageException", "key is for SYMMETRIC_DEFAULT only")
}
