/** Each tenant's table, held against what the script says of all: loaded once there is a table of tenants. */
import type { Selection, TenantSource } from '../../declare/selection.ts'
import { compareDeclaration, type Matching } from '../../postgres/compare.ts'
import type { Reader } from '../../postgres/connect.ts'
import { requireSharedCondition } from '../../postgres/tenant-condition.ts'
import { readTenantRows } from '../../postgres/tenant-tables.ts'

/** What some tenant has and the script does not read, and what it ignores and none has. */
export async function matchingTenants<S extends Selection>(
  reader: Reader,
  selection: S & { readonly source: TenantSource },
  tenants: readonly string[],
  place: string,
): Promise<Matching<S>> {
  const { described, ...read } = await readTenantRows(reader, selection, tenants, place)
  await requireSharedCondition(reader, { selection, source: read.source, schemas: tenants, place })
  const compared = described.map((each) => compareDeclaration(each.selection, each.source))
  const extra = new Set(compared.flatMap((each) => each.extra))
  const [unknown = new Set<string>(), ...others] = compared.map((each) => new Set(each.unknown))
  return {
    ...read,
    extra: [...extra],
    unknown: [...others.reduce((left, each) => left.intersection(each), unknown)],
  }
}
