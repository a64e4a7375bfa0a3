// Clusters for the browser tests: servers that share a Redis of their own. Either a room of
// one is reached through the others, or each has an address of its own, some farther away.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { Transform } from 'node:stream'
import { startServer } from './rig.mjs'

/** Starts so many servers; resolves once all of them have printed their address. */
export async function startCluster(nodes, ...args) {
  const redis = await startRedis()
  const servers = []
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()))
    await redis.stop()
  }
  try {
    const secret = randomBytes(32).toString('hex')
    for (let i = 0; i < nodes; i++) servers.push(await startServer('-redis', redis.url, '-secret', secret, ...args))
  } catch (error) {
    await stop()
    throw error
  }
  return { urls: servers.map(({ url }) => url), stop }
}

/**
 * Starts a server in each region, at an address of its own, with a proxy in front that keeps
 * everything back for so many milliseconds on either way, as distance does.
 */
export async function startRegions(milliseconds, ...args) {
  const redis = await startRedis()
  const parts = [redis]
  const stop = async () => {
    for (const part of parts.reverse()) await part.stop()
  }
  const urls = {}
  try {
    const secret = randomBytes(32).toString('hex')
    for (const [region, ms] of Object.entries(milliseconds)) {
      const addr = `127.0.0.1:${await freePort()}`
      const far = await startDistance(addr, ms)
      parts.push(far)
      const own = ['-region', region, '-public-url', far.url]
      parts.push(await startServer('-addr', addr, '-redis', redis.url, '-secret', secret, ...own, ...args))
      urls[region] = far.url
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { urls, stop }
}

async function startDistance(addr, ms) {
  const [host, port] = addr.split(':')
  const open = new Set()
  const late = () =>
    new Transform({
      transform(chunk, _, done) {
        setTimeout(done, ms, null, chunk)
      },
    })
  const server = createServer((near) => {
    const far = connect(Number(port), host)
    near.pipe(late()).pipe(far).pipe(late()).pipe(near)
    for (const [a, b] of [
      [near, far],
      [far, near],
    ]) {
      open.add(a)
      a.on('error', () => b.destroy())
      a.on('close', () => {
        open.delete(a)
        b.destroy()
      })
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop() {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

async function startRedis() {
  const port = await freePort()
  const args = ['--bind', '127.0.0.1', '--port', `${port}`, '--save', '', '--appendonly', 'no']
  const process = spawn('redis-server', args, { stdio: 'ignore' })
  const ended = new Promise((resolve, reject) => {
    process.once('exit', resolve)
    process.once('error', reject)
  })
  ended.catch(() => {}) // said below, to who starts it
  await Promise.race([
    answers(port),
    ended.then((code) => Promise.reject(new Error(`redis-server ended with ${code}`))),
  ])
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      process.kill('SIGTERM')
      await ended
    },
  }
}

async function freePort() {
  const server = createServer()
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Resolves once a conn is taken. */
async function answers(port) {
  for (;;) {
    const taken = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
      socket.once('close', () => socket.destroy())
      socket.unref()
    })
    if (taken) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
