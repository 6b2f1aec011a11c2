/**
 * The settings of a session that reads.
 *
 * What a query means hangs on many of them: which table a name is, what day it is, which of 3/4 is the month. So views,
 * queries and conditions are read under the settings of the role and its database, as that role's psql reads them.
 * Dracula's own queries, and tables whose rows are just there, are read under settings of its own: what it asks is
 * then the same everywhere, and so is the text of a value.
 */

import type { Selection } from '../declare/selection.ts'
import type { Reader } from './connect.ts'
import { asRole, forgetOthers } from './lent-connection.ts'
import type { Source } from './source.ts'
import type { Timeouts } from './timeouts.ts'
import { timeoutSettings, timeoutStatements } from './timeouts.ts'

/** Settings under which everything is read: none changes what a value means, and each could lose rows or their order. */
const always: Readonly<Record<string, string>> = {
  // A policy becomes an error. With it on, COPY and count(*) both return fewer rows, and agree.
  row_security: 'off',
  client_encoding: 'UTF8',
  // Anything else makes a condition that a GIN index answers lose rows at random.
  gin_fuzzy_search_limit: '0',
  // A scan would begin where another one is just then, and the same rows come in another order.
  synchronize_seqscans: 'off',
}

/** Those that Dracula's own SQL hangs on, or the text form of a value. */
const own = {
  // Nobody else's functions and operators. Temporary tables would come first if they were not named.
  search_path: 'pg_catalog, pg_temp',
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  // The shortest text that is exact (since PostgreSQL 12).
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_monetary: 'C',
  quote_all_identifiers: 'off',
  array_nulls: 'on',
  standard_conforming_strings: 'on',
} as const

/** A setting whose value in the role's session may be another than Dracula's. */
export type OwnSetting = keyof typeof own

export const ownSettings = Object.keys(own) as readonly OwnSetting[]

/** Settings that a view, a query or a condition may hang on besides, with what a server mostly has. They are the role's always. */
export const meaningSettings: Readonly<Record<string, string>> = {
  transform_null_equals: 'off',
  xmlbinary: 'base64',
  xmloption: 'content',
  default_text_search_config: 'pg_catalog.english',
  lc_numeric: 'C',
  lc_time: 'C',
  timezone_abbreviations: 'Default',
}

/** Where a text of the table shows a name, as a regclass does, it leaves out the schema if that is one of these. */
export const searchPathOfText = 'pg_catalog, public'

export interface TransactionOptions extends Timeouts {
  readonly isolation: 'repeatable read' | 'read committed'
  /** Where the transaction is not to take its snapshot yet: `settle` is to be its first query then. False by default. */
  readonly snapshotLater?: boolean
}

/** Begins a transaction that only reads, with timeouts of its own before anything in it can wait. */
export function beginStatements({
  isolation,
  snapshotLater = false,
  ...timeouts
}: TransactionOptions): string {
  return [
    `begin isolation level ${isolation} read only`,
    asRole,
    timeoutStatements(timeouts),
    setLocal(always),
    setLocal(own),
    ...(snapshotLater ? [] : [settle]),
  ].join('; ')
}

/** A query, as `forgetOthers`, after which all settings but Dracula's own are those of the role and its database. */
export const settle = forgetOthers([...Object.keys(always), ...ownSettings, ...timeoutSettings])

/** Statements for a transaction that another client began, and in which the role's own settings stay. */
export function sourceStatements(timeouts: Timeouts): string {
  return [asRole, timeoutStatements(timeouts), setLocal(always)].join('; ')
}

/** Its first query, as `settle`: Dracula has set nothing else there. */
export const settleSource = forgetOthers([...Object.keys(always), ...timeoutSettings])

/** Runs it under the settings of the role and its database, as far as they mean anything. An error ends the transaction. */
export async function underRoleSettings<T>(reader: Reader, work: () => Promise<T>): Promise<T> {
  return under(reader, await roleSettings(reader), work)
}

export interface ReadingOptions {
  /** Whether the rows are to come in the same order each time. */
  readonly ordered?: boolean
  /** What the rows are a range of: the table's blocks, or the values of a column; null or absent: they are all. */
  readonly by?: 'blocks' | 'values' | null
}

