/** What is left of a load once all its slices are read: it is judged as a whole, and its snapshot let go. */
import type { Table } from '../../declare/table.ts'
import { countsAgree } from '../../failure/counts-agree.ts'
import type { SliceFacts } from '../../lake/facts.ts'
import type { DryDraft } from '../../lake/lake.ts'
import { type Taken, takeFingerprints } from '../../postgres/fingerprint.ts'
import { underSettingsOf } from '../../postgres/session-settings.ts'
import type { Journal } from '../journal.ts'
import type { LoadOptions } from '../options.ts'
import { lossyWarnings, unstableWarning } from './column-warnings.ts'
import type { Leader } from './leader.ts'
import { refuseShrunk } from './shrink.ts'

export interface JudgeOptions {
  readonly draft: Pick<DryDraft, 'requireWritten'>
  readonly options: Pick<LoadOptions, 'allowEmpty' | 'maxShrink' | 'dryRun'>
  /** Rows that readers see; undefined: nothing is published yet. */
  readonly rowsBefore: number | undefined
  /** Whether it has read all of the table; else what its readers lose is known once what stays is counted. */
  readonly isWhole: boolean
  readonly journal: Journal
}

/**
 * Whether what all slices have written together may be published, as far as is known before it is counted in the lake.
 * @throws Failure (4) where other files are kept than were written, or too many rows are gone, (3) where all are
 */
export async function judgeRead(
  table: Table,
  read: SliceFacts,
  { draft, options, rowsBefore, isWhole, journal }: JudgeOptions,
): Promise<void> {
  lossyWarnings(table, read.lossy).forEach(journal.warn)
  await journal.time('count', () => draft.requireWritten(read.files))
  if (!options.dryRun && isWhole) refuseShrunk({ table, options }, read, rowsBefore)
}

/**
 * Asks the snapshot for what is wanted of it besides rows.
 * @returns undefined: nothing is, or nothing can be
 * @throws Failure (4) where it counts other rows than were read, and the driver's error
 */
export async function fingerprintRead(
  table: Table,
  { reader, source, snapshot }: Leader,
  { rowsRead }: Pick<SliceFacts, 'rowsRead'>,
  {
    options,
    isWhole,
    journal,
  }: {
    readonly options: Pick<LoadOptions, 'fingerprint' | 'dryRun'>
    /** Whether all of the table was read. */
    readonly isWhole: boolean
    readonly journal: Journal
  },
): Promise<Taken | undefined> {
  if (!options.fingerprint) return undefined
  // Postgres cannot sum up what a function in TypeScript keeps.
  if (table.filter !== undefined) {
    journal.warn('no fingerprint is recorded of a table with a filter')
    return undefined
  }
  if (!isWhole) {
    journal.warn('no fingerprint is recorded by a load that reads some partitions')
    return undefined
  }
  if (options.dryRun) return undefined
  const taken = await journal.time('fingerprint', () =>
    underSettingsOf(reader, table, source, () => takeFingerprints(reader, table, source, snapshot.encoding)),
  )
  unstableWarning(taken).forEach(journal.warn)
  if (taken.volatile.length === 0)
    countsAgree(table.name, 'rows read', rowsRead, 'counted in the snapshot', taken.rows)
  return taken
}
