package sim

import "math"

// Atan2 returns the angle of the point (x, y) in radians, from -pi to pi; 0 for the
// origin and for NaN.
func Atan2(y, x float32) float32 {
	a, b := float64(y), float64(x)
	switch {
	case a != a || b != b:
		return 0
	case math.IsInf(a, 0) && math.IsInf(b, 0):
		a, b = math.Copysign(1, a), math.Copysign(1, b)
	case a == 0 && b == 0:
		return 0
	}
	if math.Abs(a) > math.Abs(b) {
		// The angle from the y axis, so that the quotient stays within -1..1.
		return float32(math.Copysign(math.Pi/2, a) - atanKernel(b/a))
	}
	angle := atanKernel(a / b)
	if b < 0 {
		angle += math.Copysign(math.Pi, a)
	}
	return float32(angle)
}

// atanKernel is s_atan.c for |x| <= 1: atan(x) = atan(c) + atan((x-c)/(1+xc)) for c of
// 0, 1/2 and 1.
func atanKernel(x float64) float64 {
	v := math.Abs(x)
	high, low := 0.0, 0.0
	switch {
	case v < 7.0/16:
	case v < 11.0/16:
		high, low = 4.63647609000806093515e-01, 2.26987774529616870924e-17
		v = (float64(2*v) - 1) / (2 + v)
	default:
		high, low = 7.85398163397448278999e-01, 3.06161699786838301793e-17
		v = (v - 1) / (v + 1)
	}
	z := float64(v * v)
	w := float64(z * z)
	odd := horner(w, 1.62858201153657823623e-02, 4.97687799461593236017e-02,
		6.66107313738753120669e-02, 9.09088713343650656196e-02,
		1.42857142725034663711e-01, 3.33333333333329318027e-01)
	even := horner(w, 0, -3.65315727442169155270e-02, -5.83357013379057348645e-02,
		-7.69187620504482999495e-02, -1.11111104054623557880e-01, -1.99999999998764832476e-01)
	s := float64(z*odd) + float64(w*even)
	return math.Copysign(high-((float64(v*s)-low)-v), x)
}

const (
	ln2High = 6.93147180369123816490e-01 // the first bits of ln 2
	ln2Low  = 1.90821492927058770002e-10 // the rest
	// expLimit is beyond what float32 can hold, in either direction.
	expLimit = 150
)

// Exp returns e to the power of x: 0 for NaN, +Inf where a float32 cannot hold it.
func Exp(x float32) float32 {
	v := float64(x)
	if v != v {
		return 0
	}
	v = min(max(v, -expLimit), expLimit)
	n := math.Round(float64(v * (1 / math.Ln2)))
	high := v - float64(n*ln2High)
	low := float64(n * ln2Low)
	r := high - low
	// e_exp.c for |r| <= ln(2)/2.
	z := float64(r * r)
	c := r - float64(z*horner(z, 0, 4.13813679705723846039e-08, -1.65339022054652515390e-06,
		6.61375632143793436117e-05, -2.77777777770155933842e-03, 1.66666666666666019037e-01))
	y := 1 - ((low - float64(r*c)/(2-c)) - high)
	return float32(math.Ldexp(y, int(n)))
}
