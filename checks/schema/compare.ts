/** One script against the database: what does not fit, and the lines to paste. */

import { describeNearest } from '../../lib/declare/nearest.ts'
import { formatSource, type Selection, type TenantSource } from '../../lib/declare/selection.ts'
import type { Table } from '../../lib/declare/table.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { compareDeclaration, reasons } from '../../lib/postgres/compare.ts'
import type { Reader } from '../../lib/postgres/connect.ts'
import { declarationLine, renamed, typeOfSource } from '../../lib/postgres/declaration-of.ts'
import { describeColumns } from '../../lib/postgres/describe.ts'
import { legalNames } from '../../lib/postgres/legal-name.ts'
import type { Source, SourceColumn } from '../../lib/postgres/source.ts'
import { isOfTenants } from '../../lib/postgres/tenant-rows.ts'
import { type DescribedTenant, describeTenants } from '../../lib/postgres/tenant-tables.ts'
import { findTenants, tenantInputs } from '../../lib/postgres/tenants.ts'
import { describeForm, formDifferences } from '../../lib/postgres/text-form.ts'
import { unboundedNumerics } from '../../lib/postgres/unbounded.ts'
import type { TableVerdict } from '../check.ts'

/** One table in the JSON of the check. */
export interface ComparedSchema extends TableVerdict {
  readonly status: 'ok' | 'differs' | 'no table'
  /** The name of the source it is in; absent: that of `DATABASE_URL`. */
  readonly source?: string
  readonly differences: readonly SchemaDifference[]
  /** What is as it should be and may still stop a later load, a clause each. */
  readonly notes: readonly string[]
}

export interface SchemaDifference {
  /** In the script's name, or in Postgres' where the script has none. */
  readonly column: string
  readonly reason: string
  /** The line the script should have; null: it should have none. */
  readonly paste: string | null
  /** The name to list under `ignore` instead, if that is wanted; null where it would not help. */
  readonly or_ignore: string | null
  /** The lookup it is about; null: the table itself. */
  readonly lookup: string | null
}

/** Its lookups too. Reads the catalog only, in a transaction. @throws Failure when that cannot be read */
export async function compareSchema(reader: Reader, table: Table): Promise<ComparedSchema> {
  const own = await compareSelection(reader, table.name, table)
  const compared = [own]
  for (const [lookup, selection] of Object.entries(table.lookups)) {
    const { status, differences, findings, notes } = await compareSelection(reader, table.name, selection)
    // What a lookup does not read is nobody's loss.
    const wrong = differences.filter(({ or_ignore }) => or_ignore === null)
    compared.push({
      table: table.name,
      status: status === 'differs' && wrong.length === 0 ? 'ok' : status,
      differences: wrong.map((difference) => ({ ...difference, lookup })),
      findings: (status === 'no table' ? findings : reasons(wrong)).map(
        (each) => `lookup ${lookup}: ${each}`,
      ),
      notes: notes.map((each) => `lookup ${lookup}: ${each}`),
    })
  }
  return {
    table: table.name,
    status: compared.find(({ status }) => status !== 'ok')?.status ?? 'ok',
    differences: compared.flatMap(({ differences }) => differences),
    findings: compared.flatMap(({ findings }) => findings),
    notes: compared.flatMap(({ notes }) => notes),
  }
}

async function compareSelection(reader: Reader, name: string, selection: Selection): Promise<ComparedSchema> {
  const { source } = selection
  if (isOfTenants(selection)) return compareTenants(reader, name, selection)
  let described: Pick<Source, 'kind' | 'evaluated' | 'columns'>
  await reader.query('savepoint source')
  try {
    described = await describeColumns(reader, source)
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.exit !== 3) throw failure
    // What the server has refused would end the transaction for all sources that follow.
    await reader.query('rollback to savepoint source')
    const findings = [`${formatSource(source)}: ${failure.detail.reason}`]
    return { table: name, status: 'no table', differences: [], findings, notes: [] }
  }
  const { columns } = described
  const { mismatches, extra, unknown } = compareDeclaration(selection, described)
  const forms = mismatches.length === 0 ? await formDifferences(reader, selection, described) : []
  const wrong = [
    ...mismatches,
    ...forms.map((form) => ({ column: form.column, reason: describeForm(form), paste: form.paste })),
  ].map(({ column, reason, paste = null }) => ({ column, reason, paste, or_ignore: null, lookup: null }))
  const names = legalNames(
    columns.map(({ name }) => name),
    new Map(Object.entries(selection.columns).map(([name, { source }]) => [source ?? name, name])),
  )
  const unread = columns
    .filter((column) => extra.includes(column.name))
    .map((column) => undeclared(column, names.get(column.name) ?? column.name))
  const differences = [...wrong, ...unread]
  const unbounded = unboundedNumerics(selection, { columns }).map(({ column, type }) => ({
    column,
    reason: `is numeric without precision in the source: a value for which ${type} has no room will stop a load`,
  }))
  const known = columns.map(({ name }) => name)
  return {
    table: name,
    status: differences.length === 0 ? 'ok' : 'differs',
    differences,
    findings: reasons(differences),
    notes: [
      ...reasons(unbounded),
      ...unknown.map((each) => `${each} is ignored, and not in the source${describeNearest(each, known)}`),
    ],
  }
}

/** The tables of all tenants; of those that are alike, the first. */
async function compareTenants(
  reader: Reader,
  name: string,
  selection: Selection & { readonly source: TenantSource },
): Promise<ComparedSchema> {
  let described: readonly DescribedTenant[]
  try {
    const inputs = tenantInputs([{ selection, place: `scripts/${name}.ts` }])
    described = await describeTenants(reader, selection, await findTenants(reader.query, inputs))
  } catch (failure) {
    if (!(failure instanceof Failure) || failure.exit !== 3) throw failure
    const { thing, reason } = failure.detail
    return { table: name, status: 'no table', differences: [], findings: [`${thing}: ${reason}`], notes: [] }
  }
  const compared: ComparedSchema[] = []
  for (const each of described) {
    const own = await compareSelection(reader, name, each.selection)
    const place = formatSource(each.selection.source)
    compared.push({ ...own, findings: own.findings.map((finding) => `${place}: ${finding}`) })
  }
  return {
    table: name,
    status: compared.find(({ status }) => status !== 'ok')?.status ?? 'ok',
    differences: [
      ...new Map(
        compared.flatMap(({ differences }) => differences).map((each) => [JSON.stringify(each), each]),
      ).values(),
    ],
    findings: compared.flatMap(({ findings }) => findings),
    notes: [...new Set(compared.flatMap(({ notes }) => notes))],
  }
}

function undeclared(column: SourceColumn, name: string): SchemaDifference {
  const type = renamed(typeOfSource(column), name === column.name ? undefined : column.name)
  return {
    column: column.name,
    reason: 'is not in the script',
    paste: declarationLine(name, type, column.notNull !== true),
    or_ignore: column.name,
    lookup: null,
  }
}
