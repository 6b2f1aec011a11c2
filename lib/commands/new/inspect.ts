/** All that a script is written from, read in one snapshot as a load would read it. */

import type { DatabaseConfig } from '../../config/config.ts'
import { parseRelationName, writeRelationName } from '../../declare/relation-name.ts'
import { Failure } from '../../failure/failure.ts'
import { readAnnotations } from '../../postgres/annotations.ts'
import { openReader, type Reader } from '../../postgres/connect.ts'
import { describeSource } from '../../postgres/describe.ts'
import { legalNames } from '../../postgres/legal-name.ts'
import { type Measured, measure } from '../../postgres/measure.ts'
import { readableColumns } from '../../postgres/readable-columns.ts'
import type { Relation } from '../../postgres/relation.ts'
import { relationsNamed, relationsOf } from '../../postgres/relations.ts'
import { beginStatements, underSettingsOf } from '../../postgres/session-settings.ts'
import { openSnapshot } from '../../postgres/snapshot.ts'
import type { Source } from '../../postgres/source.ts'
import { type Draft, draftColumn } from './draft.ts'

export interface Inspected {
  readonly relation: Relation
  readonly source: Source
  readonly comment: string | undefined
  readonly columns: readonly Draft[]
  /** What the values are like, by column in Postgres; undefined: nobody looked. */
  readonly measured: ReadonlyMap<string, Measured> | undefined
}

export interface InspectOptions {
  readonly database: DatabaseConfig
  readonly signal: AbortSignal
  /** Whether to read the rows for what types do not say. */
  readonly scan: boolean
}

const deadlineMs = 6 * 3_600_000

/** The catalog answers at once, or something is wrong. */
const lookingUp = { isolation: 'read committed', deadlineMs: 60_000 } as const

/** Read whole. */
const plain = { where: undefined }

/** Which columns to draft and to measure. */
export interface Choice {
  readonly columns: readonly string[]
  /** Names in the lake that columns have already, by their name in Postgres. */
  readonly named?: ReadonlyMap<string, string>
}

/**
 * @param choose all of the source's columns unless given
 * @throws Failure (3) if it cannot be declared, else as Postgres fails
 */
export async function inspect(
  relation: Relation,
  options: InspectOptions,
  choose = (source: Source): Choice => ({ columns: source.columns.map(({ name }) => name) }),
): Promise<Inspected> {
  return withReader(options, async (reader) => {
    await openSnapshot(reader, { relations: [relation], deadlineMs })
    const source = await describeSource(reader, relation)
    const thing = qualified(relation)
    if (source.columns.length === 0) throw withoutColumns(thing)
    const chosen = choose(source)
    const columns = source.columns.filter(({ name }) => chosen.columns.includes(name))
    const all = source.columns.map(({ name }) => name)
    const names = legalNames(all, chosen.named)
    const annotations = await readAnnotations(reader, relation)
    // A script can also name columns that this role may not read; only what is in them stays unknown.
    const readable = await readableColumns(reader, relation)
    const scanned = columns.filter(({ name }) => readable.has(name))
    const measured = options.scan
      ? await underSettingsOf(reader, plain, source, () => measure(reader, relation, scanned))
      : undefined
    return {
      relation,
      source,
      comment: annotations.comment,
      columns: columns.map((column) =>
        draftColumn(column, names.get(column.name) ?? column.name, {
          annotation: annotations.columns.get(column.name),
          measured: measured?.get(column.name),
        }),
      ),
      measured,
    }
  })
}

/**
 * The relation a user means: `name` in the schema public, `schema.name`, or a name of the schema given.
 * @throws Failure (2) for what is no name, (3) for none of that name, naming where else there is one
 */
export async function findRelation(
  given: string,
  schema: string | undefined,
  options: InspectOptions,
): Promise<Relation> {
  return withReader(options, async (reader) => {
    await reader.query(beginStatements(lookingUp))
    const whole = { schema: schema ?? 'public', name: given }
    const inSchema = (await relationsNamed(reader, given)).find((each) => each.schema === whole.schema)
    if (inSchema !== undefined) return inSchema
    const wanted = schema === undefined ? sourceName(given) : whole
    const alike = await relationsNamed(reader, wanted.name)
    const found = alike.find((each) => each.schema === wanted.schema)
    if (found !== undefined) return found
    throw new Failure({
      exit: 3,
      act: 'write a script for',
      thing: given,
      reason: `the database has no table or view ${qualified(wanted)}`,
      advice:
        alike.length > 0
          ? `Did you mean ${alike.map(spelled).join(' or ')}?`
          : 'Check the spelling, and which database DATABASE_URL names.',
    })
  })
}

/** @throws Failure (3) for a schema without tables */
export async function relationsIn(schema: string, options: InspectOptions): Promise<Relation[]> {
  const found = await withReader(options, async (reader) => {
    await reader.query(beginStatements(lookingUp))
    return relationsOf(reader, schema)
  })
  if (found.length > 0) return found
  throw new Failure({
    exit: 3,
    act: 'write scripts for the schema',
    thing: schema,
    reason: 'the database has no tables in it',
    advice: 'Name another with --schema, and check which database DATABASE_URL names.',
  })
}

function sourceName(given: string): Relation {
  try {
    return parseRelationName(given)
  } catch (cause) {
    throw new Failure({
      exit: 2,
      act: 'write a script for',
      thing: given,
      reason: 'it is not the name of a table',
      advice: 'Write name, schema.name or "my.schema"."my.table", quoted again for the shell.',
      cause,
    })
  }
}

/** Writes a relation as a user can give it, with its schema. */
function spelled(relation: Relation): string {
  const written = writeRelationName(relation)
  return relation.schema === 'public' ? `public.${written}` : written
}

export function qualified({ schema, name }: Relation): string {
  return `${schema}.${name}`
}

async function withReader<T>(
  { database, signal }: InspectOptions,
  read: (reader: Reader) => Promise<T>,
): Promise<T> {
  const reader = await openReader(database, { applicationName: 'dracula/new', signal })
  try {
    return await read(reader)
  } finally {
    await reader.close()
  }
}

function withoutColumns(thing: string): Failure {
  return new Failure({
    exit: 3,
    act: 'write a script for',
    thing,
    reason: 'it has no columns',
    advice: 'There is nothing in it to load.',
  })
}
