//go:build unix

package lock

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

const (
	keyFileLength = 43 // base64url of 32 bytes without padding
	maxKeyFile    = 64 // with padding and a line end there are 46
)

// readKeyFile returns the 32 bytes in the file. What is checked is the file that was opened, not the path: nothing can be
// put in its place between the two. O_NOFOLLOW refuses a link, O_NONBLOCK keeps a named pipe from holding the start.
func readKeyFile(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, openFault(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("cannot be examined: %w", withoutPath(err))
	}
	if err := checkKeyFile(info); err != nil {
		return nil, err
	}
	text := make([]byte, maxKeyFile+1)
	defer clear(text)
	n, err := io.ReadFull(f, text)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("cannot be read: %w", withoutPath(err))
	}
	return decodeKeyFile(text[:n])
}

func checkKeyFile(info fs.FileInfo) error {
	if !info.Mode().IsRegular() {
		return errors.New("is not a regular file: name the file that holds the key")
	}
	if mode := info.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky); mode != 0o600 && mode != 0o400 {
		return fmt.Errorf("has mode %#o: only its owner may have access to it, so make it 0600 (chmod 600)", unixMode(mode))
	}
	// Who owns the file can read and replace it. Root can anyway.
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("belongs to user %d, the server runs as user %d: make the server's user its owner (chown)",
			stat.Uid, os.Geteuid())
	}
	return nil
}

// decodeKeyFile is strict: one text for one key, so that a changed character is never overlooked.
func decodeKeyFile(text []byte) ([]byte, error) {
	text = bytes.TrimSuffix(text, []byte("\n"))
	text = bytes.TrimSuffix(text, []byte("\r"))
	if len(text) == keyFileLength+1 {
		text = bytes.TrimSuffix(text, []byte("="))
	}
	if len(text) == 0 {
		return nil, errors.New("is empty: put the key back from its backup; " +
			"delete the file to have a new key made only if nothing was ever sealed with the old one")
	}
	if len(text) != keyFileLength {
		return nil, fmt.Errorf("does not hold base64url of 32 bytes, which is %d characters", keyFileLength)
	}
	key := make([]byte, KeyLength)
	// Decode passes over line ends within the text, which then gives less than 32 bytes.
	if n, err := base64.RawURLEncoding.Strict().Decode(key, text); err != nil || n != KeyLength {
		clear(key)
		return nil, errors.New("does not hold base64url of 32 bytes (RFC 4648 section 5: letters, digits, - and _)")
	}
	return key, nil
}

func openFault(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("is not there: %w", fs.ErrNotExist)
	case errors.Is(err, syscall.ELOOP):
		return errors.New("is a symbolic link: name the file itself")
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("may not be read by user %d, whom the server runs as: make that user its owner (chown)", os.Geteuid())
	}
	return fmt.Errorf("cannot be opened: %w", withoutPath(err))
}

// withoutPath drops the path that the caller states already.
func withoutPath(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// unixMode is the mode as chmod takes it.
func unixMode(m fs.FileMode) uint32 {
	u := uint32(m.Perm())
	for bit, value := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&bit != 0 {
			u |= value
		}
	}
	return u
}
