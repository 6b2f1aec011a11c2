/** What a load has to tell readers of its table beside its rows. */
import { readFile } from 'node:fs/promises'
import { docComments } from '../declare/doc-comments.ts'
import { type Documentation, documentationOf } from '../declare/documentation.ts'
import type { Table } from '../declare/table.ts'
import type { Source } from '../postgres/source.ts'

/** @param script absolute path; undefined, or not there: only options and Postgres say something */
export async function documentationFor(
  table: Table,
  { comments }: Pick<Source, 'comments'>,
  script: string | undefined,
): Promise<Documentation> {
  const text = script === undefined ? '' : await readFile(script, 'utf8').catch(() => '')
  return documentationOf(table, docComments(text), comments)
}
