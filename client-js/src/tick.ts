/** Ticks from b to a, with their fractions; ticks are uint32 numbers that may wrap. */
export function tickDiff(a: number, b: number): number {
  const d = a - b
  return d - Math.round(d / 2 ** 32) * 2 ** 32
}
