package auth

// CanonicalForms shows tests what the proof of a chain's i-th delegation signs, the root's child being 0.
func CanonicalForms(c *Capability, i int) (options, document, input []byte, err error) {
	if options, document, err = canonical(c.rootID, c.chain[:i+1]); err != nil {
		return nil, nil, nil, err
	}
	input, err = signingInput(c.rootID, c.chain[:i+1])
	return options, document, input, err
}
