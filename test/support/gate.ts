/** A proxy before Postgres that holds the conversation at a chosen message. */
import { connect, createServer, type Socket } from 'node:net'

export interface Gate extends AsyncDisposable {
  /** The database's, through the gate. */
  readonly url: string
  /** Settles once a connection waits at the gate. */
  readonly reached: Promise<void>
  /** Settles once the server has answered this. */
  answered(text: string): Promise<void>
  /** Lets everything pass, from now on. */
  open(): void
  /** Breaks the connections that pass through it, as a network does. */
  cut(): void
}

export interface GateOptions {
  /** Text of the message it stays shut for. */
  readonly at: string
  /** Lets the message pass and so many bytes of what answers it; without it the server never sees the message. */
  readonly answerBytes?: number
}

/** A way to Postgres that is shut at a chosen message, so that a test can do something at that very moment. */
export async function openGate(databaseUrl: string, { at, answerBytes }: GateOptions): Promise<Gate> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const waiting = new Set<Socket>()
  const reached = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<void>()
  const expected = new Map<string, () => void>()
  let isOpen = false

  function waitAt(socket: Socket): void {
    socket.pause()
    waiting.add(socket)
    reached.resolve()
  }

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let left = Number.POSITIVE_INFINITY
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.end()
      })
      to.on('drain', () => {
        if (!waiting.has(from)) from.resume()
      })
    }
    client.on('data', async (message) => {
      if (!isOpen && message.includes(at)) {
        if (answerBytes === undefined) {
          waitAt(client)
          await opened.promise
        } else left = answerBytes
      }
      if (!upstream.write(message)) client.pause()
    })
    upstream.on('data', (answer) => {
      for (const [text, settle] of expected) if (answer.includes(text)) settle()
      left -= answer.length
      const full = !client.write(answer)
      if (!isOpen && left <= 0) waitAt(upstream)
      else if (full) upstream.pause()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(databaseUrl)
  url.port = typeof address === 'object' ? String(address?.port) : ''

  function cut(): void {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    reached: reached.promise,
    answered: (text) => new Promise((resolve) => expected.set(text, resolve)),
    open() {
      isOpen = true
      opened.resolve()
      for (const socket of waiting) socket.resume()
      waiting.clear()
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
