/** Loads of a table and of one ten times as large: the same memory, and ten times the time. */
import { loads, type Target } from '../contenders.ts'
import { type Figures, figuresOf } from '../figures.ts'
import { figuresText } from '../figures-text.ts'
import { takeTurns } from '../turns.ts'
import { type Bench, rowsOf, titleOf, turnsOf } from './part.ts'

const times = 10

interface GrowthFigures {
  readonly rows: readonly [number, number]
  readonly small: Readonly<Record<string, Figures>>
  readonly large: Readonly<Record<string, Figures>>
}

/** The two are read from two databases and have one place in the lake, so each replaces the other knowingly. */
const replacing = ['--new-source', '--max-shrink', '100%']

export async function growthPart(bench: Bench): Promise<Readonly<Record<string, GrowthFigures>>> {
  const figures: Record<string, GrowthFigures> = {}
  for (const table of bench.flags.tables) {
    const measured = await measureGrowth(table, bench)
    figures[table] = measured
    bench.show(textOf(table, measured))
  }
  return figures
}

async function measureGrowth(table: string, bench: Bench): Promise<GrowthFigures> {
  const rows = rowsOf(table, bench.flags)
  const small = await bench.place.table(table, rows)
  const large = await bench.place.table(table, rows * times, `grown_${table}`)
  const { connections } = bench.flags
  const contenders = (target: Target) => loads(target, connections, replacing)
  const named = (target: Target) =>
    contenders(target).map((load) => ({ ...load, name: `${load.name}, ${target.rows} rows` }))
  const rounds = await takeTurns(`${table}, growing`, [...named(small), ...named(large)], turnsOf(bench))
  const figures = (target: Target) => {
    const own = contenders(target).map(
      ({ name }) => [name, rounds.get(`${name}, ${target.rows} rows`) ?? []] as const,
    )
    return figuresOf(new Map(own), own[0]?.[0] ?? '', target.rows)
  }
  return { rows: [small.rows, large.rows], small: figures(small), large: figures(large) }
}

function textOf(table: string, { rows: [few, many], small, large }: GrowthFigures): string {
  const first = Object.keys(small)[0] ?? ''
  const grown = Object.entries(large).map(([name, figures]) => {
    const before = small[name]!
    return `  ${name}: ${(many / few).toFixed(1)} times the rows take ${(figures.wall_s / before.wall_s).toFixed(1)} times the time, ${(figures.cpu_s / before.cpu_s).toFixed(1)} times the CPU and ${(figures.rss_mb / before.rss_mb).toFixed(2)} times the memory.`
  })
  return [
    figuresText(titleOf(table, few), small, first),
    figuresText(titleOf(table, many), large, first),
    `${grown.join('\n')}\n`,
  ].join('\n')
}
