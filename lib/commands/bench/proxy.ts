#!/usr/bin/env bun
/**
 * A network between a load and its database: `bun proxy.ts <port> <ms> <bytes per second>` prints the port that leads to
 * 127.0.0.1:<port>, each way so much later, and from the server at no more than that rate a connection (0: as it comes).
 * It ends when its stdin does.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Network {
  /** Added each way, in milliseconds. */
  readonly delayMs: number
  /** What one connection may receive; undefined: as much as comes. */
  readonly bytesPerSecond?: number | undefined
}

export interface Proxy {
  readonly port: number
  stop(): void
}

/** What is on its way at most, in bytes; a TCP window is not larger by default. */
const inFlight = 8 * 2 ** 20

/** What a connection with a rate gets at once; more would let short reads through as if there were no rate. */
const burst = 256 * 2 ** 10

/** Listens on 127.0.0.1, at a port of its own choice. */
export async function startProxy(serverPort: number, { delayMs, bytesPerSecond }: Network): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = connect({ host: '127.0.0.1', port: serverPort, allowHalfOpen: true, noDelay: true })
    for (const socket of [client, server]) {
      sockets.add(socket)
      // Whoever carries from it or to it hears of it too.
      socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    }
    void carry(client, server, { delayMs })
    void carry(server, client, { delayMs, bytesPerSecond })
  })
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = listener.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop() {
      listener.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

interface Held {
  /** When it may leave, by `performance.now()`. */
  readonly at: number
  readonly chunk: Buffer
}

/** One direction: every chunk leaves at its time, in order, and no sooner than the receiver takes it. */
async function carry(from: Socket, to: Socket, network: Network): Promise<void> {
  try {
    for await (const { at, chunk } of delayed(from, network)) {
      const wait = at - performance.now()
      if (wait > 0) await Bun.sleep(wait)
      if (to.destroyed) return
      if (!to.write(chunk)) await once(to, 'drain')
    }
    to.end()
  } catch {
    // What is cut on one side is cut on the other, but not what still comes from there.
    to.destroy()
  }
}

/** Takes chunks as they come, as many as may be on their way, and gives each with the time at which it may leave. */
async function* delayed(
  from: Socket,
  { delayMs, bytesPerSecond = Number.POSITIVE_INFINITY }: Network,
): AsyncGenerator<Held> {
  const most = bytesPerSecond === Number.POSITIVE_INFINITY ? inFlight : burst
  const held: Held[] = []
  let bytes = 0
  let free = 0
  let ended = false
  let changed = Promise.withResolvers<void>()
  const change = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const taking = (async () => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      // A chunk has arrived when its last byte has.
      free = Math.max(free, performance.now()) + (chunk.length / bytesPerSecond) * 1000
      held.push({ at: free + delayMs, chunk })
      bytes += chunk.length
      change()
      while (bytes >= most) await changed.promise
    }
  })().finally(() => {
    ended = true
    change()
  })
  // Whoever reads this hears of it below.
  taking.catch(() => {})
  for (;;) {
    const next = held.shift()
    if (next !== undefined) {
      yield next
      bytes -= next.chunk.length
      change()
    } else if (ended) break
    else await changed.promise
  }
  await taking
}

if (import.meta.main) {
  const [serverPort = 0, delayMs = 0, rate = 0] = process.argv.slice(2).map(Number)
  const proxy = await startProxy(serverPort, { delayMs, bytesPerSecond: rate === 0 ? undefined : rate })
  console.log(proxy.port)
  // Whoever started it holds its input open.
  for await (const _ of Bun.stdin.stream());
  proxy.stop()
}
