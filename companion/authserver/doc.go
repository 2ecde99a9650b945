// Package authserver is a stand-in for the Auth server, which keeps one secret share of each user.
//
//	POST /secret           {"secret":"<standard base64>"}     204; 409 when the user has one already
//	GET  /secret?sub=DID   answers {"secret":"<standard base64>"}; 404 when that user has none
//
// Each request carries "Authorization: Bearer " and the standard base64 of a token. There are two kinds:
//
//   - the service's token, given in Options, reads the share of any user and stores none;
//   - a user's token, which UserToken makes (the user's DID, a dot, and a MAC of it), stores that user's share and reads none.
//
// It is for demonstration, development and tests: it holds the shares in memory. Faults come on demand.
package authserver
