import { join } from './roomtick.js'

const room = await join('tag', { name: `Player ${Math.floor(Math.random() * 100)}` })
const draw = document.getElementById('field').getContext('2d')
draw.textAlign = 'center'

const keys = new Set()
const held = (key) => Number(keys.has(key))
for (const type of ['keydown', 'keyup']) {
  addEventListener(type, (e) => {
    if (type === 'keydown') keys.add(e.key)
    else keys.delete(e.key)
    room.input({ dx: held('ArrowRight') - held('ArrowLeft'), dy: held('ArrowDown') - held('ArrowUp') })
  })
}

function frame() {
  draw.clearRect(0, 0, 660, 660)
  for (const dot of room.state.dots) {
    draw.fillStyle = dot.id === room.state.it?.dot ? 'crimson' : 'steelblue'
    draw.fillRect(dot.x, dot.y, 20, 20)
    if (dot.mine) draw.strokeRect(dot.x, dot.y, 20, 20)
    const half = draw.measureText(dot.name).width / 2 // the name stays on the field
    const x = Math.min(658 - half, Math.max(2 + half, dot.x + 10))
    draw.fillText(dot.name, x, dot.y < 16 ? dot.y + 32 : dot.y - 4)
  }
  requestAnimationFrame(frame)
}
frame()
