/**
 * What a column read as text looks like may depend on the session's settings, as the same moment is another text in another
 * time zone. A view, query or condition is read under the role's settings, because of what it means; so where one of
 * those would change a text in the lake, the reading is refused, rather than the text or the meaning changed in silence.
 */

import { formatSource, type Selection } from '../declare/selection.ts'
import { Failure } from '../failure/failure.ts'
import type { Column } from '../types/type.ts'
import type { Reader } from './connect.ts'
import { declarationLine, renamed, typeOfSource } from './declaration-of.ts'
import { quoteName } from './relation.ts'
import { isReadAsText, rowsClause } from './select.ts'
import { hasMeaning, type OwnSetting, underRoleSettings, underSettingsOf } from './session-settings.ts'
import type { Source, SourceColumn } from './source.ts'

export interface FormDifference {
  readonly column: string
  /** `tstzrange` */
  readonly type: string
  /** That change its text; at least one. */
  readonly settings: readonly Differing[]
  /** The line that reads the column in a form of its own, where its type has one. */
  readonly paste: string | undefined
}

interface Differing {
  readonly setting: FormSetting
  /** Its value for the role, and in the lake. */
  readonly role: string
  readonly lake: string
}

type FormSetting = Exclude<OwnSetting, 'standard_conforming_strings'>

/** What shows whether two values of a setting print alike: as `ISO, DMY` prints dates like `ISO, MDY`. */
const samples: Readonly<Record<FormSetting, string>> = {
  TimeZone: `(
    select pg_catalog.array_agg(pg_catalog.date_part('timezone', at))::pg_catalog.text
    from (values ${[1800, 1900, 1941, 1975, 2000, 2025]
      .flatMap((year) => [`${year}-01-01`, `${year}-07-01`])
      .map((day) => `(pg_catalog.timestamptz '${day} 00:00:00+00')`)
      .join(', ')}) as moments (at)
  )`,
  DateStyle: `pg_catalog.date '2001-02-03'::pg_catalog.text`,
  IntervalStyle: `pg_catalog.make_interval(1, 0, 0, 2, -3)::pg_catalog.text`,
  extra_float_digits: `pg_catalog.float8 '0.30000000000000004'::pg_catalog.text`,
  bytea_output: `pg_catalog.decode('00ff', 'hex')::pg_catalog.text`,
  lc_monetary: `pg_catalog.array_to_string(array[1234567.89, -0.5]::pg_catalog.money[], ' ')`,
  search_path: `pg_catalog.current_schemas(true)::pg_catalog.text`,
  quote_all_identifiers: `pg_catalog.quote_ident('a')`,
  array_nulls: `('{null}'::pg_catalog.text[])[1] is null`,
}

