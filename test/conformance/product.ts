/** The product as a user starts it, each program a process of its own; after each load readers see the old rows or the new. */
import { join } from 'node:path'
import type { Table } from '../../lib/declare/table.ts'
import type { LoadSummary } from '../../lib/load/summary.ts'
import { Refused, Wrong } from './outcome.ts'
import type { Place } from './place.ts'
import { type Rows, rowsHeld, rowsRead } from './read-back.ts'

const root = join(import.meta.dir, '../..')
export const scripts = join(import.meta.dir, 'scripts')

export interface Run {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
  /** Its last line of stderr, in words. */
  readonly message: string
}

export interface Loaded {
  readonly summary: LoadSummary
  /** That readers see. */
  readonly rows: Rows
  /** How often readers looked meanwhile. */
  readonly looks: number
}

export interface Product {
  /** @param program a path under the project's folder @throws Refused when it does not end with 0 */
  run(program: string, args?: readonly string[]): Promise<Run>
  /** The same, however it ends. */
  tryRun(program: string, args?: readonly string[]): Promise<Run>
  /**
   * Loads a table, and holds what readers see against Postgres: afterwards, and where there are old rows meanwhile too.
   * @throws Refused when it ends with another code than 0, Wrong when readers see neither the old rows nor the new
   */
  load(table: Table, args?: readonly string[]): Promise<Loaded>
  /** That readers see exactly these. @throws Wrong */
  requireSeen(table: Table, rows: Rows | undefined): Promise<void>
  /** What readers see of a table now. */
  seen(table: Table): Promise<Rows | undefined>
}

export function productAt(place: Place, signal: AbortSignal): Product {
  async function tryRun(program: string, args: readonly string[] = []): Promise<Run> {
    signal.throwIfAborted()
    const child = Bun.spawn([process.execPath, join(root, program), ...args], {
      cwd: '/',
      env: place.env,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      signal,
    })
    const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
    const last = stderr.trimEnd().split('\n').at(-1) ?? ''
    return { exit, stdout, stderr, message: last.startsWith('{') ? String(JSON.parse(last).message) : last }
  }

  async function run(program: string, args?: readonly string[]): Promise<Run> {
    const ended = await tryRun(program, args)
    if (ended.exit !== 0) throw new Refused(`exit code ${ended.exit}: ${ended.message}`)
    return ended
  }

  async function requireSeen(table: Table, rows: Rows | undefined): Promise<void> {
    requireSame(table, await rowsRead(place, table), rows)
  }

  return {
    run,
    tryRun,
    requireSeen,
    seen: (table) => rowsRead(place, table),
    async load(table, args = []) {
      const before = await rowsRead(place, table)
      const held = await rowsHeld(place, table)
      const script = `test/conformance/scripts/${table.name}.ts`
      const running = tryRun(script, ['--json', ...args])
      const looks = before === undefined ? 0 : await watch(table, [before, held], running)
      const { exit, stdout, message } = await running
      // Where it could not tell whether it has published, readers may see either.
      const now = await rowsRead(place, table)
      const isEither = exit === 5 && Bun.deepEquals(now, held)
      if (!isEither) requireSame(table, now, exit === 0 ? held : before)
      if (exit !== 0) throw new Refused(`exit code ${exit}: ${message}`)
      return { summary: JSON.parse(stdout) as LoadSummary, rows: held, looks }
    },
  }

  /** Readers see one of these at each moment until the load ends. @returns how often it looked */
  async function watch(table: Table, either: readonly Rows[], running: Promise<Run>): Promise<number> {
    let over = false
    const end = () => {
      over = true
    }
    running.then(end, end)
    let looks = 0
    for (; !over; looks++) {
      const now = await rowsRead(place, table)
      if (!either.some((rows) => Bun.deepEquals(rows, now))) requireSame(table, now, either[0])
    }
    return looks
  }
}

function requireSame(table: Table, now: Rows | undefined, wanted: Rows | undefined): void {
  if (!Bun.deepEquals(now, wanted)) throw new Wrong(`${table.name}: ${difference(now, wanted)}`)
}

function difference(now: Rows | undefined, wanted: Rows | undefined): string {
  if (now === undefined) return `readers see no table, where there are to be ${wanted?.length} rows`
  if (wanted === undefined) return `readers see ${now.length} rows, where there is to be no table`
  const at = wanted.findIndex((row, place) => row !== now[place])
  return `readers see ${now.length} rows, where there are to be ${wanted.length}; row ${at + 1} is ${now[at]}, and not ${wanted[at]}`
}
