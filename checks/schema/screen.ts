/** Compared scripts for people: a line a table, and the lines to paste. */
import { textTable } from '../../lib/cli/text-table.ts'
import { inWordsOf } from '../../lib/config/config.ts'
import { ignoreEntry } from '../../lib/postgres/declaration-of.ts'
import type { ComparedSchema } from './compare.ts'

/** What to write, to remove and to ignore in one script. */
export function adviceFor({ table, source, status, differences }: ComparedSchema): string {
  if (status === 'no table') {
    const advice = `Correct \`name\` or \`from\` in scripts/${table}.ts, or check which database DATABASE_URL names.`
    return inWordsOf(source, advice)
  }
  const lines = byPlace(differences)
    .map(([place, pasted]) =>
      place === null ? pasted.join(' ') : `${pasted.join(' ')} in the lookup ${place}`,
    )
    .join(' and ')
  const removed = names(
    differences
      .filter(({ paste, or_ignore }) => paste === null && or_ignore === null)
      .map(({ column }) => column),
  )
  const ignored = differences.flatMap(({ or_ignore }) => or_ignore ?? [])
  const write = lines === '' ? [] : [`write ${lines}`]
  const remove = removed === '' ? [] : [`remove ${removed}`]
  const ignore = ignored.length === 0 ? '' : `; or to leave unread: ${ignoreLine(ignored)}`
  return `In scripts/${table}.ts ${[...remove, ...write].join(' and ')}${ignore}.`.replace(/,\.$/, ',')
}

export function screen(tables: readonly ComparedSchema[]): string {
  const verdicts = tables.map(({ table, status }) => [table, status === 'differs' ? 'DIFFERS' : status])
  const wrong = tables.filter(({ status }) => status !== 'ok')
  const noted = tables.flatMap(({ table, notes }) => notes.map((note) => `${table}: ${note}`))
  return [textTable(verdicts), ...wrong.map(details), ...(noted.length === 0 ? [] : [noted.join('\n')])].join(
    '\n\n',
  )
}

/** The lines to paste stand alone, to be copied. */
function details({ table, findings, differences }: ComparedSchema): string {
  const written = byPlace(differences).flatMap(([place, pasted]) => [
    place === null ? 'write' : `write in the lookup ${place}`,
    ...pasted.map((line) => `    ${line}`),
  ])
  const ignored = differences.flatMap(({ or_ignore }) => or_ignore ?? [])
  return [
    `scripts/${table}.ts`,
    ...findings.map((finding) => `  ${finding}`),
    ...written,
    ...(ignored.length === 0 ? [] : ['or, to leave unread', `  ${ignoreLine(ignored)},`]),
  ].join('\n')
}

/** Lines to paste, by the lookup they belong in; null: the table itself. */
function byPlace(differences: ComparedSchema['differences']): (readonly [string | null, string[]])[] {
  const pasted = differences.flatMap(({ lookup, paste }) => (paste === null ? [] : [{ lookup, paste }]))
  const grouped = Map.groupBy(pasted, ({ lookup }) => lookup)
  return [...grouped].map(([lookup, lines]) => [lookup, lines.map(({ paste }) => paste)])
}

function ignoreLine(columns: readonly string[]): string {
  return `ignore: [${columns.map(ignoreEntry).join(', ')}]`
}

function names(columns: readonly string[]): string {
  return new Intl.ListFormat('en-GB').format(columns)
}