/** Types by what their text depends on, as `pg_type.typname`; ranges, arrays and rows depend on what is in them. */
const dependent: Readonly<Record<Exclude<FormSetting, 'array_nulls'>, readonly string[]>> = {
  TimeZone: ['timestamptz'],
  DateStyle: ['timestamptz', 'timestamp', 'date'],
  IntervalStyle: ['interval'],
  extra_float_digits: ['float4', 'float8', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle'],
  bytea_output: ['bytea'],
  lc_monetary: ['money'],
  search_path: [
    'regclass',
    'regcollation',
    'regconfig',
    'regdictionary',
    'regoper',
    'regoperator',
    'regproc',
    'regprocedure',
    'regtype',
  ],
  quote_all_identifiers: [
    'regclass',
    'regcollation',
    'regconfig',
    'regdictionary',
    'regnamespace',
    'regoper',
    'regoperator',
    'regproc',
    'regprocedure',
    'regrole',
    'regtype',
  ],
}

/** Settings that show in the names of a database's objects only, which no type but Postgres' own prints. */
const ofNames: ReadonlySet<FormSetting> = new Set(['search_path', 'quote_all_identifiers'])

/** Types of extensions whose text is known to depend on nothing. What others do, only their authors know. */
const independent = new Set(
  'citext hstore ltree lquery ltxtquery geometry geography box2d box3d vector halfvec sparsevec ip4 ip4r ip6 ip6r ipaddress iprange isbn isbn13 ean13 semver'.split(
    ' ',
  ),
)

/** @throws Failure (3) naming column, type, setting and both values where the role's settings would change a text */
export async function requireTextForm(
  reader: Reader,
  selection: Selection,
  source: Pick<Source, 'kind' | 'evaluated' | 'columns'>,
  place: string,
): Promise<void> {
  const differences = await formDifferences(reader, selection, source)
  if (differences.length === 0) return
  const [row] = await reader.query(
    'select pg_catalog.quote_ident(session_user) as role, pg_catalog.quote_ident(current_database()) as database',
  )
  const settings = new Map(differences.flatMap((each) => each.settings).map((each) => [each.setting, each]))
  const statements = [...settings.values()].map(({ setting, lake }) => {
    const value = setting === 'search_path' ? lake : `'${lake}'`
    return `alter role ${row?.['role']} in database ${row?.['database']} set ${setting} to ${value};`
  })
  const lines = differences.flatMap(({ paste }) => paste ?? [])
  throw new Failure({
    exit: 3,
    act: 'read',
    thing: formatSource(selection.source),
    reason: differences.map((each) => `${each.column} ${describeForm(each)}`).join('; '),
    advice: [
      'Write the text itself in a query in from',
      `or run, if the source may then mean something else: ${statements.join(' ')}`,
      ...(lines.length === 0 ? [] : [`or write in ${place}: ${lines.join(' ')}`]),
    ].join(', '),
  })
}

/** What is wrong with a column, as a clause without its subject. */
export function describeForm({ type, settings }: FormDifference): string {
  const each = settings.map(
    ({ setting, role, lake }) => `${setting} ('${role}' for this role, '${lake}' in the lake)`,
  )
  return `is read as text, and that of ${type} depends on ${new Intl.ListFormat('en-GB').format(each)}`
}

/** Asks within the transaction that reads; there are none where Dracula's own settings apply. */
export async function formDifferences(
  reader: Reader,
  selection: Selection,
  source: Pick<Source, 'kind' | 'evaluated' | 'columns'>,
): Promise<FormDifference[]> {
  const found = new Map(source.columns.map((column) => [column.name, column]))
  const texts = Object.entries(selection.columns).flatMap(([name, column]) => {
    const type = found.get(column.source ?? name)
    return type !== undefined && isReadAsText(column, type) ? [{ name, column, type }] : []
  })
  if (texts.length === 0 || !hasMeaning(selection, source)) return []
  const differing = await differingSettings(reader)
  if (differing.length === 0) return []
  const parts = await partsOf(reader, selection, texts)
  return texts.flatMap(({ name, column, type }, at) => {
    const settings = differing.filter(({ setting }) => dependsOn(setting, column, type, parts.get(at) ?? []))
    if (settings.length === 0) return []
    const own = typeOfSource(type)
    const paste =
      own.includes('text') || column.element !== undefined
        ? undefined
        : declarationLine(name, renamed(own, column.source), column.nullable)
    return [{ column: name, type: type.type, settings, paste }]
  })
}

function dependsOn(
  setting: FormSetting,
  { element }: Column,
  type: SourceColumn,
  parts: readonly TypePart[],
): boolean {
  // A list whose elements are printed is read again as a list of texts, which this setting decides.
  if (setting === 'array_nulls') return element !== undefined && type.element?.output !== undefined
  // A row that is no named type may have anything in it.
  const unknown = (name: string) => name === 'record' || !(independent.has(name) || ofNames.has(setting))
  return parts.some(({ name, isKnown }) => (isKnown ? dependent[setting].includes(name) : unknown(name)))
}

/** Those that print otherwise under the role's settings than under Dracula's. */
async function differingSettings(reader: Reader): Promise<Differing[]> {
  const settings = Object.keys(samples) as FormSetting[]
  const columns = settings.map(
    (setting, at) =>
      `(${samples[setting]})::pg_catalog.text as sample_${at}, pg_catalog.current_setting('${setting}') as value_${at}`,
  )
  const ask = async () => (await reader.query(`select ${columns.join(', ')}`))[0] ?? {}
  const role = await underRoleSettings(reader, ask)
  const lake = await underSettingsOf(reader, { where: undefined }, { kind: 'table', evaluated: false }, ask)
  return settings.flatMap((setting, at) =>
    role[`sample_${at}`] === lake[`sample_${at}`]
      ? []
      : [{ setting, role: String(role[`value_${at}`]), lake: String(lake[`value_${at}`]) }],
  )
}

/** A type that the values of a column are made of. */
interface TypePart {
  /** `pg_type.typname` */
  readonly name: string
  /** Whether what its text depends on is known: it is Postgres' own, or an enum. */
  readonly isKnown: boolean
}

/** The parts of each column's type, by the column's place among `texts`. */
async function partsOf(
  reader: Reader,
  selection: Selection,
  texts: readonly { readonly name: string; readonly column: Column }[],
): Promise<ReadonlyMap<number, readonly TypePart[]>> {
  const names = texts.map(({ name, column }) => quoteName(column.source ?? name))
  const announced = await underRoleSettings(reader, () =>
    reader.describe(`select ${names.join(', ')} ${rowsClause(selection)} limit 0`),
  )
  const values = announced.map(({ type }, at) => `(${at}, ${type}::oid)`)
  const rows = await reader.query(`
    with recursive part (at, type) as (
      values ${values.join(', ')}
      union
      select part.at, inner_type.oid
      from part
        join pg_catalog.pg_type t on t.oid = part.type
        cross join lateral (
          select t.typbasetype where t.typtype = 'd'
          union all
          select t.typelem where t.typelem <> 0 and t.typlen = -1
          union all
          select r.rngsubtype from pg_catalog.pg_range r
          where r.rngtypid = t.oid or pg_catalog.to_jsonb(r) ->> 'rngmultitypid' = t.oid::text
          union all
          select a.atttypid from pg_catalog.pg_attribute a
          where a.attrelid = t.typrelid and t.typrelid <> 0 and a.attnum > 0 and not a.attisdropped
        ) as inner_type (oid)
    )
    select distinct part.at, t.typname::text as name,
      t.typtype = 'e' or n.nspname = 'pg_catalog' and t.typtype = 'b' as known
    from part
      join pg_catalog.pg_type t on t.oid = part.type
      join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where t.typtype in ('b', 'e', 'p') and not (t.typelem <> 0 and t.typlen = -1)`)
  const parts = rows.map((row) => ({
    at: Number(row['at']),
    name: String(row['name']),
    isKnown: row['known'] === true,
  }))
  return Map.groupBy(parts, ({ at }) => at)
}
