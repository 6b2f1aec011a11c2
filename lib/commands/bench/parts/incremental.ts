/** Loads of what has changed beside whole ones, and what a commit costs in a table of many partitions. */
import { join } from 'node:path'
import { databaseBeside } from '../connection.ts'
import { changeEvents, dayAt, type Events, eventsScript, fillEvents } from '../events.ts'
import { type Figures, figuresOf } from '../figures.ts'
import { figuresText } from '../figures-text.ts'
import { measure } from '../measure.ts'
import { makeProject } from '../project.ts'
import { type Contender, cpu, median, medianRatio, type Rounds, takeTurns, wall } from '../turns.ts'
import { type Bench, turnsOf } from './part.ts'

const names = {
  whole: 'whole load',
  incremental: 'incremental load',
  seldom: 'incremental, keys compared daily',
  neighbours: 'of neighbours',
  spread: 'spread over all',
} as const

/** What a load has written. */
interface Written {
  readonly data_kb: number
  readonly files: number
  /** Beside the files: manifests, metadata, account and record. */
  readonly metadata_kb: number
  readonly objects: number
}

interface LoadFigures extends Figures, Written {
  /** From the account and the record to the one call that readers see, in seconds. */
  readonly publish_s: number
}

interface TableFigures {
  readonly rows: number
  readonly days: number
  /** By contender: how many are read of. */
  readonly days_read: Readonly<Record<string, number>>
  readonly contenders: Readonly<Record<string, LoadFigures>>
}

interface IncrementalFigures {
  readonly changes: TableFigures & {
    /** The incremental load's wall time, CPU of load and server, and bytes, divided by those of a whole one. */
    readonly time_share: number
    readonly cpu_share: number
    readonly bytes_share: number
  }
  readonly commits: TableFigures
}

const share = 1 / 100

export async function incrementalPart(bench: Bench): Promise<IncrementalFigures> {
  const { flags, place, say } = bench
  const project = join(place.folder, 'incremental')
  const url = await databaseBeside(place.url, 'incremental')
  const some: Events = {
    name: 'events',
    rows: flags.rows,
    days: Math.min(400, Math.max(1, Math.round(flags.rows / 100))),
  }
  const many: Events = {
    name: 'events_many',
    rows: Math.max(flags.days, Math.round(flags.rows / 10)),
    days: flags.days,
  }
  await makeProject(project, {
    events: eventsScript('events', 'events', 'always'),
    events_seldom: eventsScript('events_seldom', 'events', "every('1d')"),
    events_many: eventsScript('events_many', 'events_many', 'always'),
  })
  for (const events of [some, many]) {
    say(`Making ${events.rows.toLocaleString('en')} rows of ${events.name} over ${events.days} days …`)
    await fillEvents(url, events)
  }
  const here: Here = { bench, project, url }
  const changes = await measureChanges(here, some)
  bench.show(changesText(changes))
  const commits = await measureCommits(here, many)
  bench.show(textOf('Commits', commits))
  return { changes, commits }
}

interface Here {
  readonly bench: Bench
  readonly project: string
  readonly url: string
}

async function measureChanges(here: Here, events: Events): Promise<IncrementalFigures['changes']> {
  const days = spreadDays(events.days)
  const rows = await changeEvents(here.url, events.name, days)
  const before = async () => void (await changeEvents(here.url, events.name, days))
  const seldom = loadOf(here, 'events_seldom', names.seldom, [], rows)
  // The first of all reads everything, and leaves what the next ones go by.
  const { signal, place } = here.bench
  await measure({ ...seldom, command: [...seldom.command, '--full'] }, place.beside, signal)
  const rounds = await takeTurns(
    events.name,
    [
      loadOf(here, 'events', names.whole, ['--full'], events.rows),
      { ...loadOf(here, 'events', names.incremental, [], rows), before },
      { ...seldom, before },
    ],
    turnsOf(here.bench),
  )
  const table = await figuresFor(here, events, rounds, {
    [names.whole]: events.days,
    [names.incremental]: days.length,
    [names.seldom]: days.length,
  })
  const [incremental, whole] = [rounds.get(names.incremental)!, rounds.get(names.whole)!]
  const both = (run: Parameters<typeof cpu>[0]) => cpu(run) + (run.besideSeconds.server ?? 0)
  const bytes = ({ data_kb, metadata_kb }: LoadFigures) => data_kb + metadata_kb
  return {
    ...table,
    time_share: medianRatio(incremental, whole, wall),
    cpu_share: medianRatio(incremental, whole, both),
    bytes_share: bytes(table.contenders[names.incremental]!) / bytes(table.contenders[names.whole]!),
  }
}

