// Sounds, made on the spot from oscillators and noise. Silent until the first gesture on
// the page, because browsers ask for one, and while the tab is hidden. M mutes.

const storageKey = 'arena.muted'
const volume = 0.32
const gapMs = 35 // at least between two sounds of a kind
const mostAtOnce = 14

/** How a sound is made: a tone that glides, filtered noise, or both. */
interface Recipe {
  readonly seconds: number
  readonly gain: number
  readonly tone?: { readonly type: OscillatorType; readonly from: number; readonly to: number }
  readonly noise?: { readonly from: number; readonly to: number }
}

const recipes = {
  shot: { seconds: 0.13, gain: 0.22, tone: { type: 'square', from: 880, to: 190 } },
  hit: { seconds: 0.12, gain: 0.3, noise: { from: 4200, to: 900 } },
  rock: { seconds: 0.45, gain: 0.6, noise: { from: 1100, to: 120 } },
  ship: { seconds: 1.0, gain: 1, noise: { from: 2400, to: 60 }, tone: { type: 'sine', from: 130, to: 32 } },
  hurt: { seconds: 0.2, gain: 0.55, tone: { type: 'sawtooth', from: 170, to: 70 }, noise: { from: 900, to: 300 } },
  pick: { seconds: 0.32, gain: 0.35, tone: { type: 'triangle', from: 520, to: 1320 } },
  kill: { seconds: 0.4, gain: 0.4, tone: { type: 'triangle', from: 660, to: 990 } },
  chat: { seconds: 0.09, gain: 0.2, tone: { type: 'sine', from: 900, to: 1150 } },
} satisfies Record<string, Recipe>

export type SoundName = keyof typeof recipes

export class Sounds {
  muted = localStorage.getItem(storageKey) === 'yes'
  private ctx: AudioContext | undefined
  private out: GainNode | undefined
  private hiss: AudioBuffer | undefined
  private engineGain: GainNode | undefined
  private playing = 0
  private readonly last = new Map<SoundName, number>()

  constructor() {
    // Not every gesture is one that lets sound start: the touch of a finger is none before it ends.
    const gestures = ['pointerdown', 'pointerup', 'keydown']
    const start = () => {
      this.start()
      if (this.ctx?.state === 'suspended') void this.ctx.resume()
      else for (const gesture of gestures) removeEventListener(gesture, start, true)
    }
    for (const gesture of gestures) addEventListener(gesture, start, true)
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) void this.ctx?.suspend()
      else void this.ctx?.resume()
    })
  }

  toggle(): void {
    this.muted = !this.muted
    localStorage.setItem(storageKey, this.muted ? 'yes' : 'no')
    if (this.out) this.out.gain.value = this.muted ? 0 : volume
  }

  /** Plays a sound; loudness 0 to 1, pan -1 left to 1 right. Drops it if there are too many. */
  play(name: SoundName, loudness = 1, pan = 0): void {
    const { ctx, out } = this
    const now = performance.now()
    const tooSoon = now - (this.last.get(name) ?? 0) < gapMs
    if (!ctx || !out || this.muted || document.hidden || loudness < 0.05 || tooSoon) return
    if (this.playing >= mostAtOnce) return
    this.last.set(name, now)
    this.make(ctx, out, recipes[name], loudness, pan)
  }

  /** The own engine: burns or does not. */
  engine(burns: boolean): void {
    const { ctx, engineGain } = this
    if (ctx && engineGain) engineGain.gain.setTargetAtTime(burns ? 0.16 : 0, ctx.currentTime, 0.06)
  }

  private start(): void {
    if (this.ctx || typeof AudioContext === 'undefined') return
    const ctx = new AudioContext()
    const limit = ctx.createDynamicsCompressor()
    this.out = ctx.createGain()
    this.out.gain.value = this.muted ? 0 : volume
    this.out.connect(limit).connect(ctx.destination)
    this.hiss = ctx.createBuffer(1, ctx.sampleRate, ctx.sampleRate)
    const samples = this.hiss.getChannelData(0)
    for (let i = 0; i < samples.length; i++) samples[i] = Math.random() * 2 - 1
    this.ctx = ctx
    this.startEngine(ctx, this.out)
  }

  private startEngine(ctx: AudioContext, out: AudioNode): void {
    const filter = ctx.createBiquadFilter()
    filter.type = 'lowpass'
    filter.frequency.value = 320
    this.engineGain = ctx.createGain()
    this.engineGain.gain.value = 0
    const noise = this.noise(ctx)
    noise.loop = true
    noise.connect(filter).connect(this.engineGain).connect(out)
    noise.start()
  }

  private noise(ctx: AudioContext): AudioBufferSourceNode {
    const source = ctx.createBufferSource()
    source.buffer = this.hiss ?? null
    return source
  }

  private make(ctx: AudioContext, out: AudioNode, recipe: Recipe, loudness: number, pan: number): void {
    const { seconds, gain, tone, noise } = recipe
    const from = ctx.currentTime
    const to = from + seconds
    const level = ctx.createGain()
    level.gain.setValueAtTime(gain * loudness * loudness, from)
    level.gain.exponentialRampToValueAtTime(0.001, to)
    const side = ctx.createStereoPanner()
    side.pan.value = pan
    level.connect(side).connect(out)
    const sources: AudioScheduledSourceNode[] = []
    if (tone) {
      const voice = ctx.createOscillator()
      voice.type = tone.type
      voice.frequency.setValueAtTime(tone.from * (0.96 + Math.random() * 0.08), from)
      voice.frequency.exponentialRampToValueAtTime(tone.to, to)
      voice.connect(level)
      sources.push(voice)
    }
    if (noise) {
      const filter = ctx.createBiquadFilter()
      filter.type = 'lowpass'
      filter.frequency.setValueAtTime(noise.from, from)
      filter.frequency.exponentialRampToValueAtTime(noise.to, to)
      const hiss = this.noise(ctx)
      hiss.connect(filter).connect(level)
      sources.push(hiss)
    }
    for (const source of sources) {
      source.start(from)
      source.stop(to)
    }
    this.playing++
    const last = sources[0]
    if (last) last.onended = () => this.ended(side)
  }

  private ended(node: AudioNode): void {
    this.playing--
    node.disconnect()
  }
}
