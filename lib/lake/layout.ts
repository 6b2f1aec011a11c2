/**
 * Where a table's objects are: `<prefix>/<table>/<load>/…`, `<prefix>/<table>/_loads/<load>.json`,
 * `<prefix>/<table>/_rollbacks/<rollback>.json`, and while several machines read a load `<prefix>/<table>/_slices/<fan-out>.json`
 * with `<prefix>/<table>/_slices/<load>/<note>.json`. Beside the tables, `<prefix>/_states/` has what was told of them.
 */
import { loadTime } from './load-id.ts'

/** Key prefix of everything of one table; ends with a slash. */
export function tableFolder(prefix: string, table: string): string {
  return prefix === '' ? `${table}/` : `${prefix}/${table}/`
}

/** Key of the page that shows all tables; no table has its folder there, as no name of one has a dot. */
export function pageKey(prefix: string): string {
  return prefix === '' ? 'report.html' : `${prefix}/report.html`
}

/** Key prefix of one load's files; ends with a slash. */
export function loadFolder(prefix: string, table: string, load: string): string {
  return `${tableFolder(prefix, table)}${load}/`
}

/** Key prefix of the records that loads leave; ends with a slash. */
export function recordsFolder(prefix: string, table: string): string {
  return `${tableFolder(prefix, table)}_loads/`
}

/** Key of the record a load leaves before it publishes. */
export function recordKey(prefix: string, table: string, load: string): string {
  return `${recordsFolder(prefix, table)}${load}.json`
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

/** Key prefix of what the machines of fan-outs tell each other. */
export function slicesFolder(prefix: string, table: string): string {
  return `${tableFolder(prefix, table)}_slices/`
}

/** Key of the plan of a fan-out, which says the load it makes. */
export function planKey(prefix: string, table: string, fanOut: string): string {
  return `${slicesFolder(prefix, table)}${fanOut}.json`
}

/** Key of a note of a load that several machines read. */
export function noteKey(
  prefix: string,
  table: string,
  { load, note }: { load: string; note: string },
): string {
  return `${slicesFolder(prefix, table)}${load}/${note}.json`
}

/** Which note of a load this key is, or which fan-out's plan; undefined: neither. */
export function noteOf(
  key: string,
  folder: string,
): { readonly load: string; readonly note: string } | { readonly fanOut: string } | undefined {
  if (!key.startsWith(`${folder}_slices/`) || !key.endsWith('.json')) return undefined
  const path = key.slice(`${folder}_slices/`.length, -'.json'.length).split('/')
  const [first = '', note] = path
  if (note === undefined) return { fanOut: first }
  return path.length === 2 && loadTime(first) !== undefined ? { load: first, note } : undefined
}

/** Key of what was told of a table, and of a check where no table is named. No table's folder has it, so no load removes it. */
export function stateKey(
  prefix: string,
  { table, check }: { readonly table?: string | undefined; readonly check?: string | undefined },
): string {
  const name = table === undefined ? `checks/${check ?? 'all'}` : `tables/${table}`
  return `${statesFolder(prefix)}${name}.json`
}

/** Key prefix of what was told of tables and of checks; ends with a slash. */
export function statesFolder(prefix: string): string {
  return `${prefix === '' ? '' : `${prefix}/`}_states/`
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
