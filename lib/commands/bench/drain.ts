#!/usr/bin/env bun
/**
 * Drains `COPY <table> TO STDOUT (FORMAT binary)` over a bare socket and looks at nothing: the limit where there is no
 * psql. (PostgreSQL manual, "Frontend/Backend Protocol", "Message Formats" and "SASL Authentication".)
 */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { connect } from 'node:net'

const url = new URL(process.env['DATABASE_URL'] ?? '')
const table = process.argv[2] ?? ''
const user = decodeURIComponent(url.username)
const nonce = crypto.randomUUID()
const clientFirst = `n=,r=${nonce}`
let serverSignature = ''

const socket = connect({ host: url.hostname, port: Number(url.port) })
const int32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer).swap32()
const message = (type: string, ...parts: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

function authenticate(method: number, data: Buffer): void {
  if (method === 10) {
    const first = Buffer.from(`n,,${clientFirst}`)
    socket.write(message('p', 'SCRAM-SHA-256\0', int32(first.length), first))
  } else if (method === 11) {
    const serverFirst = data.toString()
    const {
      r = '',
      s = '',
      i = '',
    } = Object.fromEntries(serverFirst.split(',').map((part) => [part[0], part.slice(2)]))
    const salted = pbkdf2Sync(
      decodeURIComponent(url.password),
      Buffer.from(s, 'base64'),
      Number(i),
      32,
      'sha256',
    )
    const clientKey = hmac(salted, 'Client Key')
    const withoutProof = `c=biws,r=${r}`
    const exchange = `${clientFirst},${serverFirst},${withoutProof}`
    const signature = hmac(createHash('sha256').update(clientKey).digest(), exchange)
    const proof = Buffer.from(clientKey.map((byte, at) => byte ^ signature[at]!)).toString('base64')
    serverSignature = hmac(hmac(salted, 'Server Key'), exchange).toString('base64')
    socket.write(message('p', `${withoutProof},p=${proof}`))
  } else if (method === 12 && data.toString() !== `v=${serverSignature}`) {
    throw new Error('the server does not know the password')
  }
}

/** Messages are looked at until COPY begins, and then only to find the end. */
let held = Buffer.alloc(0)
let skip = 0
socket.on('data', (chunk: Buffer) => {
  let data = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
  held = Buffer.alloc(0)
  for (;;) {
    if (skip >= data.length) {
      skip -= data.length
      return
    }
    data = data.subarray(skip)
    skip = 0
    const length = data.length < 5 ? 0 : data.readInt32BE(1) + 1
    const type = String.fromCharCode(data[0] ?? 0)
    if (length === 0 || (type !== 'd' && data.length < length)) {
      held = Buffer.from(data)
      return
    }
    const body = data.subarray(5, length)
    if (type === 'E') throw new Error(body.toString())
    if (type === 'R') authenticate(body.readInt32BE(0), body.subarray(4))
    if (type === 'Z') ready()
    skip = length
  }
})

let asked = false
function ready(): void {
  socket.write(asked ? message('X') : message('Q', `copy ${table} to stdout (format binary)\0`))
  if (asked) socket.end()
  asked = true
}

const parameters = Buffer.from(`user\0${user}\0database\0${url.pathname.slice(1)}\0\0`)
socket.write(Buffer.concat([int32(parameters.length + 8), int32(196_608), parameters]))
