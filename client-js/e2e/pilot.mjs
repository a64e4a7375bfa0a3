// Plays in a tab by the keys, as a player would: hunts the nearest ship and shoots at it.

/** Starts to play. It goes on over deaths and ends with the page. */
export function startPilot(page) {
  return page.evaluate(() => {
    const lead = 0.35 // seconds that a target is aimed ahead of
    const down = new Set()
    const key = (code, wanted) => {
      if (wanted === down.has(code)) return
      down[wanted ? 'add' : 'delete'](code)
      dispatchEvent(new KeyboardEvent(wanted ? 'keydown' : 'keyup', { code }))
    }
    const before = new Map()
    const play = () => {
      const { room } = window
      const ships = [...room.state.ships]
      const own = ships.find((s) => s.mine)
      if (!own) return
      const aims = ships
        .filter((s) => s !== own && !s.safe)
        .map((s) => {
          const was = before.get(s.id) ?? s
          const [vx, vy] = [(s.x - was.x) * 10, (s.y - was.y) * 10]
          return { x: s.x + (vx - own.vx) * lead - own.x, y: s.y + (vy - own.vy) * lead - own.y }
        })
        .sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y))
      before.clear()
      for (const { id, x, y } of ships) before.set(id, { x, y })
      const aim = aims[0]
      if (!aim) return
      const off = Math.atan2(aim.y, aim.x) - own.angle
      const turn = off - Math.round(off / (2 * Math.PI)) * 2 * Math.PI
      const far = Math.hypot(aim.x, aim.y)
      key('ArrowLeft', turn < -0.12)
      key('ArrowRight', turn > 0.12)
      key('ArrowUp', far > 220 && Math.abs(turn) < 0.8)
      key('Space', far < 600 && Math.abs(turn) < 0.35)
    }
    setInterval(play, 100)
  })
}
