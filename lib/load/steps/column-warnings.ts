/** What a load has to say of columns: one line, however many they are. */
import { describeNearest } from '../../declare/nearest.ts'
import { formatSource } from '../../declare/selection.ts'
import type { Table } from '../../declare/table.ts'
import { ignoreEntry } from '../../postgres/declaration-of.ts'
import type { Taken } from '../../postgres/fingerprint.ts'

/** Characters that names may take of a line. */
const mostLetters = 600

/** @param extra columns of the source that the script does not read, in the source's names */
export function unreadWarning(table: Table, extra: readonly string[]): string[] {
  const [first] = extra
  if (first === undefined) return []
  const names = shortened([...table.ignore, ...extra].map(ignoreEntry), ', ')
  const source = formatSource(table.source)
  const [unread, them] =
    extra.length === 1
      ? [`${first} of ${source} is not exported`, 'it']
      : [`${extra.length} columns of ${source} are not exported`, 'them']
  const write = `ignore: [${names.text}]`
  const rest = names.left === 0 ? '' : ` and ${names.left} more, which checks/schema.ts lists`
  return [`${unread}; declare ${them}, or write in scripts/${table.name}.ts ${write}${rest}`]
}

/** @param unknown what the script ignores, and the source does not have */
export function ignoredWarning(
  table: Table,
  unknown: readonly string[],
  source: readonly { readonly name: string }[],
): string[] {
  if (unknown.length === 0) return []
  const known = source.map(({ name }) => name)
  const { text, left } = shortened(
    unknown.map((name) => `"${name}"${describeNearest(name, known)}`),
    '; ',
  )
  const more = left === 0 ? '' : `; and ${left} more`
  return [`${formatSource(table.source)} does not have what scripts/${table.name}.ts ignores: ${text}${more}`]
}

/** @param lossy values that lossy columns have let pass, by column */
export function lossyWarnings(table: Table, lossy: Readonly<Record<string, number>>): string[] {
  const fate = ([name]: readonly [string, number]) => {
    const column = table.columns[name]
    return (column?.element ?? column)?.lossy === 'null' ? 'are null there' : 'were clamped'
  }
  return [...Map.groupBy(Object.entries(lossy), fate)].map(([what, columns]) => {
    const [first, ...others] = columns.map(([name, values]) => `${values} values of ${name}`)
    const { text, left } = shortened(
      [first ?? '', ...others.map((each) => each.replace('values of ', 'of '))],
      ', ',
    )
    return `${text}${left === 0 ? '' : ` and of ${left} more columns`} have no place in the lake and ${what}`
  })
}

/** Takes as many as the line has room for, one at least. */
function shortened(
  names: readonly string[],
  separator: string,
): { readonly text: string; readonly left: number } {
  let length = 0
  const shown = names.filter((name, at) => {
    length += name.length + separator.length
    return at === 0 || length <= mostLetters
  })
  return { text: shown.join(separator), left: names.length - shown.length }
}

/** One at the most: which columns the fingerprint is of no use for. */
export function unstableWarning(taken: Taken | undefined): string[] {
  if (taken === undefined) return []
  const { fingerprints, volatile } = taken
  const unstable = Object.entries(fingerprints).filter(([, fingerprint]) => fingerprint.unstable)
  if (unstable.length === 0) return []
  const { text, left } = shortened(
    unstable.map(([name]) => name),
    ', ',
  )
  const columns = `${text}${left === 0 ? '' : ` and ${left} more columns`}`
  const why = volatile.length === 0 ? '' : `: it calls ${shortened(volatile, ', ').text}`
  return [
    `checks/columns.ts cannot compare ${columns}, as the source gives other values each time it is read${why}`,
  ]
}
