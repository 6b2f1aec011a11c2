/** Loads by one and by more connections, through a network that is slower than this machine's own. */
import { join } from 'node:path'
import { throughPort } from '../connection.ts'
import { copyName, drain, loadName, loads } from '../contenders.ts'
import { type Figures, figuresOf } from '../figures.ts'
import { figuresText } from '../figures-text.ts'
import type { Network } from '../proxy.ts'
import { medianRatio, takeTurns, wall } from '../turns.ts'
import { type Bench, rowsOf, titleOf, turnsOf } from './part.ts'

const connections = [1, 2, 4]

interface NetworkFigures {
  readonly rows: number
  readonly contenders: Readonly<Record<string, Figures>>
  /** How many times as fast as one connection the most of them are. */
  readonly speed_up: number
}

/** By table and network. */
type FiguresOverNetworks = Readonly<Record<string, Readonly<Record<string, NetworkFigures>>>>

/** Each connection receives 15 MB/s, as from a database far away. */
export async function throttledPart(bench: Bench): Promise<FiguresOverNetworks> {
  return overNetworks(bench, [['15 MB/s a connection', { delayMs: 0, bytesPerSecond: 15e6 }]])
}

export async function latencyPart(bench: Bench): Promise<FiguresOverNetworks> {
  const networks = [2, 30].map((delayMs) => [`${delayMs} ms each way`, { delayMs }] as const)
  return overNetworks(bench, networks)
}

async function overNetworks(
  bench: Bench,
  networks: readonly (readonly [string, Network])[],
): Promise<FiguresOverNetworks> {
  const figures: Record<string, Record<string, NetworkFigures>> = {}
  for (const table of bench.flags.tables) {
    for (const [network, shape] of networks) {
      const measured = await measureOver(table, network, shape, bench)
      figures[table] = { ...figures[table], [network]: measured }
      bench.show(textOf(`${titleOf(table, measured.rows)}, ${network}`, measured))
    }
  }
  return figures
}

async function measureOver(
  table: string,
  name: string,
  network: Network,
  bench: Bench,
): Promise<NetworkFigures> {
  const target = await bench.place.table(table, rowsOf(table, bench.flags))
  const proxy = await startProxyProcess(Number(new URL(target.url).port), network)
  try {
    const far = { ...target, url: throughPort(target.url, proxy.port) }
    const rounds = await takeTurns(
      `${table}, ${name}`,
      [drain(far), ...loads(far, connections)],
      turnsOf(bench),
    )
    const one = rounds.get(loadName(1)) ?? []
    const most = rounds.get(loadName(connections.at(-1)!)) ?? []
    return {
      rows: target.rows,
      contenders: figuresOf(rounds, copyName, target.rows),
      speed_up: medianRatio(one, most, wall),
    }
  } finally {
    await proxy.stop()
  }
}

/** A process of its own: its work is neither the load's nor the server's. */
async function startProxyProcess(
  port: number,
  { delayMs, bytesPerSecond = 0 }: Network,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const program = join(import.meta.dirname, '../proxy.ts')
  const child = Bun.spawn(
    [process.execPath, program, ...[port, delayMs, bytesPerSecond].map((number) => String(number))],
    // It ends when its input does, and that ends with this process, however that ends.
    { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' },
  )
  const decoder = new TextDecoder()
  let printed = ''
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk, { stream: true })
    if (printed.includes('\n')) break
  }
  if (!printed.includes('\n')) throw new Error('the proxy did not start')
  return {
    port: Number(printed),
    async stop() {
      child.stdin.end()
      await child.exited
    },
  }
}

function textOf(title: string, { contenders, speed_up }: NetworkFigures): string {
  const text = figuresText(title, contenders, 'COPY')
  return `${text}\n  ${connections.at(-1)} connections are ${speed_up.toFixed(2)} times as fast as one.\n`
}
