// What part of the world the canvas shows, and how world units become pixels.

const visible = 1150 // units along the longer side of the screen: the same for everybody
const maxRatio = 2 // device pixels per CSS pixel beyond which nobody sees a difference
const plainRatio = 1.25 // the same on a machine that cannot keep up
const lookAhead = 0.32 // seconds of its own motion that the view is ahead of the ship
const settle = 0.12 // seconds in which the view covers most of the way to where it should be
const shakeFade = 0.28 // seconds in which a shake falls to a third
const mostShake = 16 // pixels

/** Draws in device pixels: a point of the world is at x * k + left, y * k + top. */
export class Camera {
  readonly ctx: CanvasRenderingContext2D
  /** The world's point in the middle, in units. */
  x = 0
  y = 0
  /** Device pixels per unit, and those of the world's origin. */
  k = 1
  left = 0
  top = 0
  /** Of the canvas, in device pixels, and how many of them a CSS pixel has. */
  width = 1
  height = 1
  ratio = 1
  /** Whether there is time for what only makes it prettier. */
  rich = true
  private wide = 1 // of the canvas, in CSS pixels: to ask it once a frame would lay the page out each time
  private high = 1
  private shaken = 0
  private aheadX = 0
  private aheadY = 0
  private readonly thumbs = matchMedia('(pointer: coarse)')
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)')

  constructor(readonly canvas: HTMLCanvasElement) {
    this.ctx = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D
    const measure = () => {
      this.wide = canvas.clientWidth
      this.high = canvas.clientHeight
    }
    new ResizeObserver(measure).observe(canvas)
    measure()
  }

  /** Fits the canvas to its place on the page. Call once a frame, before anything is drawn. */
  fit(): void {
    const { canvas } = this
    this.ratio = Math.min(devicePixelRatio || 1, this.rich ? maxRatio : plainRatio)
    const width = Math.max(1, Math.round(this.wide * this.ratio))
    const height = Math.max(1, Math.round(this.high * this.ratio))
    if (canvas.width !== width) canvas.width = width
    if (canvas.height !== height) canvas.height = height
    this.width = width
    this.height = height
    this.k = Math.max(width, height) / visible
  }

  /** Moves towards a ship and a little ahead of it. */
  follow(x: number, y: number, vx: number, vy: number, dt: number): void {
    const share = 1 - Math.exp(-dt / settle)
    this.aheadX += (vx * lookAhead - this.aheadX) * share * 0.35
    this.aheadY += (vy * lookAhead - this.aheadY) * share * 0.35
    const dx = x + this.aheadX - this.x
    const dy = y + this.aheadY - this.y
    const far = dx * dx + dy * dy > visible * visible
    this.x += far ? dx : dx * share
    this.y += far ? dy : dy * share
  }

  /** Adds to the shake of the view, 1 is strong. Not for those who want little motion. */
  shake(strength: number): void {
    if (!this.calm.matches) this.shaken = Math.min(1.2, this.shaken + strength)
  }

  /** Settles where this frame's pixels are. */
  aim(dt: number): void {
    this.shaken *= Math.exp(-dt / shakeFade)
    const reach = this.shaken * this.shaken * mostShake * this.ratio
    this.left = this.width / 2 - this.x * this.k + (Math.random() - 0.5) * 2 * reach
    // Thumbs cover the lower part of the screen.
    const middle = this.height * (this.thumbs.matches && this.height > this.width ? 0.4 : 0.5)
    this.top = middle - this.y * this.k + (Math.random() - 0.5) * 2 * reach
  }

  /** Whether a circle, in units, touches the screen. */
  sees(x: number, y: number, radius: number): boolean {
    const px = x * this.k + this.left
    const py = y * this.k + this.top
    const r = radius * this.k
    return px > -r && py > -r && px < this.width + r && py < this.height + r
  }

  /** How loud something is from here: 1 in the middle of the screen, 0 far outside. */
  nearness(x: number, y: number): number {
    return Math.max(0, 1 - Math.hypot(x - this.x, y - this.y) / visible)
  }
}
