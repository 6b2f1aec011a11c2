/** `bun run all` over many small tables, where the fixed cost of a load decides. */
import { join } from 'node:path'
import postgres from 'postgres'
import { loads, type Target } from '../contenders.ts'
import { type Figures, figuresOf } from '../figures.ts'
import { figuresText } from '../figures-text.ts'
import { createNarrow, makeProject, narrowScript } from '../project.ts'
import { takeTurns } from '../turns.ts'
import { type Bench, turnsOf } from './part.ts'

const rows = 100

interface AllFigures {
  readonly tables: number
  readonly contenders: Readonly<Record<string, Figures>>
  /** A table's share. */
  readonly each: Pick<Figures, 'wall_s' | 'cpu_s'>
}

export async function allPart(bench: Bench): Promise<AllFigures> {
  const { place, flags, say } = bench
  const tables = Array.from({ length: flags.smallTables }, (_, at) => `small_${at + 1}`)
  say(`Making ${tables.length} tables of ${rows} rows …`)
  const project = join(place.folder, 'all')
  await makeProject(project, Object.fromEntries(tables.map((table) => [table, narrowScript(table)])))
  const sql = postgres(place.url, { max: 1 })
  try {
    await sql.unsafe(tables.map((table) => createNarrow(table, rows)).join('\n'))
  } finally {
    await sql.end()
  }
  const [table = ''] = tables
  const target: Target = { ...place, table, script: join(project, `scripts/${table}.ts`), project, rows }
  const [alone] = loads(target, [1])
  const together = {
    name: `all ${tables.length}`,
    command: [
      process.execPath,
      join(project, 'lib/commands/all.ts'),
      '--json',
      '--',
      '--catalog',
      'declared',
    ],
    env: { ...place.env, DATABASE_URL: place.url },
    cwd: project,
    listen: true,
    rows: { expected: rows * tables.length, taken: rowsOfAll },
  }
  const one = { ...alone!, name: 'one by itself' }
  const rounds = await takeTurns('all', [one, together], turnsOf(bench))
  const figures = figuresOf(rounds, one.name, rows * tables.length)
  const each = eachOf(figures[together.name]!, tables.length)
  bench.show(
    `${figuresText(`bun run all, ${tables.length} tables of ${rows} rows`, figures, one.name)}\n  A table: ${each.wall_s.toFixed(3)} s, ${each.cpu_s.toFixed(3)} s of CPU.\n`,
  )
  return { tables: tables.length, contenders: figures, each }
}

function eachOf({ wall_s, cpu_s }: Figures, tables: number): Pick<Figures, 'wall_s' | 'cpu_s'> {
  return { wall_s: wall_s / tables, cpu_s: cpu_s / tables }
}

async function rowsOfAll(output: string): Promise<number> {
  const report: { readonly tables: readonly { readonly summary?: { readonly rows: number } }[] } =
    JSON.parse(output)
  return report.tables.reduce((sum, { summary }) => sum + (summary?.rows ?? 0), 0)
}
