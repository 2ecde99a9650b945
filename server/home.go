package server

import (
	"html/template"
	"net/http"
)

var page = template.Must(template.New("home").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>twolock</title>
<h1>twolock {{.Version}}</h1>
<p>A key management server. It runs here:</p>
<dl>
<dt>GraphQL, the service</dt><dd><code>{{.Base}}/graphql</code></dd>
<dt>GraphQL, a keystore</dt><dd><code>{{.Base}}/keystores/z…</code></dd>
<dt>GraphQL, a key</dt><dd><code>{{.Base}}/keystores/z…/keys/z…</code></dd>
<dt>Schema</dt><dd><a href="/schema.graphql">/schema.graphql</a></dd>
<dt>Health, readiness, metrics</dt><dd><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>, <a href="/metrics">/metrics</a></dd>
</dl>
<p>To make the first keystore, follow the first screen of the README, or run <code>twolock --help</code>.</p>
`))

func (s *server) home(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, s.Options)
}
