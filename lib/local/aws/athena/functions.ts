/** Functions of Athena that DuckDB has under another name, or with another result. */
import type { Engine } from '../engine.ts'
import { identifier } from '../hive-type.ts'

const functions: Readonly<Record<string, string>> = {
  to_utf8: '(x) as encode(x)',
  json_format: '(x) as cast(x as varchar)',
  md5: '(x) as unhex(system.main.md5(x))',
  from_base:
    "(x, base) as case when base = 16 then cast('0x' || x as bigint) else error('The local stand-in reads numbers of base 16 only.') end",
}

/** Makes those that the statement may call, in the schema that it is run in. */
export async function createFunctions(
  engine: Pick<Engine, 'run'>,
  sql: string,
  database: string,
): Promise<void> {
  for (const [name, definition] of Object.entries(functions)) {
    if (!new RegExp(`\\b${name}\\b`, 'i').test(sql)) continue
    await engine.run(`create macro awsdatacatalog.${identifier(database)}.${name}${definition}`)
  }
}
