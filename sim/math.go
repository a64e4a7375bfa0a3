package sim

import "math"

// The functions of this file give the same bits on every machine: they compute in
// float64 with each product rounded by an explicit conversion, so that no compiler fuses
// it with the addition that follows, and round once to float32 at the end. The
// polynomials are those of FreeBSD's msun (k_sin.c, k_cos.c, s_atan.c, e_exp.c), which
// is Copyright 1993 by Sun Microsystems, Inc., "Permission to use, copy, modify, and
// distribute this software is freely granted, provided that this notice is preserved."
// NaN never comes out: its sign and payload differ between machines.

const (
	halfPiHigh = 1.57079632673412561417e+00 // the first 33 bits of pi/2
	halfPiLow  = 6.07710050650619224932e-11 // the rest
	// reduceLimit is where subtracting multiples of pi/2 in two parts loses precision.
	reduceLimit = 1 << 20
)

// Sin returns the sine of x radians; 0 for NaN and infinities.
func Sin(x float32) float32 {
	r, quadrant, ok := reduce(float64(x))
	if !ok {
		return 0
	}
	return quarter(r, quadrant)
}

// Cos returns the cosine of x radians; 0 for NaN and infinities.
func Cos(x float32) float32 {
	r, quadrant, ok := reduce(float64(x))
	if !ok {
		return 0
	}
	return quarter(r, quadrant+1)
}

// quarter returns the sine of r + quadrant*pi/2.
func quarter(r float64, quadrant int64) float32 {
	switch quadrant & 3 {
	case 0:
		return float32(sinKernel(r))
	case 1:
		return float32(cosKernel(r))
	case 2:
		return float32(-sinKernel(r))
	}
	return float32(-cosKernel(r))
}

// reduce returns r from -pi/4 to pi/4 with x = r + quadrant*pi/2. Beyond 2^20 it takes
// the remainder by 2 pi first: exact, but of a rounded pi.
func reduce(x float64) (r float64, quadrant int64, ok bool) {
	if x-x != 0 {
		return 0, 0, false
	}
	if math.Abs(x) > reduceLimit {
		x = math.Mod(x, 2*math.Pi)
	}
	n := math.Round(float64(x * (2 / math.Pi)))
	r = x - float64(n*halfPiHigh)
	return r - float64(n*halfPiLow), int64(n), true
}

// sinKernel is k_sin.c for |x| <= pi/4.
func sinKernel(x float64) float64 {
	z := float64(x * x)
	p := horner(z, 1.58969099521155010221e-10, -2.50507602534068634195e-08,
		2.75573137070700676789e-06, -1.98412698298579493134e-04,
		8.33333333332248946124e-03, -1.66666666666666324348e-01)
	return x + float64(float64(x*z)*p)
}

// cosKernel is k_cos.c for |x| <= pi/4.
func cosKernel(x float64) float64 {
	z := float64(x * x)
	p := horner(z, -1.13596475577881948265e-11, 2.08757232129817482790e-09,
		-2.75573143513906633035e-07, 2.48015872894767294178e-05,
		-1.38888888888741095749e-03, 4.16666666666666019037e-02)
	half := float64(z * 0.5)
	w := 1 - half
	return w + (((1 - w) - half) + float64(float64(z*z)*p))
}

// horner evaluates a polynomial in z of six coefficients, the highest first.
func horner(z, a, b, c, d, e, f float64) float64 {
	p := float64(z*a) + b
	p = float64(z*p) + c
	p = float64(z*p) + d
	p = float64(z*p) + e
	return float64(z*p) + f
}

// Sqrt returns the square root; 0 for NaN and below 0. IEEE 754 defines every bit of it.
func Sqrt(x float32) float32 {
	if !(x > 0) {
		return 0
	}
	return float32(math.Sqrt(float64(x)))
}

// WrapAngle brings an angle to 0 <= x < 2 pi; 0 for NaN and infinities.
func WrapAngle(x float32) float32 {
	v := float64(x)
	if v-v != 0 {
		return 0
	}
	v = math.Mod(v, 2*math.Pi)
	if v < 0 {
		v += 2 * math.Pi
	}
	if w := float32(v); w < float32(2*math.Pi) {
		return w
	}
	return 0
}
