package web_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"twolock/companion/authserver"
	"twolock/companion/awskms"
	"twolock/companion/edv"
)

// The journeys through the console, each in a real browser on a real server: by mouse and keyboard, in every state looked at by axe-core, in light and dark, narrow and
// wide, with no complaint from the Content-Security-Policy. TWOLOCK_SCREENSHOTS names a folder for pictures.
func TestConsole(t *testing.T) {
	requireModules(t)
	browser := requireBrowser(t)
	program := build(t, t.TempDir())
	for _, c := range []struct {
		name string
		open bool // everybody may create keystores
	}{ // the longest first
		{"texts", true}, {"more", true}, {"operator", false}, {"use", true}, {"keys", true}, {"hostile", true}, {"delegate", true}, {"shares", true}, {"bench", true},
		{"keyboard", true}, {"away", true}, {"identity", false}, {"markup", false}, {"explorer", false}, {"handed", true}, {"signout", true}, {"health", false}, {"alone", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := "console/e2e/" + c.name + ".test.js"
			sources(t, path)
			for _, shared := range []string{"browser.js", "guard.js", "hands.js", "payloads.js"} {
				sources(t, "console/e2e/"+shared)
			}
			s, env := serveConsole(t, program, c.open, c.name)
			node := exec.Command("node", "--no-warnings", "--test", "--test-reporter=tap", path)
			node.Env = append(append(os.Environ(), "TWOLOCK_URL="+s.url, "TWOLOCK_CHROMIUM="+browser), env...)
			out, err := node.CombinedOutput()
			if err != nil {
				t.Fatalf("node --test %s: %v\n%s\nthe server's log:\n%s", path, err, out, s.log())
			}
			for _, line := range []string{"\n# fail 0\n", "\n# skipped 0\n", "\n# todo 0\n", "\n# cancelled 0\n"} {
				if !strings.Contains(string(out), line) {
					t.Errorf("node --test does not say %q:\n%s", strings.TrimSpace(line), out)
				}
			}
		})
	}
}

// Every page has a journey that tests it.
func TestConsoleJourneys(t *testing.T) {
	files, err := filepath.Glob("console/e2e/*.test.js")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("console_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if name := strings.TrimSuffix(filepath.Base(path), ".test.js"); !strings.Contains(string(source), `{"`+name+`", `) {
			t.Errorf("%s is run by nothing", path)
		}
	}
}

func requireBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no chromium: on Debian, apt-get install chromium")
	return ""
}

// serveConsole runs a server over http on loopback, where browsers have WebCrypto, beside an Auth server and vaults, and tells what the journeys need to know of them.
// For the journey health it has a lock at AWS KMS too, and all of them are gone for good after a request to TWOLOCK_AWAY_URL; for alone it has no Auth server.
func serveConsole(t *testing.T, program string, open bool, journey string) (*running, []string) {
	t.Helper()
	const token, userKey = "console-token", "console-user-token-key"
	auth := authserver.New(authserver.Options{ServiceToken: token, UserTokenKey: []byte(userKey)})
	t.Cleanup(auth.Close)
	authURL := httptest.NewServer(auth)
	t.Cleanup(authURL.Close)
	vaultsURL := httptest.NewUnstartedServer(nil)
	vaults, err := edv.New(edv.Options{Base: "http://" + vaultsURL.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	vaultsURL.Config.Handler = vaults
	vaultsURL.Start()
	t.Cleanup(vaultsURL.Close)

	data := filepath.Join(t.TempDir(), "data")
	var flags []string
	if journey != "alone" {
		flags = append(flags, "--auth-url", authURL.URL, "--auth-token", token)
	}
	away := ""
	if journey == "health" {
		const arn, region = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab", "eu-central-1"
		kms := awskms.New(awskms.Options{AccessKeyID: awsKeyID, SecretAccessKey: awsSecret, Region: region, Keys: []string{arn}})
		t.Cleanup(kms.Close)
		kmsURL := httptest.NewServer(kms)
		t.Cleanup(kmsURL.Close)
		flags = append(flags, "--server-lock", "local:"+filepath.Join(data, "master.key"), "--server-lock", "aws-kms:"+arn, "--aws-endpoint", kmsURL.URL, "--aws-region", region)
		killer := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			for _, s := range []*httptest.Server{authURL, vaultsURL, kmsURL} {
				s.CloseClientConnections()
				s.Close()
			}
		}))
		t.Cleanup(killer.Close)
		away = killer.URL
	}
	if open {
		flags = append(flags, "--open-registration")
	}
	s := run(t, program, data, flags...)
	link, err := os.ReadFile(filepath.Join(data, "operator-enrolment"))
	if err != nil {
		t.Fatal(err)
	}
	return s, []string{"TWOLOCK_PROGRAM=" + program, "TWOLOCK_ENROLMENT=" + strings.TrimSpace(string(link)), "TWOLOCK_AUTH_URL=" + authURL.URL,
		"TWOLOCK_AUTH_KEY=" + userKey, "TWOLOCK_VAULTS_URL=" + vaultsURL.URL, "TWOLOCK_AWAY_URL=" + away}
}
