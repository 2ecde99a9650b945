// Package edv is an Encrypted Data Vault server for demonstration, development and tests. It speaks the protocol of the
// vault servers in use, so that unmodified vault clients work with it, and can be told to fail in the ways that servers
// and networks do. It keeps everything in memory.
//
// Every request needs an authorization capability. A vault's root capability belongs to its controller. To create a vault
// takes no more than the root capability of /edvs invoked by whom the configuration names as controller: anybody may have one.
package edv
