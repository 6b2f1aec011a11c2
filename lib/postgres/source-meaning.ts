/** What a source makes of stored rows besides the script: the views it reads, and the settings that they are read under. */
import type { Reader } from './connect.ts'
import { ownSettings } from './session-settings.ts'

/** A hash each, equal where the same rows come of the same stored ones. What functions do in their bodies is in neither. */
export interface SourceMeaning {
  readonly settings: string
  readonly views: string
}

/**
 * To be called under the settings that the source is read under, in a transaction that has planned to read it: whatever is
 * planned is locked, and so listed. All names bear their schema.
 * @throws the driver's error
 */
export async function readMeaning(reader: Pick<Reader, 'query'>): Promise<SourceMeaning> {
  const settings = ownSettings.map((name) => `pg_catalog.current_setting('${name}')`)
  const [row] = await reader.query(
    `select pg_catalog.md5(pg_catalog.concat_ws('|', ${settings.join(', ')})) as settings,
       pg_catalog.md5(coalesce(pg_catalog.string_agg(v.text, ';' order by v.text), '')) as views
     from (select distinct pg_catalog.concat(n.nspname, '.', c.relname, ' ', pg_catalog.pg_get_viewdef(c.oid)) collate pg_catalog."C" as text
       from pg_catalog.pg_locks l
         join pg_catalog.pg_class c on c.oid operator(pg_catalog.=) l.relation
         join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
       where l.pid operator(pg_catalog.=) pg_catalog.pg_backend_pid() and l.locktype operator(pg_catalog.=) 'relation'
         and c.relkind operator(pg_catalog.=) any (array['v', 'm']::pg_catalog."char"[])
         and n.nspname operator(pg_catalog.<>) 'pg_catalog') v`,
  )
  return { settings: String(row?.['settings']), views: String(row?.['views']) }
}
