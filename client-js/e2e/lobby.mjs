// Players on their way to a room: pages that drive match.js as a game's page does, and
// players without a page, who fill up a match.
import { openTab, until } from './rig.mjs'

/** A tab on the join screen in a browser profile of its own, and the addresses of the sockets that it opens. */
export async function visit(browser, url, more = {}) {
  const context = await browser.newContext()
  const tab = await openTab(context, url, { waitForRoom: false, ...more })
  const sockets = []
  tab.page.on('websocket', (socket) => sockets.push(socket.url()))
  return { ...tab, sockets, close: () => context.close() }
}

/**
 * What went wrong in tabs of a cluster. On a machine as busy as this may be Redis is now and
 * then too late for a match: the browser reports the 503, and match.js asks again.
 */
export const faults = (...tabs) =>
  tabs.flatMap(({ errors }) => errors).filter((error) => !/ 503 .*\/v1\/(match|tickets)$/.test(error))

/** Joins in the page, by match.js. */
export const join = ({ page }, options) =>
  page.evaluate(async (asked) => {
    const { join } = await import('/match.js')
    window.room = await join('arena', asked)
    return { id: window.room.id, code: window.room.code, player: window.room.player }
  }, options)

/** What a join rejects with. */
export const refusal = ({ page }, options) =>
  page.evaluate(async (asked) => {
    const { join } = await import('/match.js')
    const said = await join('arena', asked).catch((error) => error)
    return { code: said.code, hint: said.hint }
  }, options)

/**
 * Queues in the page, as the party that it has if so, which keeps the ticket, and its room
 * once it is there.
 */
export const queue = ({ page }, name, options = {}) =>
  page.evaluate(
    async ([queueName, asked]) => {
      const { queue } = await import('/match.js')
      window.updates = []
      window.refused = window.room = undefined
      const onUpdate = ({ state }) => window.updates.push(state)
      window.ticket = await queue('arena', queueName, { ...asked, party: window.party, onUpdate })
      window.ticket.room.then(
        (room) => {
          window.room = room
        },
        (error) => {
          window.refused = error.code
        },
      )
    },
    [name, options],
  )

/** Waits until the ticket of a page is in a state. */
export const ticketIs = ({ page }, state) => until(page, (wanted) => window.ticket?.state === wanted, state)

export const accept = ({ page }) => page.evaluate(() => window.ticket.accept())

export const roomOf = ({ page }) => page.evaluate(() => window.room.id)

/** Players without a page, who queue as one party or alone. */
export class Crowd {
  constructor(url) {
    this.url = url
    this.secrets = []
  }

  /** Queues so many together. */
  async queue(name, size) {
    const told = (more) => ({ game: 'arena', name: `Crowd of ${size}`, ...more })
    if (size > 1) {
      const party = await this.ask('POST', '/v1/parties', told())
      this.secrets.push(party.secret)
      for (let i = 1; i < size; i++) {
        this.secrets.push((await this.ask('POST', '/v1/parties/join', { code: party.party })).secret)
      }
      this.ticket = (await this.ask('POST', '/v1/tickets', told({ queue: name, party: party.party }), 0)).ticket
    } else {
      const made = await this.ask('POST', '/v1/tickets', told({ queue: name }))
      this.secrets.push(made.secret)
      this.ticket = made.ticket
    }
    return this
  }

  look(member = 0) {
    return this.ask('GET', `/v1/tickets/${this.ticket}`, undefined, member)
  }

  /** Waits until the ticket is in a state, and returns it. */
  async until(state) {
    let said = await this.look()
    while (said.state !== state) {
      const path = `/v1/tickets/${this.ticket}?wait=25&after=${said.version}`
      said = await this.ask('GET', path, undefined, 0)
    }
    return said
  }

  accept() {
    return Promise.all(this.secrets.map((_, i) => this.ask('POST', `/v1/tickets/${this.ticket}/accept`, undefined, i)))
  }

  decline() {
    return this.ask('POST', `/v1/tickets/${this.ticket}/decline`, undefined, 0)
  }

  leave() {
    return this.ask('DELETE', `/v1/tickets/${this.ticket}`, undefined, 0)
  }

  async ask(method, path, body, member) {
    const headers = member === undefined ? {} : { 'Ticket-Secret': this.secrets[member] }
    if (body) headers['Content-Type'] = 'application/json'
    const answer = await fetch(new URL(path, this.url), { method, headers, body: body && JSON.stringify(body) })
    const said = await answer.json()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${said.code}`)
    return said
  }
}
