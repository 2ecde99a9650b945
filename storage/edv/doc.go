// Package edv keeps the keys of a keystore in its user's Encrypted Data Vault.
//
// The vault sees ciphertext, blinded attributes and traffic. Keys go there sealed by the user's lock already; the vault's own
// layer hides the rest: ids, types, public keys, times. One document holds one key with all its versions. Its id follows
// from the key's id and a secret, so that a read is one request and the vault cannot tell which key it serves.
//
// The vault is not trusted beyond keeping what it was given. A document that is not the one asked for (swapped,
// relabelled, truncated, of another keystore) is an error, never another key. Not detected: a vault that withholds a key or
// leaves it out of a listing, and one that answers with an older version of a document it once got.
//
// What must be up for each call: the vault. Every call ends within Deadline.
package edv
