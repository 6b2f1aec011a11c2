/**
 * Rows that come partition by partition, each to files of its own: how many are of each is known before, as it was counted
 * in the same snapshot. A table without partitions has one part, of however many rows there are.
 */
import type { Batch } from '../batch/batch.ts'
import { countsAgree } from '../failure/counts-agree.ts'
import { Failure } from '../failure/failure.ts'
import type { PartitionCounts, WrittenFile } from '../lake/facts.ts'
import type { RowGroup } from '../parquet/row-group.ts'
import { createEndings } from './endings.ts'
import type { RollingFiles } from './roll.ts'

/** Plain data. */
export interface SlicePartition {
  /** Its value, one a field, in words; null is a value like others. */
  readonly values: readonly (string | null)[]
  /** What its files are named by. */
  readonly label: string
  /** So many were counted. */
  readonly rows: number
}

export interface Parts {
  /** Bytes written so far, to all files. */
  readonly bytes: number
  /** Gives what of a batch is of the part at hand. @throws Failure (1) for rows behind the last */
  take(batch: Batch): Batch
  /** Whether the part at hand ends after so many rows of the stream. */
  endsAt(rowsRead: number): boolean
  /** Adds to the files of the part at hand. */
  append(rowGroup: RowGroup): Promise<void>
  /** Ends the part at hand and goes on to the next, while files of it are stored. @throws what went wrong with earlier ones */
  next(rowsRead: number, rowsKept: number): Promise<void>
  /**
   * After the last row.
   * @param rowsKept of all parts @throws Failure (4) where a part has fewer rows than were counted; as `next`
   */
  end(rowsRead: number, rowsKept: number): Promise<void>
  /** Bytes of files that are being stored. */
  readonly storing: number
  /** Waits until all files are stored, after the end. @throws what storing them does */
  stored(): Promise<WrittenParts>
  /** Stops the files under way; never throws. */
  abort(): Promise<void>
}

export interface WrittenParts {
  readonly files: readonly WrittenFile[]
  /** Absent: the table has none. */
  readonly byPartition?: readonly PartitionCounts[]
}

/**
 * @param partitions in the order in which their rows come; undefined: the table has none
 * @param open files of a partition, or of the whole table
 */
export function createParts(
  table: string,
  partitions: readonly SlicePartition[] | undefined,
  open: (label: string | undefined) => RollingFiles,
): Parts {
  /** Files by part. */
  const written: (readonly WrittenFile[])[] = []
  const endings = createEndings()
  const done: PartitionCounts[] = []
  /** The files of the part at hand; undefined: all parts have ended. */
  let files = partitions?.length === 0 ? undefined : open(partitions?.[0]?.label)
  let bytes = 0
  /** Rows of the parts that have ended. */
  let [readBefore, keptBefore] = [0, 0]

  /** Rows of the stream before the next part. */
  function end(): number {
    if (partitions === undefined) return Number.POSITIVE_INFINITY
    return readBefore + (partitions[done.length]?.rows ?? 0)
  }

  async function endFiles(rowsKept: number): Promise<void> {
    const [ending, kept, at] = [files, rowsKept - keptBefore, done.length]
    files = undefined
    if (ending === undefined) return
    await endings.begin(ending, async () => {
      const ended = await ending.finish()
      const rows = ended.reduce((sum, file) => sum + file.rows, 0)
      countsAgree(table, 'rows in the footers', rows, 'rows kept', kept)
      written[at] = ended
      bytes += ending.bytes
    })
  }

  async function next(rowsRead: number, rowsKept: number): Promise<void> {
    const { values, label, rows } = partitions![done.length]!
    countsAgree(table, `rows read of ${label}`, rowsRead - readBefore, 'were counted', rows)
    await endFiles(rowsKept)
    done.push({ values, rowsRead: rows, rows: rowsKept - keptBefore })
    readBefore = rowsRead
    keptBefore = rowsKept
    const following = partitions![done.length]
    if (following !== undefined) files = open(following.label)
  }

  return {
    get bytes() {
      return bytes + endings.bytes + (files?.bytes ?? 0)
    },
    take(batch) {
      const left = end() - batch.rowsBefore
      if (left <= 0) throw moreThanCounted(table)
      return batch.rowCount <= left ? batch : { ...batch, rowCount: left }
    },
    endsAt: (rowsRead) => rowsRead === end(),
    async append(rowGroup) {
      await files?.append(rowGroup)
    },
    next,
    async end(rowsRead, rowsKept) {
      if (partitions === undefined) return endFiles(rowsKept)
      // Ends it only if it were whole; a part that has rows left is short of them.
      if (done.length < partitions.length) await next(rowsRead, rowsKept)
      countsAgree(table, 'partitions read', done.length, 'were planned', partitions.length)
    },
    get storing() {
      return endings.bytes
    },
    async stored() {
      await endings.settle()
      return { files: written.flat(), ...(partitions && { byPartition: done }) }
    },
    async abort() {
      await Promise.all([files?.abort(), endings.abort()])
    },
  }
}

function moreThanCounted(table: string): Failure {
  return new Failure({
    exit: 1,
    act: 'read',
    thing: table,
    reason: 'more rows came than were counted of its partitions in the same snapshot',
    advice:
      'Try again: a table may have been attached to it meanwhile. If it stays so, let the view or query in from give the same rows each time.',
  })
}
