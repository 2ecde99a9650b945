// Package lock holds the locks that secrets are sealed with, and the one format they are sealed in.
//
// The server's locks are Local, a key in a file, and AWS, a key in AWS KMS. The user's lock is a Key: random, or made by
// DeriveUserLock from the shares of a secret that no single party holds. AuthServer fetches the share that is not the user's.
//
// What is protected, and from whom: whoever reads the database learns nothing but lengths. Whoever writes to it cannot
// move a blob elsewhere, because every blob opens under its own Label only, nor make one that opens under two keys, because
// every blob commits to its key. Putting back an old blob in its own place is not noticed here: that is for the caller.
//
// Reads and writes of key files are for Unix systems: they rest on file modes, hard links and fsync.
package lock
