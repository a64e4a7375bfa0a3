// The own ship's health and power, what it has just picked up, and the screen's red rim
// when it is hit.

import type { Room } from '../src/index.js'
import type { Arena } from './arena.js'
import type { Camera } from './camera.js'
import { pickupNames } from './draw-pickups.js'
import { element, setText } from './element.js'
import { Power } from './rules.js'
import type { Scene } from './scene.js'
import type { Sounds } from './sound.js'

const everyMs = 100
const rimMs = 260
const toastMs = 1600
const powers = { [Power.none]: '', [Power.rapid]: 'Rapid fire', [Power.shield]: 'Shield' } as Record<number, string>

/** Keeps the health bar up to date, and says what was picked up. */
export function showVitals(room: Room<Arena>, scene: Scene, sounds: Sounds): void {
  const fill = element('health-fill')
  const meter = element<HTMLMeterElement>('health-meter')
  const refresh = () => {
    const ship = scene.own
    const hp = ship?.hp ?? 0
    fill.style.transform = `scaleX(${hp / 100})`
    fill.className = hp > 55 ? '' : hp > 25 ? 'low' : 'worst'
    meter.value = hp
    setText(element('health-figure'), String(hp))
    if (ship) setText(element('points'), String(ship.points))
    const power = ship?.safe ? 'Safe' : (powers[ship?.power ?? 0] ?? '')
    setText(element('power'), power)
    element('power').hidden = power === ''
  }
  setInterval(refresh, everyMs)
  refresh()
  let over = 0
  room.events.on('picked', ({ kind }) => {
    const toast = element('toast')
    toast.className = `pill kind-${kind} shown`
    toast.textContent = pickupNames[kind] ?? ''
    sounds.play('pick')
    clearTimeout(over)
    over = setTimeout(() => toast.classList.remove('shown'), toastMs) as unknown as number
  })
}

/** What a hit on the own ship feels like. */
export class Hurt {
  private over = 0

  constructor(
    private readonly camera: Camera,
    private readonly sounds: Sounds,
  ) {}

  by(damage: number): void {
    this.camera.shake(0.25 + damage / 60)
    this.sounds.play('hurt')
    const rim = element('rim')
    rim.classList.add('shown')
    clearTimeout(this.over)
    this.over = setTimeout(() => rim.classList.remove('shown'), rimMs) as unknown as number
  }
}
