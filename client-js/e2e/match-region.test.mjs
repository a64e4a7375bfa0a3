// Two regions in a real browser: one is near, the other behind 100 ms on either way.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { faults, join, queue, roomOf, visit as visitWith } from './arrivals.mjs'
import { startRegions } from './cluster.mjs'
import { inRoom, patience, startBrowser, until } from './rig.mjs'

const timeout = 4 * patience
let cluster
let browser

before(
  async () => {
    cluster = await startRegions({ eu: 0, us: 100 }, '-bots', '0')
    browser = await startBrowser()
    for (const region of ['eu', 'us']) await (await visit(region)).close() // each knows the other's page
  },
  { timeout },
)

after(async () => {
  await browser?.close()
  await cluster?.stop()
})

/** A tab of a region that sees both of them. */
async function visit(region) {
  const tab = await visitWith(browser, cluster.urls[region])
  await until(tab.page, async () => (await (await fetch('/v1/regions')).json()).regions.length === 2)
  await tab.page.reload() // the policy of the page knows them by now
  return tab
}

/** What went wrong: that one goes to the other region is as it should be. */
const wrong = (tab) => {
  const hosts = Object.values(cluster.urls).map((url) => new URL(url).host)
  return faults(tab).filter(
    (error) => !hosts.some((host) => error.startsWith('external request: ') && error.includes(host)),
  )
}

test('a page finds the region that is near, also from the page of another', { timeout }, async () => {
  for (const region of ['eu', 'us']) {
    const tab = await visit(region)
    const found = await tab.page.evaluate(async () => (await import('/match.js')).latencies())
    assert.deepEqual(Object.keys(found).sort(), ['eu', 'us'])
    assert.ok(found.us >= 200 && found.eu < found.us, JSON.stringify(found))
    const made = await join(tab, { sort: 'latency' })
    await until(tab.page, inRoom)
    const listed = async (id) => {
      const { rooms } = await import('/match.js')
      return (await rooms('arena')).find(({ room }) => room === id)?.region === 'eu'
    }
    await until(tab.page, listed, made.id) // a node's list of another's rooms is up to a second old
    assert.equal(new URL(tab.sockets[0]).host, new URL(cluster.urls.eu).host)
    assert.deepEqual(wrong(tab), [])
    await tab.close()
  }
})

test('players of two regions who queue meet in the one that is near to both', { timeout }, async () => {
  const [ada, grace] = [await visit('eu'), await visit('us')]
  const asked = []
  grace.page.on('request', (sent) => {
    if (sent.method() === 'POST') asked.push(sent.postDataJSON())
  })
  await queue(ada, 'duel', { name: 'Ada' })
  await queue(grace, 'duel', { name: 'Grace' })
  for (const { page } of [ada, grace]) await until(page, inRoom)
  assert.equal(await roomOf(ada), await roomOf(grace))
  const { latencies } = asked[0]
  assert.ok(latencies.us >= 200 && latencies.eu < latencies.us, JSON.stringify(latencies))
  for (const tab of [ada, grace]) {
    assert.equal(new URL(tab.sockets[0]).host, new URL(cluster.urls.eu).host)
    assert.deepEqual(wrong(tab), [])
    await tab.close()
  }
})
