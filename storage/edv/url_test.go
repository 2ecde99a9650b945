package edv_test

import (
	"strings"
	"testing"

	"twolock/storage/edv"
)

func TestCheckURL(t *testing.T) {
	for _, raw := range []string{
		"https://vault.example/edvs/z19tCa76T7UL7Sbmba768tZ5K", "https://vault.example:8443/edvs/z1", "https://10.1.2.3/edvs/z1",
		"https://[2001:db8::1]:8443/edvs/z1", "https://vault.example/z1",
	} {
		for _, loopback := range []bool{false, true} {
			if err := edv.CheckURL(raw, loopback); err != nil {
				t.Errorf("CheckURL(%q, %v): %v", raw, loopback, err)
			}
		}
	}
	for _, raw := range []string{
		"http://127.0.0.1:9000/edvs/z1", "http://localhost/edvs/z1", "https://localhost/edvs/z1", "http://[::1]:80/edvs/z1",
		"https://[::ffff:127.0.0.1]/edvs/z1", "https://vault.localhost/edvs/z1",
	} {
		if err := edv.CheckURL(raw, true); err != nil {
			t.Errorf("CheckURL(%q, true): %v", raw, err)
		}
		if err := edv.CheckURL(raw, false); err == nil {
			t.Errorf("CheckURL(%q, false) passes", raw)
		}
	}
	for raw, says := range map[string]string{
		"":                                         "is missing",
		"https://v/" + strings.Repeat("x", 900):    "is longer",
		"http://vault.example/edvs/z1":             "must begin with https",
		"ftp://vault.example/edvs/z1":              "must begin with https",
		"//vault.example/edvs/z1":                  "has no host|must begin with https",
		"vault.example/edvs/z1":                    "has no host",
		"HTTPS://vault.example/edvs/z1":            "is not in its usual",
		"https:///edvs/z1":                         "has no host",
		"https:vault.example/edvs/z1":              "has no host",
		"https://user:secret@vault.example/edvs/z": "contains a character",
		"https://vault.example@127.0.0.1/edvs/z1":  "contains a character",
		"https://vault.example/edvs/z1?x=1":        "contains a character",
		"https://vault.example/edvs/z1?":           "contains a character",
		"https://vault.example/edvs/z1#x":          "contains a character",
		"https://vault.example/edvs/z1#":           "contains a character",
		"https://vault.example/edvs/%7a1":          "contains a character",
		"https://vault.example/edvs/z1\\x":         "contains a character",
		"https://vault.example/edvs/z1\r\nHost: x": "contains a character",
		"https://vault.example/edvs/z\u0131":       "contains a character",
		"https://vault.example/edvs/z1/":           "must not end in /",
		"https://vault.example/":                   "has no path",
		"https://vault.example":                    "has no path",
		"https://vault.example//edvs/z1":           "must not have empty or dot",
		"https://vault.example/edvs/../z1":         "must not have empty or dot",
		"https://vault.example/edvs/./z1":          "must not have empty or dot",
		"https://vault.example/edvs/..":            "must not have empty or dot",
		"https://vault.example:/edvs/z1":           "has an empty port",
		"https://vault.example:x/edvs/z1":          "is not a URL",
		"https://169.254.169.254/latest/meta-data": "leads to an address",
		"https://[fe80::1]/edvs/z1":                "leads to an address",
		"https://0.0.0.0/edvs/z1":                  "leads to an address",
		"https://[::]/edvs/z1":                     "leads to an address",
		"https://224.0.0.1/edvs/z1":                "leads to an address",
		"https://[64:ff9b::a9fe:a9fe]/edvs/z1":     "leads to an address",
		"https://[fd00:ec2::254]/edvs/z1":          "leads to an address",
	} {
		err := edv.CheckURL(raw, true)
		matched := false
		for want := range strings.SplitSeq(says, "|") {
			matched = matched || err != nil && strings.HasPrefix(err.Error(), want)
		}
		if !matched {
			t.Errorf("CheckURL(%q): %v, want an error that begins with %q", raw, err, says)
		}
	}
}

func FuzzCheckURL(f *testing.F) {
	f.Add("https://vault.example/edvs/z1")
	f.Add("http://[::1%25lo]:80/edvs/../z1?x#y")
	f.Fuzz(func(t *testing.T, raw string) {
		if edv.CheckURL(raw, false) == nil && (!strings.HasPrefix(raw, "https://") || strings.ContainsAny(raw, "@?#%\\ \r\n") ||
			strings.Contains(raw[8:], "//") || strings.HasSuffix(raw, "/")) {
			t.Errorf("CheckURL(%q) passes", raw)
		}
	})
}
