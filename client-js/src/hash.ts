import { type Group, stride } from './group.js'

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
      for (const { column, cells } of rows.columns) {
        mix(cells[stride * i] as number)
        if (!column.linear) continue
        mix(cells[stride * i + 1] as number)
        mix(rows.age(cells, i))
      }
    }
  })
  return h >>> 0
}
