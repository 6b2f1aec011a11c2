/** The table of a load's flags, and the options that they come to. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { percentIn } from '../declare/shrink.ts'
import { type LoadOptions, mostConnections } from '../load/options.ts'
import { parseDuration } from './duration.ts'
import { folderPath } from './folder-path.ts'
import { parseSize } from './size.ts'

/** The flags of every script: those of one load. */
export function loadCommand(table: string): Command {
  return new Command(`bun scripts/${table}.ts`)
    .description(
      `Loads ${table} from Postgres into the lake: staged, crawled, audited, then published in one step.`,
    )
    .option(
      '--dry-run',
      'read and encode everything, say what a load would do, change nothing in S3 and Glue',
    )
    .option('--out <folder>', 'leave the Parquet files there; implies --dry-run', folderPath)
    .option('--limit <n>', 'read only so many rows; implies --dry-run', positiveInteger)
    .addOption(
      new Option('--catalog <how>', 'auto crawls when the table is new or its schema changed')
        .choices(['auto', 'crawler', 'declared'])
        .default('auto'),
    )
    .option('--retain <n>', 'loads to keep, the published one included', positiveInteger, 3)
    .option('--adopt', 'take over a Glue table that Dracula did not make')
    .option('--adopt-changes', 'replace an Iceberg table whose rows others have changed since the last load')
    .option('--new-source', 'replace a load that was read from another cluster, database or relation')
    .option(
      '--new-hash-key',
      'replace a load whose columns were hashed with another key; reads all partitions',
    )
    .option('--allow-empty', 'publish no rows where readers now see some, or the filter keeps none')
    .option(
      '--max-shrink <percent>',
      "share of the rows that readers see which this load may lose, of its lookups' too (default: the script's shrink, else 50%)",
      percentage,
    )
    .addOption(
      new Option('--deadline <time>', 'stop, with nothing published, after this time')
        .argParser(parseDuration)
        .default(parseDuration('6h'), '6h'),
    )
    .addOption(
      new Option('--connect-within <time>', 'try to connect to Postgres for so long, or off to try once')
        .argParser(parsePatience)
        .default(parseDuration('30s'), '30s'),
    )
    .addOption(
      new Option(
        '--yield-after <time>',
        'stop when somebody, such as a migration, has waited so long for a lock behind it, or off',
      )
        .argParser(parsePatience)
        .default(parseDuration('10s'), '10s'),
    )
    .addOption(
      new Option(
        '--connections <n>',
        'read the table over so many at the most, or auto: by its size, the cores and the memory there are, and the connections left',
      )
        .argParser(connections)
        .default('auto'),
    )
    .addOption(
      new Option(
        '--partitions <which>',
        'replace these partitions and no others: 2026-03-01, 2026-03-01..2026-03-07, null, or several with commas; a text with a comma, or the text null, in double quotes',
      ).conflicts(['full', 'limit']),
    )
    .option('--full', 'read all partitions, whatever has changed')
    .option('--evolve', 'write nullable columns that the source has got into the script, then load them too')
    .addOption(new Option('--codec <codec>', 'compression').choices(['zstd', 'gzip', 'none']).default('zstd'))
    .addOption(
      new Option('--max-lookup-size <size>', 'memory that all lookups may take together')
        .argParser(parseSize)
        .default(parseSize('1GiB'), '1GiB'),
    )
    .addOption(
      new Option(
        '--fingerprint',
        'record nulls, least, greatest and sums per column, for checks/columns.ts; not of a dry run, which leaves no record',
      ).conflicts(['dryRun', 'out', 'limit']),
    )
    .addOption(
      new Option('--max-file-size <size>', 'begin the next file at this size')
        .argParser(parseSize)
        .default(parseSize('512MiB'), '512MiB'),
    )
}

type Flags = Pick<LoadOptions, 'limit' | 'catalog' | 'retain' | 'deadlineMs' | 'codec' | 'connections'> & {
  readonly dryRun?: true
  readonly out?: string
  readonly adopt?: true
  readonly adoptChanges?: true
  readonly partitions?: string
  readonly full?: true
  readonly evolve?: true
  readonly newSource?: true
  readonly newHashKey?: true
  readonly allowEmpty?: true
  readonly maxShrink?: number
  readonly fingerprint?: true
  readonly deadline: number
  readonly yieldAfter: number
  readonly connectWithin: number
  readonly maxFileSize: number
  readonly maxLookupSize: number
}

/** @param command after it has parsed */
export function loadOptions(command: Command): LoadOptions {
  const {
    dryRun,
    out,
    limit,
    catalog,
    retain,
    adopt,
    adoptChanges,
    newSource,
    newHashKey,
    allowEmpty,
    maxShrink,
    deadline,
    yieldAfter,
    connectWithin,
    connections,
    partitions,
    full,
    evolve,
    codec,
    fingerprint,
    maxFileSize,
    maxLookupSize,
  } = command.opts<Flags>()
  return {
    // A truncated table is never published.
    dryRun: dryRun === true || limit !== undefined || out !== undefined,
    out,
    limit,
    catalog,
    retain,
    adopt: adopt === true,
    adoptChanges: adoptChanges === true,
    newSource: newSource === true,
    newHashKey: newHashKey === true,
    allowEmpty: allowEmpty === true,
    maxShrink,
    deadlineMs: deadline,
    yieldAfterMs: yieldAfter === 0 ? undefined : yieldAfter,
    connectWithinMs: connectWithin,
    connections,
    partitions,
    full: full === true,
    evolve: evolve === true,
    codec,
    fingerprint: fingerprint === true,
    maxLookupBytes: maxLookupSize,
    maxFileBytes: maxFileSize,
  }
}

/** Whether a dry run was meant, as far as flags could be read of which another is wrong. */
export function isDryRun(command: Command): boolean {
  return ['dryRun', 'limit', 'out'].some((name) => command.getOptionValueSource(name) === 'cli')
}

/** @returns milliseconds; 0: none is asked for */
function parsePatience(text: string): number {
  return text === 'off' || text === '0' ? 0 : parseDuration(text)
}

function connections(text: string): number | 'auto' {
  if (text === 'auto') return text
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= mostConnections) return number
  throw new InvalidArgumentError(`It is auto, or a whole number from 1 to ${mostConnections}.`)
}

function percentage(text: string): number {
  const percent = percentIn(text.endsWith('%') ? text : `${text}%`)
  if (percent !== undefined) return percent
  throw new InvalidArgumentError('It is a share from 0% to 100%, such as 80%.')
}

function positiveInteger(text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && Number.isSafeInteger(number)) return number
  throw new InvalidArgumentError('It is a whole number, 1 or more.')
}
