/** The commands that are measured against one another for a table. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { connectionEnvironment } from './connection.ts'
import type { Peer } from './peer.ts'
import type { Contender } from './turns.ts'

/** Where a contender reads, and what it needs to write. */
export interface Target {
  readonly table: string
  readonly script: string
  /** The project it is of, where that is a copy. */
  readonly project?: string
  readonly url: string
  readonly rows: number
  /** The lake's environment, without the database. */
  readonly env: Readonly<Record<string, string>>
}

const psql = Bun.which('psql')

/** The name of what drains COPY: all else is measured against it. */
export const copyName = `COPY drained by ${psql === null ? 'a bare socket' : 'psql'}`

export function drain({ table, url }: Target): Contender {
  return {
    name: copyName,
    command:
      psql === null
        ? [process.execPath, join(import.meta.dirname, 'drain.ts'), table]
        : [psql, '--no-psqlrc', '--command', `copy ${table} to stdout (format binary)`],
    env: { PATH: process.env['PATH'] ?? '', ...connectionEnvironment(url) },
  }
}

export function loadName(connections: number): string {
  return `load, ${inWords(connections)}`
}

/** A whole load for each number of connections. */
export function loads(
  target: Target,
  connections: readonly number[],
  flags: readonly string[] = [],
): Contender[] {
  return connections.map((count) => ({
    name: loadName(count),
    command: loadOf([target.script], [...connectionsFlag(count), ...flags]),
    env: { ...target.env, DATABASE_URL: target.url },
    cwd: target.project,
    listen: true,
    rows: { expected: target.rows, taken: rowsRead },
  }))
}

/** Dry runs that write the files to a folder, which is removed each time. */
export function dryRuns(target: Target, connections: readonly number[], folder: string): Contender[] {
  const out = join(folder, 'dry-run')
  return connections.map((count) => ({
    name: `dry run, ${inWords(count)}`,
    command: [process.execPath, target.script, '--out', out, '--json', ...connectionsFlag(count)],
    env: { ...target.env, DATABASE_URL: target.url },
    listen: true,
    rows: {
      expected: target.rows,
      async taken(output) {
        await rm(out, { recursive: true })
        return rowsRead(output)
      },
    },
  }))
}

export const withoutFunctionsName = 'load without functions and lookups'

/** What a table's functions and lookups are measured against: the columns they read, as they are. */
export function withoutFunctions(target: Target, connections: number): Contender {
  return {
    name: withoutFunctionsName,
    command: loadOf([join(import.meta.dirname, 'copy-of.ts'), target.script], connectionsFlag(connections)),
    env: { ...target.env, DATABASE_URL: target.url },
    listen: true,
    rows: { expected: target.rows, taken: rowsRead },
  }
}

export function peerContenders(target: Target, peers: readonly Peer[], folder: string): Contender[] {
  const connection = connectionEnvironment(target.url)
  return peers.map((peer, at) => {
    const file = join(folder, `peer-${at}.parquet`)
    return {
      name: peer.name,
      command: peer.command(target.table, file, connection),
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? folder, ...connection },
      rows: {
        expected: target.rows,
        async taken() {
          const rows = await parquetRows(file)
          await rm(file)
          return rows
        },
      },
      optional: true,
    }
  })
}

/** @throws Error for what is no Parquet file */
async function parquetRows(file: string): Promise<number> {
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, 'parquet-rows.ts'), file], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [rows, said] = await Promise.all([child.stdout.text(), child.stderr.text()])
  if ((await child.exited) !== 0) throw new Error(`its file cannot be read: ${said.trim()}`)
  return Number(rows)
}

function loadOf(script: readonly string[], flags: readonly string[]): string[] {
  return [process.execPath, ...script, '--catalog', 'declared', '--json', ...flags]
}

function connectionsFlag(connections: number): readonly string[] {
  return ['--connections', String(connections)]
}

async function rowsRead(output: string): Promise<number> {
  const summary: { readonly rows_read: number } = JSON.parse(output)
  return summary.rows_read
}

function inWords(connections: number): string {
  return connections === 1 ? '1 connection' : `${connections} connections`
}
