import type { Group } from './group.js'

/** The pubHash of a group at its tick; PROTOCOL.md 5.1. */
export function pubHash(group: Group): number {
  let h = 0x811c9dc5
  const mix = (w: number) => {
    h = Math.imul(h ^ w, 0x9e3779b1)
    h ^= h >>> 15
  }
  group.parts.forEach((rows, part) => {
    if (rows.count === 0) return
    mix(part)
    mix(rows.count)
    for (let i = 0; i < rows.count; i++) {
      mix(rows.ids[i] as number)
      for (const { column, r, v, k } of rows.columns) {
        mix(r[i] as number)
        if (!column.linear) continue
        mix(v[i] as number)
        mix(k[i] as number)
      }
    }
  })
  return h >>> 0
}
