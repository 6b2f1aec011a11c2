/**
 * Where a table's objects are: `<prefix>/<table>/<load>/…`, `<prefix>/<table>/_loads/<load>.json` and
 * `<prefix>/<table>/_rollbacks/<rollback>.json`.
 */
import { loadTime } from '../load-id.ts'

/** Key prefix of everything of one table; ends with a slash. */
export function tableFolder(prefix: string, table: string): string {
  return prefix === '' ? `${table}/` : `${prefix}/${table}/`
}

/** Key prefix of one load's files; ends with a slash. */
export function loadFolder(prefix: string, table: string, load: string): string {
  return `${tableFolder(prefix, table)}${load}/`
}

/** Key of the record a load leaves before it publishes. */
export function recordKey(prefix: string, table: string, load: string): string {
  return `${tableFolder(prefix, table)}_loads/${load}.json`
}

/** Key prefix of the records that rollbacks leave; nothing ever removes one of a rollback that was published. */
export function rollbacksFolder(prefix: string, table: string): string {
  return `${tableFolder(prefix, table)}_rollbacks/`
}

/** @param rollback a name as loads have them */
export function rollbackKey(prefix: string, table: string, rollback: string): string {
  return `${rollbacksFolder(prefix, table)}${rollback}.json`
}

/** Whose record this key is; undefined: no rollback's. */
export function rollbackOf(key: string, folder: string): string | undefined {
  const [, name = ''] = /^_rollbacks\/([^/]+)\.json$/.exec(key.slice(folder.length)) ?? []
  return key.startsWith(folder) && loadTime(name) !== undefined ? name : undefined
}

/** What a crawl of the load's folder names the table: the crawler's prefix, then the folder. */
export function stagedName(table: string, load: string): string {
  return `${table}__${load}`
}

/** A table has a crawler of its own. */
export function crawlerName(glueDatabase: string, table: string): string {
  return `dracula-${glueDatabase}-${table}`
}

/** Whose file or record this key is; undefined: neither, so Dracula has not written it. */
export function ownerOf(
  key: string,
  folder: string,
): { readonly load: string; readonly kind: 'file' | 'record' } | undefined {
  if (!key.startsWith(folder)) return undefined
  const [first = '', second = '', ...rest] = key.slice(folder.length).split('/')
  if (first === '_loads') {
    const load = second.replace(/\.json$/, '')
    const record = second.endsWith('.json') && rest.length === 0 && loadTime(load) !== undefined
    return record ? { load, kind: 'record' } : undefined
  }
  return loadTime(first) !== undefined && key.slice(folder.length).includes('/')
    ? { load: first, kind: 'file' }
    : undefined
}
