package lock

import "net/http"

// OutboundTransport is the transport that calls to the URL go through. That plain http stays on this machine whatever
// "localhost" resolves to cannot be tested from outside without a resolver that lies.
func OutboundTransport(raw string) (*http.Transport, error) {
	u, err := parseOutbound("URL", raw)
	if err != nil {
		return nil, err
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment}
	configureOutbound(t, u, 1)
	return t, nil
}
