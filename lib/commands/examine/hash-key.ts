/** The key of hashed columns: there, and of use. */
import { hashedColumns } from '../../declare/hidden-columns.ts'
import type { Table } from '../../declare/table.ts'
import { hashKeyOf } from '../../types/hash-key.ts'
import { type Finding, findingOf, missing } from './finding.ts'

/** @param readKey of the environment @returns none where no script has such a column */
export async function examineHashKey(
  tables: readonly Table[],
  readKey: () => string | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  const hashed = tables.filter((table) => hashedColumns(table).length > 0).map(({ name }) => name)
  if (hashed.length === 0) return []
  const check = 'hash key'
  const found = await findingOf(check, signal, async () => {
    const which = `columns of ${new Intl.ListFormat('en-GB').format(hashed)} are hashed`
    const secret = readKey()
    if (secret !== undefined) return `${which} with the key of fingerprint ${hashKeyOf(secret).fingerprint}`
    const fix = 'Set the key that all tables are hashed with; a first one makes: openssl rand -hex 32'
    return missing(check, `${which}, and neither DRACULA_HASH_KEY nor DRACULA_HASH_KEY_FILE is set`, fix)
  })
  return [found]
}
