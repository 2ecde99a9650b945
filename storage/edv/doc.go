// Package edv keeps the keys of a keystore in its user's Encrypted Data Vault.
//
// The vault sees ciphertext, blinded attributes and traffic. Keys go there sealed by the user's lock already; the vault's own
// layer hides the rest: ids, types, names, public keys, times. One document holds a key with its newest version, and each older version has one of
// its own, so that a key of ten thousand versions is as fast as one of one. A document's id follows from what is in it and a secret: to read a key is
// one request, and the vault cannot tell which key it serves. Two attributes of keys are indexed, blinded: the keystore, to list them, and keystore and
// name, which the vault lets only one document have.
//
// A key's document says which versions there are; key.go says in which order documents are written, and why nothing is lost when a call is cut off.
// What is deleted is overwritten with an empty document, as vault clients do it. What the vault keeps of earlier documents is the vault's affair:
// the sealed key in them opens with the user's lock only.
//
// The vault is not trusted beyond keeping what it was given. A document that is not the one asked for (swapped,
// relabelled, truncated, of another keystore, key or version) is an error, never another key. Not detected: a vault that withholds a key or
// leaves it out of a listing, and one that answers with an older version of a document it once got. Such a one takes back what was counted, too: a
// bound on messages that must hold against the vault itself has to be kept elsewhere.
//
// What must be up for each call: the vault. Every call ends within Deadline.
package edv
