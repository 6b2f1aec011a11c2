/** The flags of a bench, and what they come to. */
import { Command, InvalidArgumentError } from 'commander'
import { folderPath } from '../../cli/folder-path.ts'
import { positiveNumber } from '../../cli/positive-number.ts'
import { benchTables } from './tables.ts'

/** Parts of a bench, in the order they run in. */
export const parts = {
  tables: 'loads and dry runs by 1, 2, … connections, and peers, against COPY drained',
  empty: 'a load of no rows, from process start to exit',
  all: '`bun run all` over many small tables',
  throttled: 'loads by 1, 2 and 4 connections that receive 15 MB/s each, against one of them',
  latency: 'loads by 1, 2 and 4 connections, 2 ms and 30 ms away each way, against COPY drained there',
  growth: 'loads of ten times the rows, which ought to take as much memory and ten times the time',
  incremental:
    'loads of 1 % of the days of a table against whole ones, and what they publish where there are many days',
  quotas: 'what loads ask of AWS, which of its quotas is met first, and loads that AWS throttles',
} as const

export type PartName = keyof typeof parts

export interface Flags {
  readonly rows: number
  readonly repeat: number
  readonly sample: number
  readonly tables: readonly string[]
  readonly parts: readonly PartName[]
  readonly connections: readonly number[]
  readonly peers?: string
  readonly smallTables: number
  readonly days: number
  readonly pods: number
  readonly quotaShare: number
  readonly json?: true
}

const defaultParts: readonly PartName[] = ['tables', 'empty']

export function benchCommand(): Command {
  return new Command('bun run bench')
    .usage('-- [options]')
    .description('Measures loads against what runs beside them, in turns and repeated; prints medians.')
    .option('--rows <n>', 'rows of a narrow table; a wide one has a quarter', wholeNumber, 4_000_000)
    .option('--repeat <n>', 'rounds, after one that warms caches', wholeNumber, 5)
    .option(
      '--tables <names>',
      'which tables, with commas between',
      oneOf(benchTables),
      Object.keys(benchTables),
    )
    .option('--parts <names>', 'what is measured, with commas between', oneOf(parts), defaultParts)
    .option('--connections <numbers>', 'of loads and dry runs, with commas between', wholeNumbers, [1, 2])
    .option('--peers <folder>', 'has other programs, in its bin too, that win over those on PATH', folderPath)
    .option('--small-tables <n>', 'how many the part all has, of 100 rows each', wholeNumber, 400)
    .option('--days <n>', 'how many the table of many days of the part incremental has', wholeNumber, 3650)
    .option('--pods <n>', 'how many read one table in the part quotas', wholeNumber, 12)
    .option('--quota-share <share>', 'of the quotas, that the part quotas throttles by', positiveNumber, 0.1)
    .option('--sample <n>', 'rows for the plain way, which is extrapolated from them', wholeNumber, 40_000)
    .option('--json', 'print one last line of JSON')
    .addHelpText('after', partsHelp)
}

const partsHelp = `
Parts:
${Object.entries(parts)
  .map(([name, text]) => `  ${name.padEnd(12)} ${text}`)
  .join('\n')}

Peers: duckdb with its postgres extension; pg2parquet; sling; python3 with duckdb, or with pyarrow and connectorx,
adbc_driver_postgresql, or dlt, sqlalchemy and psycopg2. They write the rows to a local Parquet file with zstd.

Exit codes: 0 done, 1 something that was measured failed, 2 wrong flags.`

/** @throws InvalidArgumentError */
function oneOf<Name extends string>(
  known: Readonly<Record<Name, unknown>>,
): (text: string) => readonly Name[] {
  const names = Object.keys(known) as Name[]
  return (text) => {
    const chosen = text.split(',').map((name) => {
      const found = names.find((each) => each === name)
      if (found !== undefined) return found
      throw new InvalidArgumentError(`There is no ${name}: choose from ${names.join(', ')}.`)
    })
    return [...new Set(chosen)]
  }
}

function wholeNumbers(text: string): readonly number[] {
  return [...new Set(text.split(',').map(wholeNumber))]
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('It is a whole number, 1 or more.')
}
