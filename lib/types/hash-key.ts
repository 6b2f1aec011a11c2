/** A key that columns are hashed with: what makes a hash of a value, and what tells one key from another. */

export interface HashKey {
  /** 16 hex digits: equal for equal keys, and nothing that the key could be found by. */
  readonly fingerprint: string
  /** HMAC-SHA-256 (RFC 2104) of the bytes: 64 lower-case hex digits, as pgcrypto's `encode(hmac(…, 'sha256'), 'hex')`. */
  readonly hash: (bytes: Uint8Array) => string
}

const constant = 'dracula: which key is it'

/** @param secret whose bytes in UTF-8 are the key */
export function hashKeyOf(secret: string): HashKey {
  const keyed = new Bun.CryptoHasher('sha256', secret)
  // A copy costs half of what making one with a key does.
  const hash: HashKey['hash'] = (bytes) => keyed.copy().update(bytes).digest('hex')
  return Object.freeze({ fingerprint: hash(new TextEncoder().encode(constant)).slice(0, 16), hash })
}
