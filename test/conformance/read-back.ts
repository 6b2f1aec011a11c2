/**
 * What a reader finds who knows nothing of Dracula: the table in Glue, its location or its Iceberg metadata, the files by
 * GET, and hyparquet for what is in them.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findTable } from '../../lib/aws/glue.ts'
import { listObjects } from '../../lib/aws/objects.ts'
import type { Table } from '../../lib/declare/table.ts'
import { bring, findLiveFiles } from '../iceberg/live-files.ts'
import { postgresWords, type Words } from '../support/postgres-words.ts'
import { readers } from '../support/readers.ts'
import type { Place } from './place.ts'

/** Rows as one text each, in the order of their ids. */
export type Rows = readonly string[]

/** @returns undefined: there is no such table */
export async function rowsRead(place: Place, table: Table): Promise<Rows | undefined> {
  const files = await filesOf(place, table.name)
  if (files === undefined) return undefined
  const folder = await mkdtemp(join(place.folder, 'read-'))
  try {
    const paths = await bring(
      place,
      files.map((uri) => ({ uri })),
      folder,
    )
    const rows: string[] = []
    for (const path of paths) rows.push(...rowsIn(await readers['hyparquet']!(path, table.columns)))
    return inOrder(rows)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What Postgres has now. */
export async function rowsHeld(place: Place, table: Table): Promise<Rows> {
  return inOrder(rowsIn(await postgresWords(place.sql, table.columns, table.name)))
}

/** `s3://bucket/key` of each file that readers read; undefined: there is no such table */
export async function filesOf({ aws, lake }: Place, table: string): Promise<readonly string[] | undefined> {
  const live = await findTable(aws, { database: lake.glueDatabase, table })
  if (live === undefined) return undefined
  if (live.Parameters?.['metadata_location'] !== undefined)
    return (await findLiveFiles({ aws }, table, lake.glueDatabase)).map(({ uri }) => uri)
  const [, bucket = '', prefix = ''] =
    /^s3:\/\/([^/]+)\/(.*)$/.exec(live.StorageDescriptor?.Location ?? '') ?? []
  return (await listObjects(aws, { bucket, prefix })).map(({ key }) => `s3://${bucket}/${key}`)
}

function rowsIn(words: Words): string[] {
  const columns = Object.values(words)
  return (columns[0] ?? []).map((_, row) => JSON.stringify(columns.map((values) => values[row] ?? null)))
}

/** The first column is the id. */
export function inOrder(rows: readonly string[]): Rows {
  const idOf = (row: string) => Number(/^\["(\d+)"/.exec(row)?.[1])
  return rows.toSorted((a, b) => idOf(a) - idOf(b))
}
