package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"twolock/crypto/key"
	"twolock/keystore"
)

// Config is what `serve` is told. Each field is a flag, whose default is the environment variable TWOLOCK_<NAME>, with
// underscores; --help is made from the tags. Lists take commas in the environment. Operators see the values of those that say so in show.
type Config struct {
	Listen           string        `flag:"listen" default:"127.0.0.1:8080" help:"address to listen on; without TLS, a loopback address" show:"as it is"`
	BaseURL          string        `flag:"base-url" help:"URL that clients use, part of every identifier (default http://{listen}, https with TLS)" show:"without secrets"`
	TLSCert          string        `flag:"tls-cert" help:"file with the certificate chain, PEM" show:"as it is"`
	TLSKey           string        `flag:"tls-key" help:"file with the certificate's private key, PEM" show:"as it is"`
	DataDir          string        `flag:"data-dir" default:"./data" help:"folder for the database, the generated master key, the operator enrolment and the audit log" show:"as it is"`
	Database         string        `flag:"database" help:"sqlite:PATH or postgres://… (default sqlite:{data-dir}/twolock.db)" show:"without secrets"`
	ServerLock       []string      `flag:"server-lock" help:"local:PATH or aws-kms:KEY-ARN; repeat it for more than one way in (default local:{data-dir}/master.key)" show:"as it is"`
	AddServerLock    []string      `flag:"add-server-lock" help:"a server lock that is new to this database: everything is sealed under it too, while the server runs; once the log says so, give it as --server-lock" show:"as it is"`
	RetireServerLock []string      `flag:"retire-server-lock" help:"a server lock that is given up, as local:PATH or by its id: what is sealed under it is deleted, while the server runs, where another lock opens it" show:"as it is"`
	AWSEndpoint      string        `flag:"aws-endpoint" help:"URL of AWS KMS, if not the region's own" show:"without secrets"`
	AWSRegion        string        `flag:"aws-region" help:"AWS region (default: the key's)" show:"as it is"`
	AuthURL          string        `flag:"auth-url" help:"URL of the Auth server that keeps the second shares" show:"without secrets"`
	AuthToken        string        `flag:"auth-token" help:"token for the Auth server; better in the environment or in --auth-token-file"`
	AuthTokenFile    string        `flag:"auth-token-file" help:"file with the token for the Auth server" show:"as it is"`
	Operator         []string      `flag:"operator" help:"DID of an operator, who may invoke the service's root capability; repeatable" show:"as it is"`
	OpenRegistration bool          `flag:"open-registration" help:"let everybody create keystores" show:"as it is"`
	KeyType          []string      `flag:"key-type" help:"type of key that can be created, such as ED25519; repeatable (default all)" show:"as it is"`
	RSAPerMinute     int           `flag:"rsa-per-minute" default:"20" help:"how many 2048-bit RSA keys a keystore may make per minute; larger ones count for more, imported ones for less" show:"as it is"`
	CacheTTL         time.Duration `flag:"cache-ttl" default:"5m" help:"how long an opened secret is kept; 0 turns the cache off" show:"as it is"`
	CacheEntries     int           `flag:"cache-entries" default:"10000" help:"how many opened secrets are kept at most; 0 turns the cache off" show:"as it is"`
	AuditLog         string        `flag:"audit-log" help:"file that every use of a key is written to before it happens (default {data-dir}/audit.log)" show:"as it is"`

	given func(flag string) bool // whether a flag, or its variable, was given
}

// configError is a configuration that cannot be used: the program exits 2.
type configError struct {
	flag string
	err  error
}

func (e *configError) Error() string { return "--" + e.flag + ": " + e.err.Error() }
func (e *configError) Unwrap() error { return e.err }

func badFlag(flag, format string, args ...any) error {
	return &configError{flag, fmt.Errorf(format, args...)}
}

// bind makes a flag of each field. What the environment has wrong is told when the flags are read.
func (c *Config) bind(flags *pflag.FlagSet, env func(string) string) (wrong error) {
	c.given = func(name string) bool { return flags.Changed(name) || env(variableOf(name)) != "" }
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name := field.Tag.Get("flag")
		if name == "" {
			continue
		}
		variable := variableOf(name)
		help := field.Tag.Get("help") + " [" + variable + "]"
		switch p := v.Field(i).Addr().Interface().(type) {
		case *string:
			flags.StringVar(p, name, field.Tag.Get("default"), help)
		case *[]string:
			flags.StringArrayVar(p, name, nil, help)
		case *bool:
			flags.BoolVar(p, name, false, help)
		case *int:
			flags.IntVar(p, name, 0, help)
		case *time.Duration:
			flags.DurationVar(p, name, 0, help)
		default:
			panic("config: " + field.Name + " has a type that no flag has")
		}
		f := flags.Lookup(name)
		if d := field.Tag.Get("default"); d != "" {
			if err := f.Value.Set(d); err != nil {
				panic("config: default of " + name)
			}
			f.DefValue = d
		}
		if value := env(variable); value != "" {
			err := error(nil)
			if list, ok := f.Value.(pflag.SliceValue); ok {
				values := strings.Split(value, ",")
				for i := range values {
					values[i] = strings.TrimSpace(values[i])
				}
				err = list.Replace(values) // and not Set, after which a flag would add to it
			} else {
				err = f.Value.Set(strings.TrimSpace(value))
			}
			if err != nil {
				wrong = errors.Join(wrong, &usageError{fmt.Errorf("%s: %s", variable, wrongValue(f, value, err))})
			}
		}
	}
	return wrong
}

