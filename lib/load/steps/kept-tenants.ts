/** Which tenants a load keeps in mind for the next one, and which have come and gone since the one that readers see. */
import type { SourceIdentity } from '../../declare/source-identity.ts'
import type { PublishedLoad } from '../../lake/published.ts'

/** What a table of Glue has room for, beside all else. */
const mostLetters = 200_000

/** @param tenants schemas; none: the table has no tenants @returns nothing where they are too many */
export function keptTenants(tenants: readonly string[]): Pick<SourceIdentity, 'tenants'> {
  const letters = tenants.reduce((sum, { length }) => sum + length, 0)
  return tenants.length > 0 && letters < mostLetters ? { tenants } : {}
}

/** More names than these are counted. */
const mostNames = 20

/** @param now the schemas of those that the load reads; none: the table has no tenants */
export function tenantsWarning(
  before: Pick<PublishedLoad, 'load' | 'source'> | undefined,
  now: readonly string[],
): string[] {
  const then = before?.source?.tenants
  if (before === undefined || then === undefined || now.length === 0) return []
  const gone = listed('gone', [...new Set(then).difference(new Set(now))])
  const came = listed('new', [...new Set(now).difference(new Set(then))])
  if (gone === '' && came === '') return []
  return [
    `its tenants are not those of load ${before.load}: ${[gone, came].filter((each) => each !== '').join('; ')}`,
  ]
}

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return ''
  const more = names.length > mostNames ? `, and ${names.length - mostNames} more` : ''
  return `${what}: ${names.slice(0, mostNames).join(', ')}${more}`
}
