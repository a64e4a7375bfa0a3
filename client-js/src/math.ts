// The functions of sim/math.go, bit for bit: a movement that uses these and rounds each
// product and sum by f32 comes out in the browser as it does on the server. Each computes
// in float64 and rounds once to float32 at the end; none returns NaN. The polynomials are
// those of FreeBSD's msun (k_sin.c, k_cos.c, s_atan.c, e_exp.c), which is Copyright 1993
// by Sun Microsystems, Inc., "Permission to use, copy, modify, and distribute this
// software is freely granted, provided that this notice is preserved." Constants are
// spelled as short as they can be without becoming another float64.

const halfPiHigh = 1.5707963267341256 // the first 33 bits of pi/2
const halfPiLow = 6.077100506506192e-11 // the rest
const reduceLimit = 2 ** 20 // where subtracting multiples of pi/2 in two parts loses precision
const ln2High = 0.6931471803691238 // the first bits of ln 2
const ln2Low = 1.9082149292705877e-10 // the rest
const expLimit = 150 // beyond what float32 can hold, in either direction

/** Rounds to float32, as Go does after each operation on float32. */
export const f32 = Math.fround

/** The sine of x radians; 0 for NaN and infinities. */
export function sin(x: number): number {
  return quarter(x, 0)
}

/** The cosine of x radians; 0 for NaN and infinities. */
export function cos(x: number): number {
  return quarter(x, 1)
}

/** The square root; 0 for NaN and below 0. */
export function sqrt(x: number): number {
  return x > 0 ? f32(Math.sqrt(f32(x))) : 0
}

/** An angle brought to 0 <= x < 2 pi; 0 for NaN and infinities. */
export function wrapAngle(x: number): number {
  const v = f32(x) % (2 * Math.PI)
  const w = f32(v < 0 ? v + 2 * Math.PI : v)
  return w < f32(2 * Math.PI) ? w : 0
}

/** The angle of the point (x, y), from -pi to pi; 0 for the origin and for NaN. */
export function atan2(y: number, x: number): number {
  let [a, b] = [f32(y), f32(x)]
  if (Number.isNaN(a) || Number.isNaN(b) || (a === 0 && b === 0)) return 0
  if (Math.abs(a) === Infinity && Math.abs(b) === Infinity) {
    a = Math.sign(a)
    b = Math.sign(b)
  }
  // The angle from the y axis, so that the quotient stays within -1..1.
  if (Math.abs(a) > Math.abs(b)) return f32(withSign(Math.PI / 2, a) - atanKernel(b / a))
  const angle = atanKernel(a / b)
  return f32(b < 0 ? angle + withSign(Math.PI, a) : angle)
}

/** e to the power of x: 0 for NaN, Infinity where a float32 cannot hold it. */
export function exp(x: number): number {
  const given = f32(x)
  if (Number.isNaN(given)) return 0
  const v = Math.min(Math.max(given, -expLimit), expLimit)
  const n = roundAway(v * (1 / Math.LN2))
  const high = v - n * ln2High
  const low = n * ln2Low
  const r = high - low
  // e_exp.c for |r| <= ln(2)/2.
  const z = r * r
  const p = [
    0, 4.1381367970572385e-8, -0.0000016533902205465252, 0.00006613756321437934, -0.0027777777777015593,
    0.16666666666666602,
  ]
  const c = r - z * horner(z, p)
  return f32((1 - (low - (r * c) / (2 - c) - high)) * 2 ** n)
}

/** Rounds to the nearest whole number, halves away from zero. */
export function roundAway(x: number): number {
  return x < 0 ? -Math.round(-x) : Math.round(x)
}

/** The sine of x + quarters * pi/2. */
function quarter(given: number, quarters: number): number {
  let x = f32(given)
  if (!Number.isFinite(x)) return 0
  // Exact, but of a rounded pi.
  if (Math.abs(x) > reduceLimit) x %= 2 * Math.PI
  const n = roundAway(x * (2 / Math.PI))
  const r = x - n * halfPiHigh - n * halfPiLow // within -pi/4..pi/4
  const quadrant = (n + quarters) & 3
  const v = quadrant & 1 ? cosKernel(r) : sinKernel(r)
  return f32(quadrant & 2 ? -v : v)
}

const sinTerms = [
  1.58969099521155e-10, -2.5050760253406863e-8, 0.0000027557313707070068, -0.0001984126982985795, 0.00833333333332249,
  -0.16666666666666632,
]
const cosTerms = [
  -1.1359647557788195e-11, 2.087572321298175e-9, -2.7557314351390663e-7, 0.00002480158728947673, -0.001388888888887411,
  0.0416666666666666,
]
const oddTerms = [
  0.016285820115365782, 0.049768779946159324, 0.06661073137387531, 0.09090887133436507, 0.14285714272503466,
  0.3333333333333293,
]
const evenTerms = [
  0, -0.036531572744216916, -0.058335701337905735, -0.0769187620504483, -0.11111110405462356, -0.19999999999876483,
]

/** k_sin.c for |x| <= pi/4. */
function sinKernel(x: number): number {
  const z = x * x
  return x + x * z * horner(z, sinTerms)
}

/** k_cos.c for |x| <= pi/4. */
function cosKernel(x: number): number {
  const z = x * x
  const half = z * 0.5
  const w = 1 - half
  return w + (1 - w - half + z * z * horner(z, cosTerms))
}

/** s_atan.c for |x| <= 1: atan(x) = atan(c) + atan((x-c)/(1+xc)) for c of 0, 1/2 and 1. */
function atanKernel(x: number): number {
  let v = Math.abs(x)
  let [high, low] = [0, 0]
  if (v >= 11 / 16) {
    high = 0.7853981633974483
    low = 3.061616997868383e-17
    v = (v - 1) / (v + 1)
  } else if (v >= 7 / 16) {
    high = 0.4636476090008061
    low = 2.2698777452961687e-17
    v = (2 * v - 1) / (2 + v)
  }
  const z = v * v
  const w = z * z
  const s = z * horner(w, oddTerms) + w * horner(w, evenTerms)
  return withSign(high - (v * s - low - v), x)
}

/** Evaluates a polynomial in z, the highest coefficient first. */
function horner(z: number, terms: readonly number[]): number {
  return terms.reduce((p, term) => z * p + term)
}

/** |v| with the sign of s, which may be -0. */
function withSign(v: number, s: number): number {
  return s < 0 || Object.is(s, -0) ? -Math.abs(v) : Math.abs(v)
}