func variableOf(flag string) string {
	return "TWOLOCK_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// complete fills in what depends on other flags and refuses what cannot be meant.
func (c *Config) complete() error {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return badFlag("listen", "%q is not host:port", c.Listen)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return badFlag("tls-cert", "--tls-cert and --tls-key go together")
	}
	if c.TLSCert == "" && !loopback(host) {
		return badFlag("listen", "%s can be reached from outside: give --tls-cert and --tls-key, or listen on 127.0.0.1", c.Listen)
	}
	if c.DataDir == "" {
		return badFlag("data-dir", "is empty")
	}
	if c.Database == "" {
		c.Database = "sqlite:" + filepath.Join(c.DataDir, "twolock.db")
	}
	if c.AuditLog == "" {
		c.AuditLog = filepath.Join(c.DataDir, "audit.log")
	}
	if len(c.ServerLock) == 0 {
		c.ServerLock = []string{"local:" + filepath.Join(c.DataDir, "master.key")}
	}
	if c.CacheTTL < 0 {
		return badFlag("cache-ttl", "%s is less than 0", c.CacheTTL)
	}
	if c.RSAPerMinute < 1 {
		return badFlag("rsa-per-minute", "%d is less than 1", c.RSAPerMinute)
	}
	for _, t := range c.KeyType {
		if !slices.Contains(key.Types(), key.Type(t)) {
			return badFlag("key-type", "%q is not one of %v", t, key.Types())
		}
	}
	if c.CacheEntries < 0 {
		return badFlag("cache-entries", "%d is less than 0", c.CacheEntries)
	}
	if c.AuthToken != "" && c.AuthTokenFile != "" {
		return badFlag("auth-token-file", "and --auth-token are both given")
	}
	if c.AWSEndpoint != "" {
		if u, err := url.Parse(c.AWSEndpoint); err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			return badFlag("aws-endpoint", "%q must be an https URL: only a loopback address goes without", c.AWSEndpoint)
		}
	}
	if kind, _, _ := strings.Cut(c.Database, ":"); kind != "sqlite" && kind != "postgres" && kind != "postgresql" {
		return badFlag("database", "must be sqlite:PATH or postgres://…") // what was given may hold a password
	}
	if c.BaseURL != "" {
		if err := checkBase(c.BaseURL); err != nil {
			return err
		}
	} else if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return badFlag("base-url", "is needed when listening on every address")
	}
	if c.AuthURL == "" && (c.AuthToken != "" || c.AuthTokenFile != "") {
		return badFlag("auth-url", "is missing, but there is a token for it")
	}
	return nil
}

// keyTypes returns nil for all.
func (c *Config) keyTypes() (types []key.Type) {
	for _, t := range key.Types() {
		if slices.Contains(c.KeyType, string(t)) {
			types = append(types, t)
		}
	}
	return types
}

// base returns the service's URL, for a listener at addr: with port 0, the port is known only then.
func (c *Config) base(addr net.Addr) string {
	if c.BaseURL != "" {
		return c.BaseURL
	}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	host, port, _ := net.SplitHostPort(c.Listen)
	if port == "0" {
		_, port, _ = net.SplitHostPort(addr.String())
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

func checkBase(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return badFlag("base-url", "%q is not a URL such as https://kms.example", base)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return badFlag("base-url", "%q must be https: only a loopback address goes without", base)
	case u.Scheme+"://"+u.Host != base || u.User != nil || strings.ToLower(base) != base:
		return badFlag("base-url", "%q must be scheme and host in lower case, with nothing behind", base)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *Config) databaseKind() keystore.DatabaseKind {
	if strings.HasPrefix(c.Database, "sqlite:") {
		return keystore.DatabaseSQLite
	}
	return keystore.DatabasePostgres
}

// settings are the configuration as operators see it. What does not say that it may be shown is a secret.
func (c *Config) settings() []keystore.Setting {
	var all []keystore.Setting
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		if tag.Get("flag") == "" {
			continue
		}
		s := keystore.Setting{Name: tag.Get("flag"), Description: tag.Get("help"), Values: []string{}}
		var values []string
		switch value := v.Field(i).Interface().(type) {
		case []string:
			values = value
		case string:
			if value != "" {
				values = []string{value}
			}
		default:
			values = []string{fmt.Sprint(value)}
		}
		s.IsSet = len(values) > 0
		s.IsDefault = c.given == nil || !c.given(s.Name)
		for _, value := range values {
			switch tag.Get("show") {
			case "as it is":
				s.Values = append(s.Values, value)
			case "without secrets":
				s.Values = append(s.Values, withoutSecrets(value))
			default:
				s.Secret = true
			}
		}
		s.Secret = tag.Get("show") == ""
		all = append(all, s)
	}
	return all
}

// withoutSecrets is a URL, or a path, as far as it holds no password: without user, query and fragment, where passwords and tokens are.
func withoutSecrets(value string) string {
	if strings.HasPrefix(value, "sqlite:") {
		return value
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" { // such as name=value, which pgx takes too
		return "(not shown)"
	}
	u.User, u.RawQuery, u.Fragment, u.RawFragment = nil, "", "", ""
	return u.String()
}
