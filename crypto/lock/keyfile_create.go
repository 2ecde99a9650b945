//go:build unix

package lock

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// CreateLocal makes a key file with a new key, mode 0600, unless there is something at the path: that is never touched, and
// created is false. The folder must be there. When it returns without an error the file and its name survive a power cut;
// at no moment, whatever happens, is there a file at the path that is not whole. Of several that create at once, processes
// too, one does and the others find its file. What a crash may leave is a file named "."+name+".new"+digits, of no use.
func CreateLocal(path string) (created bool, err error) {
	folder := filepath.Dir(path)
	if _, err := os.Lstat(path); err == nil {
		// Whoever made it may not have come to its own sync yet; on a read-only file system there is nothing to sync.
		_ = syncFolder(folder)
		return false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("key file %s: %w", path, withoutPath(err))
	}
	temporary, err := writeNewKey(folder, "."+filepath.Base(path)+".new*")
	if err != nil {
		return false, fmt.Errorf("key file %s: %w", path, err)
	}
	defer os.Remove(temporary)
	// A link, unlike a rename, fails when there is something at the path.
	switch err := os.Link(temporary, path); {
	case err == nil:
		created = true
	case !errors.Is(err, fs.ErrExist):
		return false, fmt.Errorf("key file %s: %w", path, linkFault(err))
	}
	if err := syncFolder(folder); err != nil {
		return created, fmt.Errorf("key file %s: %w", path, err)
	}
	return created, nil
}

// writeNewKey leaves a new key in a file of its own, on the disk.
func writeNewKey(folder, pattern string) (path string, err error) {
	f, err := os.CreateTemp(folder, pattern) // O_EXCL, 0600
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("folder %s is not there: make it first", folder)
	}
	if err != nil {
		return "", fmt.Errorf("cannot be made in folder %s: %w", folder, withoutPath(err))
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	key := Generate32()
	defer clear(key)
	text := append(base64.RawURLEncoding.AppendEncode(nil, key), '\n')
	defer clear(text)
	if err := f.Chmod(0o600); err != nil { // whatever the umask took
		return "", fmt.Errorf("cannot be given mode 0600: %w", withoutPath(err))
	}
	if _, err := f.Write(text); err != nil {
		return "", fmt.Errorf("cannot be written: %w", withoutPath(err))
	}
	if err := f.Sync(); err != nil {
		return "", fmt.Errorf("cannot be brought to the disk: %w", withoutPath(err))
	}
	if err := f.Close(); err != nil {
		return "", fmt.Errorf("cannot be closed: %w", withoutPath(err))
	}
	return f.Name(), nil
}

// syncFolder brings the names in the folder to the disk.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("folder cannot be opened to sync it: %w", withoutPath(err))
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("folder cannot be synced: %w", withoutPath(err))
	}
	return nil
}

func linkFault(err error) error {
	if l, ok := errors.AsType[*os.LinkError](err); ok {
		err = l.Err
	}
	if errors.Is(err, syscall.EPERM) || errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("this file system has no hard links: make the file on one that does and copy it here (%w)", err)
	}
	return fmt.Errorf("cannot be given its name: %w", err)
}
