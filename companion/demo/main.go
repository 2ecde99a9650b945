// Command demo plays both scenarios that twolock exists for, with the real program and stand-ins for the outside services,
// and prints each arrow of the two sequence diagrams as it happens. It exits 1 if anything is off.
//
//	go run ./companion/demo -twolock bin/twolock
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	binary := flag.String("twolock", "bin/twolock", "the program to play with")
	flag.Parse()
	path, err := filepath.Abs(*binary)
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo: -twolock:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	out := &printer{w: os.Stdout}
	for _, scenario := range []struct {
		title string
		play  func(context.Context, *printer, string) error
	}{
		{"Scenario 1: the server's lock is an AWS KMS key, the user's lock a local key, the keys are in the server's database", scenario1},
		{"Scenario 2: the server's lock is a local file, the user's lock is made of secret shares, the keys are in a vault", scenario2},
	} {
		out.title(scenario.title)
		if err := scenario.play(ctx, out, path); err != nil {
			fmt.Fprintln(os.Stderr, "demo:", err)
			os.Exit(1)
		}
	}
	out.title("Both scenarios hold")
}
