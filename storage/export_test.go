package storage

// VerifySQLite is for testing that a connection without the settings is refused.
var VerifySQLite = verifySQLite

// SelectLost is for testing how SQLite reads it.
const SelectLost = selectLost
