/** What part of the world the canvas shows, in world units and CSS pixels. */
export interface Camera {
  x: number
  y: number
  /** Pixels per unit. */
  scale: number
  width: number
  height: number
}

const visible = 1500 // units along the longer side of the screen

/** Fits the canvas to its place on the page at the device's own resolution. */
export function fit(canvas: HTMLCanvasElement, camera: Camera): CanvasRenderingContext2D {
  const ratio = devicePixelRatio || 1
  const { clientWidth, clientHeight } = canvas
  const [w, h] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)]
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
  }
  camera.width = clientWidth
  camera.height = clientHeight
  camera.scale = Math.max(clientWidth, clientHeight) / visible
  const ctx = canvas.getContext('2d', { alpha: false }) as CanvasRenderingContext2D
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  return ctx
}

/** Moves towards a point, most of the way in a tenth of a second; jumps if it is far. */
export function follow(camera: Camera, x: number, y: number, dt: number): void {
  const share = Math.hypot(x - camera.x, y - camera.y) > visible ? 1 : 1 - Math.exp(-dt / 0.08)
  camera.x += (x - camera.x) * share
  camera.y += (y - camera.y) * share
}

/** Calls draw with the origin at the camera's centre, in world units. */
export function inWorld(ctx: CanvasRenderingContext2D, camera: Camera, draw: () => void): void {
  ctx.save()
  ctx.translate(camera.width / 2, camera.height / 2)
  ctx.scale(camera.scale, camera.scale)
  ctx.translate(-camera.x, -camera.y)
  draw()
  ctx.restore()
}
