package main

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificate is a TLS certificate and its key in two files. They are read again when they have changed, so that a renewed one needs no restart.
// Safe for concurrent use.
type certificate struct {
	files [2]string // the chain, the key
	log   *slog.Logger

	mu   sync.Mutex
	pair *tls.Certificate
	read [2]fileState
}

// fileState changes when a file does.
type fileState struct {
	modified time.Time
	size     int64
}

func openCertificate(chain, key string, log *slog.Logger) (*certificate, error) {
	c := &certificate{files: [2]string{chain, key}, log: log}
	c.read = c.states()
	pair, err := tls.LoadX509KeyPair(chain, key)
	c.pair = &pair
	return c, err
}

func (c *certificate) states() (now [2]fileState) {
	for i, path := range c.files {
		if info, err := os.Stat(path); err == nil {
			now[i] = fileState{info.ModTime(), info.Size()}
		}
	}
	return now
}

// get is for tls.Config.GetCertificate. While the files do not fit together, as in the middle of a renewal, it is the one from before.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.states()
	if now == c.read {
		return c.pair, nil
	}
	c.read = now // before they are read: what changes meanwhile is read at the next handshake
	pair, err := tls.LoadX509KeyPair(c.files[0], c.files[1])
	if err != nil {
		c.log.Warn("the new TLS certificate cannot be used; the one from before stays", "file", c.files[0], "error", err)
		return c.pair, nil
	}
	c.pair = &pair
	c.log.Info("read a new TLS certificate", "file", c.files[0])
	return c.pair, nil
}
