/** What steps of all kinds of tables do: load one and remember it, go back to the load before. */
import type { Table } from '../../../lib/declare/table.ts'
import { NotOffered, Wrong } from '../outcome.ts'
import type { Run } from '../product.ts'
import { scripts } from '../product.ts'
import type { Context } from './step.ts'

/** Loads a table; what readers see is held against Postgres. */
export async function load(
  { product, published }: Context,
  table: Table,
  args: readonly string[],
): Promise<string> {
  const { summary, rows, looks } = await product.load(table, args)
  published.set(table.name, [...(published.get(table.name) ?? []), { summary, rows }])
  const { crawled, retries, partitions } = summary
  return [
    `${summary.rows.toLocaleString('en')} rows, every value as in Postgres`,
    ...(looks > 0 ? [`${looks} looks meanwhile`] : []),
    ...(crawled ? ['crawled'] : []),
    ...(retries > 0 ? [`${retries} calls tried again`] : []),
    ...(partitions === null ? [] : [`${partitions.kept ?? 0} partitions kept`]),
  ].join(', ')
}

/** Back to the load before: readers see its rows until the rollback is taken back, and the next load brings the newest. */
export async function goBack(context: Context, table: Table, args: readonly string[]): Promise<string> {
  const { product, published } = context
  const [earlier, latest] = (published.get(table.name) ?? []).slice(-2)
  if (earlier === undefined || latest === undefined) throw new NotOffered('there are no two loads')
  const rollback = (...more: readonly string[]) =>
    product.run('lib/commands/rollback.ts', [table.name, '--scripts', scripts, ...more])
  await rollback(earlier.summary.load)
  await product.requireSeen(table, earlier.rows)
  const script = `test/conformance/scripts/${table.name}.ts`
  await requireRefused(2, await product.tryRun(script, ['--json', ...args]))
  await product.requireSeen(table, earlier.rows)
  await rollback('--unpin')
  await product.requireSeen(table, earlier.rows)
  const told = await load(context, table, args)
  return `${earlier.rows.length.toLocaleString('en')} rows again, pinned, and then ${told}`
}

/** @returns what it said @throws Wrong when it ended well */
export async function requireRefused(exit: number, run: Run): Promise<string> {
  if (run.exit === 0) throw new Wrong('it was published')
  if (run.exit !== exit) throw new Error(`it ended with ${run.exit} and not with ${exit}: ${run.message}`)
  return run.message
}
