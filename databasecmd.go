package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"twolock/storage"
)

func (p *program) databaseCommand() *cobra.Command {
	group := &cobra.Command{Use: "database", Short: "Copy a server's database"}
	var database, to string
	backup := &cobra.Command{
		Use:   "backup --to FILE",
		Short: "Copy a SQLite database into a new file, while the server runs; for PostgreSQL there is pg_dump",
		Long: `Copy a SQLite database into a new file, as it is at one moment, while the server goes on. A plain copy of a database in use lacks what is in the files beside it.

To restore, stop the server, put the copy in the database's place, without the files -wal and -shm of before, and start with the same --base-url and server locks.
The copy opens nothing without a server lock: keep the master key, or another lock, elsewhere.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, ok := strings.CutPrefix(database, "sqlite:")
			if !ok || path == "" {
				return &usageError{errors.New("--database: must be sqlite:PATH")} // what was given may hold a password
			}
			if err := storage.CopySQLite(cmd.Context(), path, to); errors.Is(err, os.ErrExist) {
				return fmt.Errorf("--to: %s exists already and is not overwritten", to)
			} else if errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("--database, or the folder of --to: %w", err)
			} else if err != nil {
				return err
			}
			return p.line(to)
		},
	}
	d := p.env("TWOLOCK_DATABASE")
	if d == "" {
		d = "sqlite:data/twolock.db"
	}
	backup.Flags().StringVar(&database, "database", d, "the database, as serve has it [TWOLOCK_DATABASE]")
	backup.Flags().StringVar(&to, "to", "", "file to make")
	required(backup, "to")
	group.AddCommand(backup)
	return group
}