/**
 * Runs what reads the rows of a source: under the role's settings where they mean something.
 *
 * A table's rows come in the order they are stored in: no workers share the reading, and without a condition no index
 * takes the table's place. Those of a condition, a view or a query come as the plan gives them, which mostly is the same
 * order each time; a view may be many times slower without workers, so they stay.
 */
export async function underSettingsOf<T>(
  reader: Reader,
  selection: Pick<Selection, 'where'>,
  source: Pick<Source, 'kind' | 'evaluated'>,
  work: () => Promise<T>,
  options: ReadingOptions = {},
): Promise<T> {
  return under(reader, await settingsOf(reader, selection, source, options), work)
}

/** What gives the answers of `query` under those settings, each by one message: three take three times the network's time. */
export function queryUnderSettingsOf(
  reader: Reader,
  selection: Pick<Selection, 'where'>,
  source: Pick<Source, 'kind' | 'evaluated'>,
  options: ReadingOptions = {},
): Pick<Reader, 'query'> {
  return {
    async query(sql) {
      const { before, after } = await settingsOf(reader, selection, source, options)
      return reader.query(`${before}; ${sql}; ${after}`)
    },
  }
}

async function settingsOf(
  reader: Reader,
  selection: Pick<Selection, 'where'>,
  source: Pick<Source, 'kind' | 'evaluated'>,
  { ordered = false, by = null }: ReadingOptions,
): Promise<Around> {
  const { search_path } = own
  const meaning = hasMeaning(selection, source)
    ? await roleSettings(reader)
    : { before: setLocal({ search_path: searchPathOfText }), after: setLocal({ search_path }) }
  const inOrder = {
    ...(ordered && orderSettings(selection, source, by)),
    ...(by === 'blocks' && blockSettings(selection)),
  }
  return {
    before: `${meaning.before}; ${setLocal(inOrder)}`,
    after: `${meaning.after}; ${toDefault(Object.keys(inOrder))}`,
  }
}

const stored: ReadonlySet<string> = new Set(['table', 'partitioned', 'materialised view', 'tenants'])

function orderSettings(
  { where }: Pick<Selection, 'where'>,
  { kind }: Pick<Source, 'kind'>,
  by: ReadingOptions['by'],
): Readonly<Record<string, string>> {
  if (!stored.has(kind)) return {}
  const serial = { max_parallel_workers_per_gather: '0' }
  return where === undefined && (by !== 'values' || kind === 'tenants')
    ? { ...serial, enable_indexscan: 'off', enable_indexonlyscan: 'off' }
    : serial
}

/** The plan is to find the blocks, and not to look at all of them; a condition may have another that is better. */
function blockSettings({ where }: Pick<Selection, 'where'>): Readonly<Record<string, string>> {
  return { enable_tidscan: 'on', ...(where === undefined && { enable_seqscan: 'off' }) }
}

/** Whether what it gives depends on more than the rows that are stored. */
export function hasMeaning(
  { where }: Pick<Selection, 'where'>,
  { evaluated }: Pick<Source, 'evaluated'>,
): boolean {
  return where !== undefined || evaluated
}

/** Statements ahead of some work, and those that undo them. */
interface Around {
  readonly before: string
  readonly after: string
}

async function roleSettings(reader: Reader): Promise<Around> {
  const { DateStyle: _, ...others } = own
  // The reader's own client has set a DateStyle when it connected, and that is what DEFAULT stands for here.
  const dateStyle = setLocal({ DateStyle: await reader.roleDateStyle() })
  return { before: `${toDefault(Object.keys(others))}; ${dateStyle}`, after: setLocal(own) }
}

/** One message before and one after it: each may take as long as the network does. */
async function under<T>(reader: Reader, { before, after }: Around, work: () => Promise<T>): Promise<T> {
  await reader.query(before)
  const result = await work()
  await reader.query(after)
  return result
}

function setLocal(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `set local ${name} to ${literal(name, value)}`)
    .join('; ')
}

function toDefault(names: readonly string[]): string {
  return names.map((name) => `set local ${name} to default`).join('; ')
}

/** Only search_path takes a list of names, which quotes would make one name. */
function literal(name: string, value: string): string {
  return name === 'search_path' ? value : `'${value}'`
}
