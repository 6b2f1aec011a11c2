/** What Postgres says of what a script reads, held against what the script says of it. */
import type { Selection } from '../../declare/selection.ts'
import { compareDeclaration, type Matching, requireMatch } from '../../postgres/compare.ts'
import type { Reader } from '../../postgres/connect.ts'
import { describeSource } from '../../postgres/describe.ts'
import { isOfTenants } from '../../postgres/tenant-rows.ts'
import { requireTextForm } from '../../postgres/text-form.ts'

/** @param tenants schemas of the tenants, where it has some @param place where it is declared, in words @throws Failure (3) where the declaration and the source disagree */
export async function describeMatching<S extends Selection>(
  reader: Reader,
  selection: S,
  tenants: readonly string[],
  place: string,
): Promise<Matching<S>> {
  if (isOfTenants(selection)) {
    const { matchingTenants } = await import('./matching-tenants.ts')
    return matchingTenants(reader, selection, tenants, place)
  }
  const source = await describeSource(reader, selection.source)
  const { mismatches, extra, unknown } = compareDeclaration(selection, source)
  requireMatch(selection, place, mismatches)
  await requireTextForm(reader, selection, source, place)
  return { selection, source, extra, unknown }
}
