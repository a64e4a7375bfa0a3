package sim

import (
	"encoding/binary"
	"math"
)

// What a checkpoint says of a world's door: a byte of flags; with worldFinished what
// appendResult writes; with worldProperties a byte of how many properties, each text name, byte kind, and text or f64.
const (
	worldEnded = 1 << iota
	worldShut
	worldStarted
	worldProperties
	worldFinished
	worldFlags = 1<<iota - 1
)

func (w *World) appendDoor(dst []byte) []byte {
	d := &w.door
	flags := boolByte(w.ended)*worldEnded | boolByte(d.shut)*worldShut |
		boolByte(d.started)*worldStarted | boolByte(len(d.props) > 0)*worldProperties |
		boolByte(w.result.given)*worldFinished
	dst = w.appendResult(append(dst, flags))
	if len(d.props) == 0 {
		return dst
	}
	dst = append(dst, byte(len(d.props)))
	for _, p := range d.props {
		dst = append(appendText(dst, p.Name), byte(p.Value.kind))
		if p.Value.kind == valueText {
			dst = appendText(dst, p.Value.text)
			continue
		}
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(p.Value.number))
	}
	return dst
}

func (r *restorer) door(w *World) {
	flags := r.raw(1)
	if flags > worldFlags {
		r.fail("flags of the world are %d", flags)
	}
	w.ended = flags&worldEnded != 0
	w.door.shut, w.door.started = flags&worldShut != 0, flags&worldStarted != 0
	if flags&worldFinished != 0 {
		r.result(w)
	}
	if flags&worldProperties == 0 {
		return
	}
	for range r.raw(1) {
		p := Property{Name: r.text(), Value: Value{kind: valueKind(r.raw(1))}}
		if p.Value.kind == valueText {
			p.Value.text = r.text()
		} else {
			p.Value.number = math.Float64frombits(r.raw(8))
		}
		if r.err != nil {
			return
		}
		flag := p.Value.kind == valueFlag && p.Value.number != 0 && p.Value.number != 1
		if p.Value.kind > valueFlag || flag || p.check() != nil {
			r.fail("a property is not one")
			return
		}
		if err := w.SetProperty(p.Name, p.Value); err != nil {
			r.fail("properties: %v", err)
			return
		}
	}
}
