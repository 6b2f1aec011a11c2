/** What a table and its columns are for, in words: a column's `doc`, and the table's property `comment`. */
import { currentSchema, type TableMetadata } from './metadata.ts'
import type { Field, Schema } from './schema.ts'

export interface Docs {
  readonly comment: string | undefined
  /** By the column's name. */
  readonly columns: Readonly<Record<string, string>>
}

export function docsOf(metadata: TableMetadata): Docs {
  const docs = currentSchema(metadata).fields.flatMap(({ name, doc }) => (doc ? [[name, doc]] : []))
  return { comment: metadata.properties?.['comment'] || undefined, columns: Object.fromEntries(docs) }
}

/**
 * Ids stay, and with them all files; words are a schema of their own all the same.
 * @param written the schemas of the version it is made of: another is as if it had never been
 */
export function withDocs(
  metadata: TableMetadata,
  { comment, columns }: Docs,
  written: readonly Schema[],
): TableMetadata {
  const { comment: _, ...others } = metadata.properties ?? {}
  const properties = comment === undefined ? others : { ...others, comment }
  const schema = currentSchema(metadata)
  const fields = schema.fields.map(({ doc: __, ...field }): Field => {
    const doc = Object.hasOwn(columns, field.name) ? columns[field.name] : undefined
    return doc === undefined ? field : { ...field, doc }
  })
  const same = written.find((each) => Bun.deepEquals(each.fields, fields))
  const id = 1 + Math.max(-1, ...written.map((each) => each['schema-id']))
  const documented = same ?? { ...schema, 'schema-id': id, fields }
  return {
    ...metadata,
    properties,
    schemas: same === undefined ? [...written, documented] : written,
    'current-schema-id': documented['schema-id'],
  }
}
