package schema

import "fmt"

// String returns the kind's name in protocol.fbs.
func (k FieldKind) String() string {
	switch k {
	case KindBool:
		return "Bool"
	case KindInt:
		return "Int"
	case KindUint:
		return "Uint"
	case KindFloat:
		return "Float"
	case KindQuantised:
		return "Quantised"
	case KindAngle:
		return "Angle"
	case KindString:
		return "String"
	case KindQuat:
		return "Quat"
	}
	return fmt.Sprintf("FieldKind(%d)", uint8(k))
}

// MarshalText writes the kind's name, for the JSON form of a descriptor.
func (k FieldKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (k *FieldKind) UnmarshalText(name []byte) error {
	for kind := KindBool; kind <= KindQuat; kind++ {
		if kind.String() == string(name) {
			*k = kind
			return nil
		}
	}
	return fmt.Errorf("schema: no field kind is called %q", name)
}
