// Package awskms is a stand-in for AWS KMS: Encrypt, Decrypt, GenerateDataKey and DescribeKey of symmetric keys, in its real
// wire protocol (AWS JSON 1.1 over POST /, Signature Version 4), with its exceptions, limits and faults on demand. An
// unmodified AWS SDK talks to it. It is for demonstration, development and tests: it holds its keys in memory.
//
// It checks what it is given: signature, signed headers, scope, clock, encryption context. Where it is stricter than KMS: an
// unknown member of a request is refused rather than ignored, so that a mistake in the caller shows.
package awskms
