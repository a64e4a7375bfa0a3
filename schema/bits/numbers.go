package bits

// Zigzag maps small signed numbers to small unsigned ones: 0, -1, 1, -2 to 0, 1, 2, 3.
func Zigzag(v int32) uint32 { return uint32(v<<1) ^ uint32(v>>31) }

// Unzigzag is the inverse of Zigzag.
func Unzigzag(v uint32) int32 { return int32(v>>1) ^ -int32(v&1) }

// AppendLeb appends v as LEB128.
func AppendLeb(buf []byte, v uint32) []byte {
	for v >= 0x80 {
		buf = append(buf, byte(v)|0x80)
		v >>= 7
	}
	return append(buf, byte(v))
}

// Leb reads a LEB128 number and returns how many bytes it took, 0 if buf holds none.
func Leb(buf []byte) (v uint32, n int) {
	for n < len(buf) && n < 5 {
		b := buf[n]
		if n == 4 && b > 0x0f {
			return 0, 0
		}
		v |= uint32(b&0x7f) << (7 * n)
		n++
		if b < 0x80 {
			return v, n
		}
	}
	return 0, 0
}
