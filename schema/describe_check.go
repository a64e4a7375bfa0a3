package schema

import "fmt"

// check verifies that every field can be decoded: it is what stands between a server's
// descriptor and the arithmetic of PROTOCOL.md 3 and 8. Its errors wrap ErrMalformed.
func (d *Descriptor) check() error {
	columns := 0
	for i := range d.Tables {
		t := &d.Tables[i]
		n, err := checkFields(t.Name, t.Fields)
		if err != nil {
			return err
		}
		if columns += n; columns > maxColumns {
			return malformed("descriptor has too many columns")
		}
	}
	if _, err := checkFields("input", d.Input); err != nil {
		return err
	}
	for i := range d.Events {
		if _, err := checkFields(d.Events[i].Name, d.Events[i].Fields); err != nil {
			return err
		}
	}
	return nil
}

// checkFields returns how many columns the fields have.
func checkFields(owner string, fields []Field) (columns int, err error) {
	for i := range fields {
		f := &fields[i]
		if wrong := f.wrong(); wrong != "" {
			return 0, fmt.Errorf("%w: descriptor: %q.%q: %s", ErrMalformed, owner, f.Name, wrong)
		}
		columns += max(1, int(f.Count)) * f.columns()
		if columns > maxElements {
			return 0, malformed("descriptor has too many array elements")
		}
	}
	return columns, nil
}

// columns returns the columns of one element; PROTOCOL.md 3.3.
func (f *Field) columns() int {
	switch {
	case f.Kind == KindQuat:
		return 4
	case f.wide():
		return 2
	}
	return 1
}

// wrong says what keeps a decoder from reading the field, "" if nothing.
func (f *Field) wrong() string {
	switch f.Kind {
	case KindBool:
		return ""
	case KindInt, KindUint:
		if f.Bits != 8 && f.Bits != 16 && f.Bits != 32 && f.Bits != 64 {
			return "integers have 8, 16, 32 or 64 bits"
		}
	case KindFloat:
		if f.Bits != 32 && f.Bits != 64 {
			return "floats have 32 or 64 bits"
		}
	case KindQuantised:
		if f.Bits < 1 || f.Bits > 32 || f.Step <= 0 || f.Min >= f.Max {
			return "a quantised field has 1 to 32 bits, a step above 0 and min below max"
		}
	case KindAngle:
		if f.Bits < 1 || f.Bits > 16 {
			return "angles have 1 to 16 bits"
		}
	case KindString:
		if f.Max < 0 || f.Max > 65535 {
			return "strings have a limit of 0 to 65535 bytes"
		}
	case KindQuat:
		if f.Bits < 1 || f.Bits > 32 || f.Step <= 0 {
			return "a quaternion has 1 to 32 bits and a step above 0"
		}
	default:
		return "unknown kind"
	}
	return ""
}
