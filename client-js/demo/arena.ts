// The arena's types for join<Arena>: what sim/arena declares, as the page reads it.

import type { Entity, Table } from '../src/index.js'

/** A ship. One of a player's own has its owner fields too. */
export interface Ship {
  /** Units from the upper left corner of the world. */
  x: number
  y: number
  /** Where the bow points, radians; 0 is +x, grows towards +y. */
  angle: number
  /** Units a second; the own ship's only. */
  vx?: number
  vy?: number
  thrust: boolean
  /** 0 to 100. */
  hp: number
  /** Nothing harms it yet: it has only just come. */
  safe: boolean
  power: number
  points: number
  name: string
  /** 256 are the full circle. */
  hue: number
  /** 0 none, 1 red, 2 blue. */
  team: number
  seat: number
  /** Ticks until it may fire again; the own ship's only. */
  reload?: number
}

export interface Bullet {
  x: number
  y: number
  hue: number
  seat: number
}

export interface Rock {
  x: number
  y: number
  /** 1 small, 2 medium, 3 large. */
  size: number
}

export interface Pickup {
  x: number
  y: number
  kind: number
}

/** The five best, best first; a seat without points has an empty name. */
export interface Board {
  seats: number[]
  points: number[]
  names: string[]
  /** Points of the teams, if it is played in teams. */
  red: number
  blue: number
}

export interface Shot {
  x: number
  y: number
  angle: number
  seat: number
}

export interface Boom {
  x: number
  y: number
  /** 1 a spark, 2 a rock, 3 a ship. */
  size: number
  hue: number
}

export interface Kill {
  by: string
  of: string
  byHue: number
  ofHue: number
}

export interface Line {
  from: string
  text: string
  hue: number
}

/** The arena as join<Arena> wants it. */
export interface Arena {
  state: {
    ships: Table<Ship>
    bullets: Table<Bullet>
    rocks: Table<Rock>
    pickups: Table<Pickup>
    board: Entity<Board> | undefined
  }
  input: {
    /** -1 left, 1 right. */
    turn: number
    thrust: boolean
    /** True in the tick the trigger was pulled; hold while it stays so. */
    fire: boolean
    hold: boolean
  }
  events: {
    shots: Shot
    booms: Boom
    kills: Kill
    lines: Line
    /** The own ship was destroyed: by whom, and ticks until there is a new one. */
    downs: { by: string; ticks: number }
    picked: { kind: number }
  }
  sends: { say: { text: string } }
}
