// Package auth says who calls and what they may do.
//
// Callers are Ed25519 or P-256 keys, named by did:key. They sign each HTTP request (draft-cavage-http-signatures-12, as the ZCAP
// clients use it) and name in it the authorization capability they invoke: the root capability of a URL, which belongs to
// its controller, or one delegated from it in up to nine steps (W3C CCG, Authorization Capabilities for Linked Data).
//
// A server works in two steps. Verifier.Authenticate answers WHO signed exactly these bytes; Caller.Can decides, for each
// operation, WHAT they may do, and is the only function that decides it. Neither reads a network or a database: the
// server states who controls what in Access. Revocations are the server's too: Caller.Chain has what to look up, and RevocationID
// says how a request to revoke is authorized.
//
// Signatures are never names: of a P-256 signature anybody can make a second one. What is remembered of a capability is the digest of how
// it was sent, and a revocation goes by delegator and id.
//
// What strangers send is bounded before it is read and decoded strictly. Checks that cost a signature come last, and a
// chain's proofs are verified only after everything that can be told without them.
package auth
