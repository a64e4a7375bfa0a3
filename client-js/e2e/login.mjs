// A login as a studio has one: it signs the tokens that players show to the server.
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** What -jwt-key is given. */
export const publicPEM = publicKey.export({ type: 'spki', format: 'pem' })

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

export function issue(player, name, skill, seconds = 3600) {
  const now = Math.floor(Date.now() / 1000)
  const claims = { sub: player, name, skill, iat: now, exp: now + seconds, iss: 'studio', aud: 'mygame' }
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`
}

/** Tokens that nobody but a forger makes, of a good one. */
export function forge(token) {
  const [, claims, signature] = token.split('.')
  const confused = `${part({ alg: 'HS256', typ: 'JWT' })}.${claims}`
  return {
    unsigned: `${part({ alg: 'none', typ: 'JWT' })}.${claims}.`,
    'signed by the public key': `${confused}.${createHmac('sha256', publicPEM).update(confused).digest('base64url')}`,
    'with another head': `${part({ alg: 'RS256', typ: 'JWT', kid: 'x' })}.${claims}.${signature}`,
  }
}
