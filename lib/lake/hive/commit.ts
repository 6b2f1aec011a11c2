/** Step 7 of a load: the record first, then the one call that readers see. */

import packageFile from '../../../package.json' with { type: 'json' }
import { type Call, inTrouble } from '../../aws/calls.ts'
import { readTableCalls } from '../../aws/glue.ts'
import { getText, getTextCalls, putNew, putNewCalls } from '../../aws/objects.ts'
import type { Table } from '../../declare/table.ts'
import { earlierLoads, earlierLoadsCalls } from '../earlier.ts'
import { editTableCalls } from '../edit-table.ts'
import type { LoadFacts } from '../facts.ts'
import type { CommitOutcome, CommitTerms } from '../lake.ts'
import { loadFolder, recordKey } from '../layout.ts'
import type { LoadNames, LoadPlace } from '../names.ts'
import { type LoadRecord, loadRecord, recordText } from '../record.ts'
import { parseRecord } from '../recorded.ts'
import { schemaHash } from '../schema-hash.ts'
import { objectsOf, requireWritten, requireWrittenCalls } from '../written.ts'
import { publish } from './publish.ts'
import { readPublished } from './published.ts'
import { glueColumns } from './stage.ts'

export interface Commit extends CommitTerms {
  readonly table: Table
  readonly facts: LoadFacts
  /** Whether this load was crawled. */
  readonly crawled: boolean
  /** Hash of the schema that was last found equal to the declaration, before this load. */
  readonly crawledHash: string | undefined
  /** Learns of the record's key before it is written. */
  readonly onKey: (key: string) => void
}

/** @throws Failure (4) when the files are no longer those that were written, (5) when the outcome is unknown */
export async function commitLoad(
  hive: LoadPlace,
  {
    table,
    facts,
    crawled,
    crawledHash,
    phases,
    adopt,
    permit,
    again = false,
    onKey,
    expectations,
    estimatedUsd,
  }: Commit,
): Promise<CommitOutcome> {
  const { aws, config, load, signal } = hive
  const { bucket, kmsKey } = config
  const live = { database: config.glueDatabase, table: table.name, signal }
  const folder = loadFolder(config.prefix, table.name, load)
  const location = `s3://${bucket}/${folder}`
  const now = await readPublished(aws, live)
  if (again && now.kind === 'managed' && now.load === load) return { outcome: 'published' }
  const replaces = now.kind === 'managed' ? now.load : null
  const objects = objectsOf(facts.files, folder)
  const earlier = await earlierLoads({ aws, config, table: table.name, signal }, replaces)
  const record = loadRecord(table, facts, {
    ...{ location, objects, crawled, replaces, phases, expectations, estimatedUsd, earlier },
  })
  const key = recordKey(config.prefix, table.name, load)
  onKey(key)
  const body = recordText(record)
  try {
    await putNew(aws, { bucket, key, body, contentType: 'application/json', kmsKey, signal })
  } catch (error) {
    if (!again || !isSameLoad(record, await getText(aws, { bucket, key, signal }))) throw error
  }
  // Last, as much time may have passed since they were written.
  await requireWritten(hive, folder, facts.files)
  const hash = schemaHash(table)
  return publish(aws, {
    ...live,
    location,
    columns: glueColumns(table),
    adopt,
    permit,
    documentation: facts.documentation,
    load: {
      load: facts.load,
      rows: facts.rows,
      rowsRead: facts.rowsRead,
      lookups: Object.fromEntries(Object.entries(facts.lookups).map(([name, { rows }]) => [name, rows])),
      snapshotAt: facts.snapshotAt,
      schemaHash: hash,
      crawledHash: crawled ? hash : crawledHash,
      bytes: facts.bytes,
      source: facts.source,
      hashKey: facts.hashKey,
      draculaVersion: packageFile.version,
    },
  })
}

/** Whether the record that is there says of the load what this one would, but for how long it took. */
function isSameLoad({ table, load, objects, replaces }: LoadRecord, text: string): boolean {
  const there = parseRecord(text, table, load)
  return typeof there === 'object' && Bun.deepEquals([there.objects, there.replaces], [objects, replaces])
}

export function commitCalls(names: Pick<LoadNames, 'lake' | 'table' | 'load'>): Call[] {
  const { lake, table, load } = names
  const live = { database: lake.glueDatabase, table }
  return [
    ...readTableCalls(live),
    ...earlierLoadsCalls(names),
    ...putNewCalls(lake.bucket, recordKey(lake.prefix, table, load)),
    ...inTrouble(getTextCalls(lake.bucket, recordKey(lake.prefix, table, load))),
    ...requireWrittenCalls(names),
    ...editTableCalls(live, true),
  ]
}
