package edv

// BlindAttribute is the blinded name and value of an attribute, for known answers.
func BlindAttribute(mac []byte, name, value string) (blindName, blindValue string) {
	a := newBlinder(mac).attribute(name, value)
	return a.Name, a.Value
}
