/**
 * What a source makes of stored rows besides the script: the views it reads, the functions that it and they call, virtual
 * columns, and the settings that all that is read under.
 */
import type { Reader } from './connect.ts'
import { settingsOfItsOwn } from './lent-connection.ts'
import { quoteText } from './relation.ts'
import { meaningSettings, ownSettings } from './session-settings.ts'

/** A hash each, equal where the same rows come of the same stored ones. */
export interface SourceMeaning {
  readonly settings: string
  readonly views: string
  /** How virtual columns are computed; absent: there are none. */
  readonly computed?: string
  /** Those of the database's own, and what these call; absent: it calls none. What operators and casts do is not in it. */
  readonly functions?: string
}

/**
 * To be called under the settings that the source is read under, in a transaction that has planned to read it: whatever is
 * planned is locked, and so listed. All names bear their schema.
 * @param texts in SQL, what the script says of its rows: a query, a condition
 * @throws the driver's error
 */
export async function readMeaning(
  reader: Pick<Reader, 'query'>,
  texts: readonly string[],
): Promise<SourceMeaning> {
  const settings = [
    ...ownSettings.map((name) => `pg_catalog.current_setting('${name}')`),
    // What a server mostly has is null, and so not in the text that is hashed.
    ...Object.entries(meaningSettings).map(
      ([name, usual]) =>
        `case when pg_catalog.current_setting('${name}') operator(pg_catalog.<>) '${usual}'
           then pg_catalog.concat('${name}=', pg_catalog.current_setting('${name}')) end`,
    ),
    `(select pg_catalog.string_agg(pg_catalog.concat(name, '=', pg_catalog.current_setting(name, true)), ',' order by name)
      from (${settingsOfItsOwn}) as named)`,
  ]
  const [row] = await reader.query(
    `with read as (
       select distinct c.oid, c.relkind, pg_catalog.concat(n.nspname, '.', c.relname) collate pg_catalog."C" as name
       from pg_catalog.pg_locks l
         join pg_catalog.pg_class c on c.oid operator(pg_catalog.=) l.relation
         join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
       where l.pid operator(pg_catalog.=) pg_catalog.pg_backend_pid() and l.locktype operator(pg_catalog.=) 'relation'
         and n.nspname operator(pg_catalog.<>) 'pg_catalog'
     ),
     view as (
       select distinct pg_catalog.concat(name, ' ', pg_catalog.pg_get_viewdef(oid)) as text from read
       where relkind operator(pg_catalog.=) any (array['v', 'm']::pg_catalog."char"[])
     ),
     computed as (
       select pg_catalog.concat(name, '.', a.attname, ' ', pg_catalog.pg_get_expr(d.adbin, d.adrelid)) as text
       from read
         join pg_catalog.pg_attribute a on a.attrelid operator(pg_catalog.=) read.oid
         join pg_catalog.pg_attrdef d on d.adrelid operator(pg_catalog.=) read.oid and d.adnum operator(pg_catalog.=) a.attnum
       where a.attgenerated operator(pg_catalog.=) 'v'
     )
     select pg_catalog.md5(pg_catalog.concat_ws('|', ${settings.join(', ')})) as settings,
       (select pg_catalog.md5(coalesce(pg_catalog.string_agg(text, ';' order by text), '')) from view) as views,
       (select pg_catalog.md5(pg_catalog.string_agg(text, ';' order by text collate pg_catalog."C")) from computed) as computed,
       (select pg_catalog.string_agg(text, ';') from view) as text`,
  )
  const { computed } = row ?? {}
  const functions = await functionsCalled(reader, [...texts, String(row?.['text'] ?? '')])
  return {
    settings: String(row?.['settings']),
    views: String(row?.['views']),
    ...(typeof computed === 'string' && { computed }),
    ...(functions !== undefined && { functions }),
  }
}

/** What has a parenthesis behind it, as a call has; some of them are none. */
const called = /("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)\s*\(/gu

/**
 * All of a name are taken, whatever their schema and arguments: to read all again without need is dear, not to do it where
 * it is needed is wrong.
 * @returns a hash of what they are; undefined: there are none of the database's own
 */
async function functionsCalled(
  reader: Pick<Reader, 'query'>,
  texts: readonly string[],
): Promise<string | undefined> {
  const asked = new Set<string>()
  const definitions = new Set<string>()
  let names = namesIn(texts)
  while (names.length > 0) {
    for (const name of names) asked.add(name)
    const found = await reader.query(
      `select case when p.prokind operator(pg_catalog.=) 'a'
           then pg_catalog.concat(p.oid::pg_catalog.regprocedure, ' ', a.aggtransfn, '() ', a.aggfinalfn, '() ', a.agginitval)
           else pg_catalog.pg_get_functiondef(p.oid) end as text
       from pg_catalog.pg_proc p
         join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) p.pronamespace
         left join pg_catalog.pg_aggregate a on a.aggfnoid operator(pg_catalog.=) p.oid
       where p.proname operator(pg_catalog.=) any (array[${names.map(quoteText).join(', ')}]::pg_catalog.name[])
         and n.nspname operator(pg_catalog.<>) all (array['pg_catalog', 'information_schema']::pg_catalog.name[])`,
    )
    const defined = found.map(({ text }) => String(text))
    for (const text of defined) definitions.add(text)
    names = namesIn(defined).filter((name) => !asked.has(name))
  }
  if (definitions.size === 0) return undefined
  const text = [...definitions].toSorted().join(';')
  return new Bun.CryptoHasher('sha256').update(text).digest('hex').slice(0, 16)
}

function namesIn(texts: readonly string[]): string[] {
  const names = texts.flatMap((text) => [...text.matchAll(called)].map(([, name = '']) => plain(name)))
  return [...new Set(names)]
}

/** The name that the catalog has: what is not quoted is in small letters. */
function plain(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
}
