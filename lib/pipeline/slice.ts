/**
 * One slice of a table, from COPY to the lake's files: all that a thread of its own would do. What it is asked is plain
 * data, and so is what it answers.
 *
 * I want to…                                    → file
 * follow a row on its way                       → slice.ts, then ../copy/, ../transform/, ../parquet/row-group.ts
 * change when a file ends and the next begins   → roll.ts
 * change how rows get to files of partitions    → parts.ts
 * change how many files are stored at a time    → endings.ts
 * know what several slices come to              → add-up.ts
 * change when garbage is collected              → memory.ts
 */
import { copy } from '../copy/copy.ts'
import { copyOf } from '../copy/query.ts'
import type { Table } from '../declare/table.ts'
import type { SliceFacts } from '../lake/facts.ts'
import type { LakeFile } from '../lake/lake.ts'
import type { LookupFunction } from '../lookup/lookup-function.ts'
import type { Codec } from '../parquet/compression.ts'
import type { FieldIds } from '../parquet/file-metrics.ts'
import { createRowGroupWriter } from '../parquet/row-group.ts'
import type { Reader } from '../postgres/connect.ts'
import { computes, createTransformation } from '../transform/transform.ts'
import type { HashKey } from '../types/hash-key.ts'
import { watchMemory } from './memory.ts'
import { createParts, type SlicePartition } from './parts.ts'
import { createRollingFiles } from './roll.ts'

/** What is asked: plain data, which survives JSON. */
export interface Slice {
  /** The load it is of. */
  readonly load: string
  /** What has its rows: `select … from …`. */
  readonly select: string
  /** In SQL, which rows of the table it has; null: all. It is in `select`, and here for messages. */
  readonly part: string | null
  /** Which of several it is, from 0; null: it is all of the table. */
  readonly number: number | null
  /** Columns of the source's primary key, for messages. */
  readonly primaryKey: readonly string[]
  readonly codec: Codec
  readonly maxFileBytes: number
  /** Numbers that the lake knows the columns by; absent: it knows them by their names. */
  readonly fieldIds?: FieldIds
  /** What is read with its one partition; absent: nothing is. */
  readonly lookups?: PartitionLookups
  /** Its partitions, in the order in which their rows come; absent: the table has none. */
  readonly partitions?: readonly SlicePartition[]
}

/** Lookups that are read with a partition. */
export interface PartitionLookups {
  /** What has the rows of each, by its name: `select … from …`. */
  readonly selects: Readonly<Record<string, string>>
  /** Bytes of memory that they may take together. */
  readonly maxBytes: number
}

/** What whoever reads a slice has at hand. */
export interface SliceMeans {
  readonly table: Table
  /** In the snapshot. */
  readonly reader: Pick<Reader, 'copy'>
  /** Lookup functions by the name of the lookup. */
  readonly lookups: Readonly<Record<string, LookupFunction>>
  /** What hashed columns are hashed with; undefined: the lake has none. */
  readonly hashKey: HashKey | undefined
  readonly openFile: (name: string) => LakeFile
  readonly observe: (progress: Progress) => void
  readonly signal: AbortSignal
}

/** Since the start: rows and bytes as they come from Postgres, and bytes as they go to the files. */
export interface Progress {
  readonly kind: 'progress'
  readonly rows: number
  readonly bytesRead: number
  readonly bytesWritten: number
}

/** Whose rows have all been read. */
export interface SliceRead {
  /** Bytes of files that are being stored still. */
  readonly storing: number
  /** What the slice comes to, once its files are stored. Rejects as `readSlice` does, when nothing is under way any more. */
  readonly stored: Promise<SliceFacts>
}

/**
 * Reading waits whenever writing lags.
 * @throws Failure (3) for a value that does not fit, (1) for a stream or an upload that breaks, (2) for refused
 * access. What is under way is aborted then; files finished before stay for the caller to remove.
 */
export async function readSlice(
  { load, select, part, number, primaryKey, codec, maxFileBytes, fieldIds, partitions }: Slice,
  { table, reader, lookups, hashKey, openFile, observe, signal }: SliceMeans,
): Promise<SliceRead> {
  const { name, columns, output } = table
  const metadata = { 'dracula.table': name, 'dracula.load': load }
  const copied = copy(reader, copyOf(select), { table: name, thing: name, columns, signal })
  const transformation = createTransformation({
    ...{ table, lookups, primaryKey, hashKey },
    slice: { part, number },
  })
  const rowGroup = createRowGroupWriter({ columns: output, codec })
  const parts = createParts(name, partitions, (partition) =>
    createRollingFiles({
      ...{ table: name, slice: number, columns: output, metadata, openFile, maxFileBytes },
      ...(partition !== undefined && { partition }),
      ...(fieldIds && { fieldIds }),
    }),
  )
  const memory = watchMemory(computes(table))
  const tellProgress = () =>
    observe({ kind: 'progress', rows: copied.rows, bytesRead: copied.bytes, bytesWritten: parts.bytes })

  async function orAbort<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      await parts.abort()
      throw error
    }
  }

  async function store(): Promise<SliceFacts> {
    const written = await parts.stored()
    tellProgress()
    const { lossy, nulls } = transformation
    return {
      ...{ rowsRead: copied.rows, rows: transformation.rows, bytesRead: copied.bytes, bytes: parts.bytes },
      ...{ lossy, nulls, ...written, ...(hashKey && { hashKey: hashKey.fingerprint }) },
    }
  }

  await orAbort(async () => {
    for await (const batch of copied) {
      rowGroup.add(transformation.transform(parts.take(batch)))
      const isLast = parts.endsAt(copied.rows)
      if (rowGroup.isFull || (isLast && rowGroup.rows > 0)) await parts.append(await rowGroup.finish())
      if (isLast) await parts.next(copied.rows, transformation.rows)
      memory.passed(batch.bytes)
      tellProgress()
    }
    if (rowGroup.rows > 0) await parts.append(await rowGroup.finish())
    await parts.end(copied.rows, transformation.rows)
  })
  const { storing } = parts
  const stored = orAbort(store)
  // Whoever awaits it may do so later.
  stored.catch(() => {})
  return { storing, stored }
}
