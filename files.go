package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxFile bounds the small files that the commands read.
const maxFile = 1 << 20

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s: is larger than 1 MiB", path)
	}
	return os.ReadFile(path)
}

// writeSecretFile writes a file that its owner alone reads, whole or not at all, and on the disk when it returns.
func writeSecretFile(path string, data []byte, replace bool) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	put := os.Link // fails where there is a file already
	if replace {
		put = os.Rename
	}
	if err := put(f.Name(), path); errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists already and is not overwritten", path)
	} else if err != nil {
		return err
	}
	return syncFolder(dir)
}

// makeFolder makes a folder for its owner only, which a power cut does not take back.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(filepath.Clean(path)))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// input returns the bytes of --in, or of standard input.
func (p *program) input(path string) ([]byte, error) {
	if path != "" && path != "-" {
		b, err := readFile(path)
		if err != nil {
			return nil, fmt.Errorf("--in: %w", err)
		}
		return b, nil
	}
	if atTerminal(p.stdin) {
		fmt.Fprintln(p.stderr, "Reading what is typed, until Ctrl-D on a line of its own; --in FILE reads a file.")
	}
	b, err := io.ReadAll(io.LimitReader(p.stdin, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, errors.New("--in: is larger than 1 MiB")
	}
	return b, nil
}

// atTerminal tells whether somebody may be asked to type.
func atTerminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	null, noNull := os.Stat(os.DevNull)
	return err == nil && noNull == nil && info.Mode()&os.ModeCharDevice != 0 && !os.SameFile(info, null)
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// output is where a command writes bytes: a file of --out, or standard output.
type output struct {
	p    *program
	path string
}

func (f *form) output(help string) *output {
	o := &output{p: f.p}
	f.Flags().StringVar(&o.path, "out", "", help+"; its owner alone can read it, and it must not exist")
	return o
}

// bytes writes Bytes of an answer: as they are to the file, as base64url and a line to standard output.
func (o *output) bytes(value string) error {
	if o.path == "" {
		return o.p.line(value)
	}
	return o.plain(value)
}

// plain writes Bytes of an answer as they are, wherever to.
func (o *output) plain(value string) error {
	b, err := encoding.DecodeString(value)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if o.path == "" {
		_, err = o.p.stdout.Write(b)
		return err
	}
	if err := writeSecretFile(o.path, b, false); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

func (p *program) line(value any) error {
	_, err := fmt.Fprintln(p.stdout, value)
	return err
}
