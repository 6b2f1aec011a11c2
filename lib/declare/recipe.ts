/**
 * What a script makes of its source's rows, part by part: two loads of equal parts make the same of the same rows. What a
 * function calls of another file, or has closed over, is not in it.
 */
import { codePart } from './code-beside.ts'
import type { Table } from './table.ts'

/**
 * A hash by part: `rows`, `filter`, `lookups`, `column amount` by its name in the source, `row.sum` by what functions call it,
 * `derived total`. Which column of the lake that is, the lake knows itself.
 */
export type Recipe = Readonly<Record<string, string>>

export function recipeOf(table: Table): Recipe {
  const { source, where, filter, lookups, columns, derive, incremental, partitionBy } = table
  const sourceOf = (name: string | undefined) => name && (columns[name]?.source ?? name)
  const parts: Record<string, unknown> = {
    rows: source.tenants === undefined ? { query: source.query, where } : { tenants: source.tenants, where },
    ...(filter && { filter }),
    ...(Object.keys(lookups).length > 0 && { lookups: declaredLookups(lookups) }),
    key: sourceOf(incremental?.key),
    changed: sourceOf(incremental?.changed),
    partitionBy,
  }
  for (const [name, { source: read = name, lossy, element, protection }] of Object.entries(columns)) {
    // One that is read twice is hidden in one place, it may be, and not in the other.
    const first = `column ${read}`
    const part = Object.hasOwn(parts, first) ? `${first} as ${name}` : first
    parts[part] = { lossy: lossy ?? element?.lossy, protection }
  }
  if (filter !== undefined || Object.keys(derive).length > 0) {
    for (const name of Object.keys(columns)) parts[`row.${name}`] = sourceOf(name)
  }
  for (const [name, { type, value }] of Object.entries(derive)) {
    parts[`derived ${name}`] = type.protection === undefined ? value : { value, hidden: type.script }
  }
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, hashOf(part)]))
}

/** @param form of the source, by kind: what each of its things is, by name */
export function storedParts(
  form: Readonly<Record<'tables' | 'columns' | 'labels', Readonly<Record<string, string>>>>,
): Recipe {
  return Object.fromEntries(
    Object.entries(form).flatMap(([kind, things]) =>
      Object.entries(things).map(([name, is]) => [`stored ${kind} ${name}`, is]),
    ),
  )
}

/** What of the source such a part is; undefined: it is none. */
export function storedPart(part: string): { readonly kind: string; readonly name: string } | undefined {
  const [, kind, name] = /^stored (\w+) (.*)$/s.exec(part) ?? []
  return kind === undefined || name === undefined ? undefined : { kind, name }
}

/** Who the tenants are is not in it: one that comes or goes changes nothing of what is made of the others' rows. */
function declaredLookups(lookups: Table['lookups']): object {
  const declared = Object.entries(lookups).map(([name, { namesSchema: _, ...lookup }]) => {
    const { tenants } = lookup.source
    return [name, tenants === undefined ? lookup : { ...lookup, source: { tenants } }]
  })
  return Object.fromEntries(declared)
}

/**
 * The first part that makes something else of rows than before; undefined: there is none. A column that is new, or gone, or
 * has another type, is none: a lake knows what becomes of it. So with what is stored: a label that is new is in no row that
 * stays.
 */
export function changedPart(before: Recipe, now: Recipe): string | undefined {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].find((name) => {
    const mayComeAndGo = /^(?:column |row\.)/.test(name) || storedPart(name) !== undefined
    if (mayComeAndGo && (before[name] === undefined || now[name] === undefined)) return false
    // What is not written any more is not wrong where it stays.
    if ((name.startsWith('derived ') || name === codePart) && now[name] === undefined) return false
    return before[name] !== now[name]
  })
}

function hashOf(part: unknown): string {
  const text = JSON.stringify(part, plain) ?? ''
  return new Bun.CryptoHasher('sha256').update(text).digest('hex').slice(0, 16)
}

function plain(_: string, value: unknown): unknown {
  if (typeof value === 'function') return String(value)
  return typeof value === 'bigint' ? `${value}n` : value
}
