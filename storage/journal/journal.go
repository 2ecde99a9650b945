// Package journal keeps the audit entries of one server in a file, a JSON object a line, oldest first.
//
// An entry is in the file before the operation it tells of begins, so it survives the end of the process; it is not forced to the disk, so a power cut may
// take the newest ones.
package journal

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"twolock/keystore"
)

// File is an audit journal in a file. Safe for concurrent use.
type File struct {
	path string
	mu   sync.Mutex
	file *os.File
	torn bool
}

// Open opens the file for appending, or makes it, readable by its owner only.
func Open(path string) (*File, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	return &File{path: path, file: f, torn: endsTorn(path)}, nil
}

func openFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open audit log: %w", err)
	}
	return f, nil
}

// Reopen opens the path anew, where the file was moved away; what follows is written there. When it cannot, the file from before stays.
func (j *File) Reopen() error {
	f, err := openFile(j.path)
	if err != nil {
		return err
	}
	j.mu.Lock()
	old := j.file
	j.file, j.torn = f, endsTorn(j.path)
	j.mu.Unlock()
	return old.Close()
}

// endsTorn tells whether the file ends in half a line, as a power cut leaves it. What cannot be read, such as a pipe, does not.
func endsTorn(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	last := make([]byte, 1)
	_, err = f.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}

// Append writes one entry, with one call, so that lines of several writers do not mix.
func (j *File) Append(e keystore.Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.torn { // a disk that was full, or a power cut, left half a line: begin a new one
		line = append([]byte{'\n'}, line...)
	}
	n, err := j.file.Write(line)
	if err != nil {
		j.torn = j.torn || n > 0
		return fmt.Errorf("write audit log: %w", err)
	}
	j.torn = false
	return nil
}

// Close closes the file.
func (j *File) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.file.Close()
}