async function measureCommits(here: Here, events: Events): Promise<TableFigures> {
  const spread = spreadDays(events.days)
  const last = [dayAt(events.days - spread.length), dayAt(events.days - 1)]
  const load = (name: string, flags: readonly string[]) => loadOf(here, events.name, name, flags)
  const rounds = await takeTurns(
    events.name,
    [
      load(names.whole, ['--full']),
      load(names.neighbours, ['--partitions', last.join('..')]),
      load(names.spread, ['--partitions', spread.map(dayAt).join(',')]),
    ],
    turnsOf(here.bench),
  )
  return figuresFor(here, events, rounds, {
    [names.whole]: events.days,
    [names.neighbours]: spread.length,
    [names.spread]: spread.length,
  })
}

/** One in a hundred days, all over them. */
function spreadDays(days: number): number[] {
  const count = Math.max(1, Math.round(days * share))
  const step = Math.floor(days / count)
  return Array.from({ length: count }, (_, at) => at * step + Math.floor(step / 2))
}

/** @param rows that it has to read; undefined: they are not held against anything */
function loadOf(
  { bench: { place }, project, url }: Here,
  table: string,
  name: string,
  flags: readonly string[],
  rows?: number,
): Contender {
  return {
    name,
    command: [process.execPath, join(project, `scripts/${table}.ts`), '--json', ...flags],
    env: { ...place.env, DATABASE_URL: url },
    cwd: project,
    listen: true,
    ...(rows !== undefined && {
      rows: { expected: rows, taken: async (output) => summaryIn(output).rows_read },
    }),
  }
}

interface Summary {
  readonly load: string
  readonly table: string
  readonly rows_read: number
  readonly phases: { readonly publish?: number }
}

function summaryIn(output: string): Summary {
  return JSON.parse(output)
}

async function figuresFor(
  { bench }: Here,
  { rows, days }: Events,
  rounds: Rounds,
  days_read: Readonly<Record<string, number>>,
): Promise<TableFigures> {
  const contenders: Record<string, LoadFigures> = {}
  for (const [name, figures] of Object.entries(figuresOf(rounds, names.whole, rows))) {
    const runs = rounds.get(name) ?? []
    const { table, load } = summaryIn(runs.at(-1)?.output ?? '')
    contenders[name] = {
      ...figures,
      ...(await writtenBy(bench, table, load)),
      publish_s: median(runs, ({ output }) => summaryIn(output).phases.publish) ?? Number.NaN,
    }
  }
  return { rows, days, days_read, contenders }
}

async function writtenBy({ place, signal }: Bench, table: string, load: string): Promise<Written> {
  const { output } = await measure(
    {
      command: [process.execPath, join(import.meta.dirname, '../load-bytes.ts'), table, load],
      env: place.env,
      listen: true,
    },
    place.beside,
    signal,
  )
  const [{ data, files, metadata, objects }] = JSON.parse(output)
  return { data_kb: data / 1000, files, metadata_kb: metadata / 1000, objects }
}

function changesText(changes: IncrementalFigures['changes']): string {
  const { time_share, cpu_share, bytes_share } = changes
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`
  return `${textOf('Changes', changes)}\n  The incremental load takes ${percent(time_share)} of the time, ${percent(cpu_share)} of the CPU and ${percent(bytes_share)} of the bytes.\n`
}

function textOf(what: string, { rows, days, days_read, contenders }: TableFigures): string {
  const title = `${what}: ${rows.toLocaleString('en')} rows of ${days.toLocaleString('en')} days`
  const written = Object.entries(contenders).map(
    ([name, { data_kb, files, metadata_kb, objects, publish_s }]) =>
      `  ${name}, ${days_read[name]} days: ${Math.round(data_kb)} KB in ${files} files; ${Math.round(metadata_kb)} KB in ${objects} objects beside them; published in ${publish_s.toFixed(2)} s.`,
  )
  return `${figuresText(title, contenders, names.whole)}\n${written.join('\n')}\n`
}
