// Writes small PNG files: at most 256 colours, chosen by median cut.

import { crc32, deflateSync } from 'node:zlib'

const bitsKept = 6 // of each channel when colours are counted
const shift = 8 - bitsKept
const passedOn = 0.8 // share of a pixel's error; all of it would make dark areas grainy

/** Encodes RGBA bytes; what is transparent is taken as opaque. */
export function smallPng(rgba, width, height) {
  const counts = new Map()
  for (let i = 0; i < rgba.length; i += 4) {
    const key = keyAt(rgba, i)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const palette = medianCut(counts, 256)
  const rows = dithered(rgba, width, height, palette)
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8) // 8 bits, by palette
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(palette.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Rows of palette indices; what a pixel is off is passed on to its neighbours (Floyd and Steinberg). */
function dithered(rgba, width, height, palette) {
  const wanted = Float32Array.from(rgba)
  const nearest = new Map()
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 4) {
      const c = [0, 1, 2].map((a) => Math.max(0, Math.min(255, wanted[i + a])))
      const index = nearestTo(c, palette, nearest)
      rows[y * (width + 1) + 1 + x] = index
      for (let a = 0; a < 3; a++) {
        const off = (c[a] - palette[index][a]) * passedOn
        if (x + 1 < width) wanted[i + 4 + a] += off * (7 / 16)
        if (y + 1 === height) continue
        if (x > 0) wanted[i + 4 * (width - 1) + a] += off * (3 / 16)
        wanted[i + 4 * width + a] += off * (5 / 16)
        if (x + 1 < width) wanted[i + 4 * (width + 1) + a] += off * (1 / 16)
      }
    }
  }
  return rows
}

function nearestTo(c, palette, known) {
  const key = (Math.round(c[0] / 2) << 14) | (Math.round(c[1] / 2) << 7) | Math.round(c[2] / 2)
  let best = known.get(key)
  if (best !== undefined) return best
  let least = Number.POSITIVE_INFINITY
  palette.forEach((p, i) => {
    const off = (p[0] - c[0]) ** 2 + (p[1] - c[1]) ** 2 + (p[2] - c[2]) ** 2
    if (off >= least) return
    least = off
    best = i
  })
  known.set(key, best)
  return best
}

function keyAt(rgba, i) {
  return ((rgba[i] >> shift) << (2 * bitsKept)) | ((rgba[i + 1] >> shift) << bitsKept) | (rgba[i + 2] >> shift)
}

/** The colours of boxes that split where most of the error is. */
function medianCut(counts, most) {
  const mask = (1 << bitsKept) - 1
  const colours = [...counts].map(([key, n]) => ({
    key,
    // The square root keeps the sky, which is most of a picture, from taking most colours.
    n: Math.sqrt(n),
    c: [key >> (2 * bitsKept), (key >> bitsKept) & mask, key & mask].map((v) => (v << shift) + (1 << (shift - 1))),
  }))
  const boxes = [boxOf(colours)]
  while (boxes.length < most) {
    boxes.sort((a, b) => b.error - a.error)
    const box = boxes[0]
    if (box.colours.length < 2) break
    boxes.shift()
    const sorted = box.colours.sort((a, b) => a.c[box.axis] - b.c[box.axis])
    const half = sorted.reduce((sum, { n }) => sum + n, 0) / 2
    let at = 0
    for (let sum = 0; at < sorted.length - 2 && sum + sorted[at].n < half; at++) sum += sorted[at].n
    boxes.push(boxOf(sorted.slice(0, at + 1)), boxOf(sorted.slice(at + 1)))
  }
  return boxes.map(({ mean }) => mean.map(Math.round))
}

function boxOf(colours) {
  const total = colours.reduce((sum, { n }) => sum + n, 0)
  const mean = [0, 1, 2].map((a) => colours.reduce((sum, { c, n }) => sum + c[a] * n, 0) / total)
  const errors = mean.map((m, a) => colours.reduce((sum, { c, n }) => sum + (c[a] - m) ** 2 * n, 0))
  const error = Math.max(...errors)
  return { colours, mean, error, axis: errors.indexOf(error) }
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  out.set(body, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}
