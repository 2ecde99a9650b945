//go:build require

package wycheproof

// Nothing is built with this tag: the import keeps the module in go.mod.
import _ "github.com/c2sp/wycheproof"
