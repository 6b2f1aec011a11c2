/** How a query is carried out, and what Athena would say of one that fails. */
import type { Engines } from '../engines.ts'
import { identifier } from '../hive-type.ts'
import { ServiceError } from '../service-error.ts'
import { QueryFailure } from './failure.ts'
import type { Query } from './query.ts'
import { createViews, type QueryParts } from './query-tables.ts'
import { athenaText, athenaType } from './value.ts'

export interface Results {
  readonly columns: readonly { readonly name: string; readonly type: ReturnType<typeof athenaType> }[]
  readonly rows: (string | null)[][]
  readonly bytesScanned: number
}

/** A query has a DuckDB to itself: it sees its tables alone, as they were when it began, and can be interrupted. */
export async function executeQuery(
  parts: QueryParts & { readonly engines: Engines },
  query: Query,
  database: string,
  stop: AbortSignal,
): Promise<Results> {
  const engine = await parts.engines.take()
  let isEmpty = false
  // Again and again: an interrupt that comes between two statements is lost.
  let interrupting: Timer | undefined
  const interrupt = () => {
    interrupting ??= setInterval(() => engine.interrupt(), 10)
  }
  stop.addEventListener('abort', interrupt)
  try {
    await engine.run("attach ':memory:' as awsdatacatalog")
    const { bytesScanned, fraction } = await createViews({ ...parts, engine }, query, database)
    await engine.run(`use awsdatacatalog.${identifier(database)}`)
    if (stop.aborted) throw new QueryFailure('cancelled')
    const result = await engine.stream(query.sql)
    const types = result.columnTypes()
    const columns = result.columnNames().map((name, index) => ({
      name: (query.columns[index] ?? name).toLowerCase(),
      type: athenaType(result.columnType(index), fraction),
    }))
    const rows: (string | null)[][] = []
    for await (const chunk of result.yieldRows()) {
      for (const row of chunk) {
        rows.push(
          row.map((value, index) => athenaText(value, types[index] ?? result.columnType(index), fraction)),
        )
      }
    }
    await engine.run('use memory; detach awsdatacatalog; reset disabled_optimizers')
    isEmpty = true
    return { columns, rows, bytesScanned }
  } finally {
    stop.removeEventListener('abort', interrupt)
    clearInterval(interrupting)
    // One that was interrupted, or failed at anything, is used no more.
    if (isEmpty && !stop.aborted) parts.engines.giveBack(engine)
    else engine.close()
  }
}

/** Athena's code for what went wrong, and the first line of what DuckDB says. */
export function failureReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof QueryFailure) return message
  if (error instanceof ServiceError) return `GENERIC_INTERNAL_ERROR: ${error.code}: ${message}`
  const [line = ''] = message.split('\n')
  const codes: [RegExp, string][] = [
    [/^Binder Error: (Referenced|Table) .*column/, 'COLUMN_NOT_FOUND'],
    [/^Catalog Error: .*Function/, 'FUNCTION_NOT_FOUND'],
    [/^Conversion Error/, 'INVALID_CAST_ARGUMENT'],
    [/^Out of Range Error/, 'NUMERIC_VALUE_OUT_OF_RANGE'],
    [/^Binder Error/, 'TYPE_MISMATCH'],
    [/^IO Error/, 'HIVE_CANNOT_OPEN_SPLIT'],
  ]
  return `${codes.find(([pattern]) => pattern.test(message))?.[1] ?? 'GENERIC_INTERNAL_ERROR'}: ${line}`
}
