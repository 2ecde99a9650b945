// Package proof holds tests that are about nothing but the answer to one question: is what the server computes what the rest of the world computes?
//
// They run the program as it is built, as a process of its own, and ask it by signed HTTP requests. What they hold its answers against did not come
// from us: the test vectors of C2SP's Wycheproof, through importKey and the key's operations, on SQLite and on PostgreSQL; OpenSSL's command line; and
// in Node (folder interop) WebCrypto, node:crypto, jose, libsodium, noble, hpke-js and didcomm. The other way round each of those takes what the server made.
// Last, every byte of what the server made is changed, and must be refused.
//
// Nothing is skipped: a peer that is missing fails the test. The race detector would make minutes of the seconds that this takes and see only the
// clients: scripts/test runs the folder without it.
package proof
