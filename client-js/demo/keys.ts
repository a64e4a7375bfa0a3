import type { Arena } from './arena.js'

const actions: Readonly<Record<string, 'left' | 'right' | 'thrust' | 'fire'>> = {
  ArrowLeft: 'left',
  KeyA: 'left',
  ArrowRight: 'right',
  KeyD: 'right',
  ArrowUp: 'thrust',
  KeyW: 'thrust',
  Space: 'fire',
}

/** Turns keys into inputs. Keys still down when the page loses the focus are let go. */
export function watchKeys(input: (values: Partial<Arena['input']>) => void): void {
  const down = new Set<string>()
  const tell = () => {
    const held = new Set([...down].map((code) => actions[code]))
    input({ turn: Number(held.has('right')) - Number(held.has('left')), thrust: held.has('thrust') })
  }
  addEventListener('keydown', (event) => {
    const action = actions[event.code]
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    if (action === 'fire' && !event.repeat) input({ fire: true })
    down.add(event.code)
    tell()
  })
  addEventListener('keyup', (event) => {
    if (down.delete(event.code)) tell()
  })
  addEventListener('blur', () => {
    down.clear()
    tell()
  })
}
