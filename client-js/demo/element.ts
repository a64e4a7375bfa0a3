// Finding and making elements of the page.

/** The element with an id of index.html. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T
}

/** Sets an element's text if it is another than before: what stays costs nothing. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

/** Makes an element with text in it. */
export function make(tag: string, text: string, colour = ''): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  if (colour) made.style.color = colour
  return made
}

/** A hue of 0 to 255 as a colour that reads well on dark ground. */
export function textColour(hue: number): string {
  return `hsl(${(hue * 360) / 256} 90% 76%)`
}

/** Whether keys typed at an element are meant for it and not for the ship. */
export function takesKeys(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, button, a') !== null
}
