// Measures how text stands out from what is behind it: WCAG 2.2, success criterion 1.4.3.

/** The least ratio that level AA allows for text of any size. */
export const enough = 4.5

/** What the game may show behind a panel, the darkest and the brightest of what is large. */
const behind = ['rgb(5, 6, 15)', 'rgb(86, 100, 118)']

/** The visible texts of a page whose contrast is below enough, with their ratio. */
export function faintTexts(page) {
  return page.evaluate(measure, { enough, behind })
}

/** Runs in the page. */
function measure({ enough, behind }) {
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number)
    return { r, g, b, a }
  }
  const over = (top, bottom) => {
    const mix = (c) => top[c] * top.a + bottom[c] * (1 - top.a)
    return { r: mix('r'), g: mix('g'), b: mix('b'), a: 1 }
  }
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const ratio = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y)
    return (high + 0.05) / (low + 0.05)
  }
  // Every colour that may be behind an element: a gradient counts with each of its stops.
  const grounds = (element) => {
    if (element === document.body) return behind.map(parse)
    const { backgroundColor, backgroundImage } = getComputedStyle(element)
    const flat = parse(backgroundColor)
    const below = flat.a === 1 ? [flat] : grounds(element.parentElement).map((ground) => over(flat, ground))
    const stops = (backgroundImage.match(/rgba?\([^)]*\)/g) ?? []).map(parse)
    if (stops.length === 0) return below
    return stops.flatMap((stop) => below.map((ground) => over(stop, ground)))
  }
  const shown = (element) => {
    const box = element.getBoundingClientRect()
    const style = getComputedStyle(element)
    const faded = (e) => e !== null && (Number(getComputedStyle(e).opacity) < 0.5 || faded(e.parentElement))
    return box.width > 1 && box.height > 1 && style.visibility === 'visible' && !faded(element)
  }
  const faint = []
  const seen = new Set()
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement
    if (!node.data.trim() || seen.has(element) || !shown(element)) continue
    seen.add(element)
    const ink = parse(getComputedStyle(element).color)
    const worst = Math.min(...grounds(element).map((ground) => ratio(over(ink, ground), ground)))
    if (worst < enough) faint.push(`${element.id || element.tagName}: "${node.data.trim()}" ${worst.toFixed(2)}`)
  }
  return { texts: seen.size, faint }
}
