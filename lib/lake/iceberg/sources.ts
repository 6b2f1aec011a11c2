/**
 * Which column of the source each column of an Iceberg table is read from: one that only has another name in the lake keeps
 * its id, and with it its values in files that stay.
 */
import type { Table } from '../../declare/table.ts'
import { currentSchema, type TableMetadata } from '../../iceberg/metadata.ts'
import type { Schema } from '../../iceberg/schema.ts'
import { lineageOf, snapshotOfLoad } from './lineage.ts'

/** By the name in the lake; null: the column is derived. */
export type Sources = ReadonlyMap<string, string | null>

/** A snapshot's summary and the table have it: in JSON, by ids, the sources of columns that are not called as theirs. */
const property = 'dracula.sources'

export function declaredSources({ output, columns }: Pick<Table, 'output' | 'columns'>): Sources {
  return new Map(
    Object.keys(output).map((name) => {
      const read = Object.hasOwn(columns, name) ? columns[name] : undefined
      return [name, read === undefined ? null : (read.source ?? name)]
    }),
  )
}

/** For the columns that the table has now, as that load has told whose rows readers see. */
export function sourcesIn(metadata: TableMetadata): Sources {
  const load = lineageOf(metadata)?.load.load
  const snapshot = load === undefined ? undefined : snapshotOfLoad(metadata, load)
  const told = toldIn((snapshot?.summary ?? metadata.properties)?.[property])
  return new Map(
    currentSchema(metadata).fields.map(({ id, name }) => [name, told.has(id) ? told.get(id)! : name]),
  )
}

function toldIn(text = '{}'): ReadonlyMap<number, string | null> {
  try {
    const told = JSON.parse(text) as Readonly<Record<string, string | null>>
    return new Map(Object.entries(told).map(([id, source]) => [Number(id), source]))
  } catch {
    return new Map()
  }
}

/** What a snapshot tells of the sources of its columns. */
export function sourceParameters({ fields }: Schema, sources: Sources): Record<string, string> {
  const others = fields.flatMap(({ id, name }) => {
    const source = sources.get(name) ?? null
    return source === name ? [] : [[id, source] as const]
  })
  return others.length === 0 ? {} : { [property]: JSON.stringify(Object.fromEntries(others)) }
}

/** Names that columns had until now, by those they have: they are read from what they were read from. */
export function renamedColumns(before: Sources, now: Sources): Record<string, string> {
  const stays = (name: string) => before.has(name) && before.get(name) === now.get(name)
  const free = new Map(
    [...before].flatMap(([name, source]) =>
      source === null || stays(name) ? [] : [[source, name] as const],
    ),
  )
  const renamed: [string, string][] = []
  for (const [name, source] of now) {
    const was = source === null || stays(name) ? undefined : free.get(source)
    if (source === null || was === undefined) continue
    free.delete(source)
    if (was !== name) renamed.push([name, was])
  }
  return Object.fromEntries(renamed)
}
