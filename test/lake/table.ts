/** A table for tests of lakes, and loads of it without a database. */
import type { LoadFacts } from '../../lib/lake/facts.ts'
import type { DryDraft } from '../../lib/lake/lake.ts'
import { table as declare, integer, type TableOptions } from '../../lib/table.ts'
import { encode, writeFile } from '../support/parquet.ts'

const place = { server: 'db:5432', address: '10.0.0.7:5432' }

export interface WrittenLoad {
  readonly load: string
  /** The second of its snapshot, in a certain minute. */
  readonly second: number
  readonly rows: number
}

const columns = { id: integer }

/** @param declared of it beside its name and its column */
export function lakeTable(
  name: string,
  declared: Pick<TableOptions<typeof columns, Record<never, never>, object>, 'format'> = {},
) {
  const table = declare({ name, from: 'parts', columns, ...declared })
  return {
    table,
    /** Writes its one file. */
    async write(draft: DryDraft, { load, second, rows }: WrittenLoad): Promise<LoadFacts> {
      const groups = encode(
        table.columns,
        Array.from({ length: rows }, (_, id) => [id]),
      )
      const { fieldIds } = draft
      const written = await writeFile(table.columns, await Array.fromAsync(groups), {
        ...(fieldIds && { fieldIds }),
      })
      const fileName = `${name}-00000.parquet`
      const file = draft.openFile(fileName)
      await file.write(written.file)
      const kept = await file.finish()
      return {
        load,
        slicing: { connections: 1, slices: 1, by: null, column: null, reason: null },
        snapshotAt: `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000Z`,
        transactions: '795:799:795,797',
        source: {
          ...{ cluster: '7', database: 'shop', database_oid: '16384', schema: 'public', relation: 'parts' },
          ...{ place, primary: { ...place, timeline: 1 } },
        },
        rowsRead: rows + 1,
        rows,
        bytesRead: 0,
        bytes: kept.bytes,
        lossy: {},
        nulls: {},
        documentation: { comment: undefined, owner: undefined, columns: {}, tags: {} },
        lookups: { other: { rows: 2, bytes: 20 } },
        files: [{ name: fileName, rows, ...kept, ...(written.metrics && { metrics: written.metrics }) }],
        fingerprint: undefined,
        volatile: [],
        heldSeconds: 0,
      }
    },
  }
}
