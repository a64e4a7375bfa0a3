// A cluster for the browser tests: servers that share a Redis of their own, each at an
// address of its own, so that a room of one is reached through the others.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { connect, createServer } from 'node:net'
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
