/** A script's text, in the form that the project's formatter leaves as it is. */

import { grain } from '../../declare/grain.ts'
import { importLine, lineWidth, propertyLines } from '../../declare/source-form.ts'
import { ignoreEntry, stringLiteral } from '../../postgres/declaration-of.ts'
import { variableName } from '../../postgres/legal-name.ts'
import * as vocabulary from '../../table.ts'
import type { Placed } from './draft.ts'

export interface ScriptParts {
  /** In the lake. */
  readonly name: string
  /** The source where it is not `public.<name>`. */
  readonly from: string | undefined
  /** The name of the source it is in; undefined: it has none. */
  readonly connection: string | undefined
  /** The relation's own comment. */
  readonly comment: string | undefined
  readonly columns: readonly Placed[]
  /** Where the script imports these from. */
  surface(module: 'run' | 'table'): string
}

export function scriptText({ name, from, connection, comment, columns, surface }: ScriptParts): string {
  const imported = Object.keys(vocabulary).filter(
    (word) => word === 'table' || columns.some(({ line, isOut }) => !isOut && calls(line, word)),
  )
  const variable = variableName(name, [...imported, 'run'])
  return `#!/usr/bin/env bun
${importLine(['run'], surface('run'))}
${importLine(imported.toSorted(), surface('table'))}

${docstring(comment)}
const ${variable} = table({
${propertyLines(`name: ${JSON.stringify(name)},`, 2)}${from === undefined ? '' : `\n${propertyLines(`from: ${stringLiteral(from)},`, 2)}`}${connection === undefined ? '' : `\n  source: '${connection}',`}
  columns: {
${columns.flatMap(columnLines).join('\n')}
  },${ignoreLines(columns)}
})

export default ${variable}

if (import.meta.main) await run(${variable})
`
}

function columnLines({ notes, line, isOut, sensitivity }: Placed): string[] {
  const written = propertyLines(line, 4)
  if (!isOut) return [...notes.flatMap(commentLines), written]
  const what = sensitivity === 'secret' ? 'a secret' : 'personal data'
  const why = `Left out as ${what}, by name or comment; to have it, take it out of ignore too:`
  return [...[...notes, why].flatMap(commentLines), written.replace(/^ {4}/gm, '    // ')]
}

/** Whatever compares the script with its source is told of what is left out; empty: that is nothing. */
function ignoreLines(columns: readonly Placed[]): string {
  const entries = columns.flatMap(({ column, isOut }) => (isOut ? ignoreEntry(column) : []))
  if (entries.length === 0) return ''
  const line = `  ignore: [${entries.join(', ')}],`
  if (Bun.stringWidth(line) <= lineWidth) return `\n${line}`
  return `\n  ignore: [\n${entries.map((entry) => `    ${entry},\n`).join('')}  ],`
}

/** Whether the line's expression, beside names and strings, has the word. */
function calls(line: string, word: string): boolean {
  const expression = line.replace(/"(?:[^"\\]|\\.)*"|'[^']*'/g, '').replace(/^\w+: /, '')
  return new RegExp(`\\b${word}\\b`).test(expression)
}

function docstring(comment: string | undefined): string {
  if (comment === undefined) return `/** ${grain} */`
  const lines = wrapped(comment.replaceAll('*/', '* /'))
  return ['/**', ` * ${grain}`, ' *', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n')
}

function commentLines(note: string): string[] {
  return wrapped(note).map((line) => `    // ${line}`)
}

const widthOfComments = 100

/**
 * Whatever ends a line in TypeScript begins another comment, what turns the direction of writing is left out, and no
 * line begins as an instruction to the compiler or to Biome.
 */
function wrapped(text: string): string[] {
  const paragraphs = text.replace(/[\u202a-\u202e\u2066-\u2069]/g, '').split(/[\n\r\u2028\u2029]+/)
  return paragraphs.flatMap((paragraph) => {
    const lines: string[] = []
    for (const word of paragraph.split(/\s+/).filter((each) => each !== '')) {
      const last = lines.at(-1)
      if (last === undefined || last.length + 1 + word.length > widthOfComments) lines.push(word)
      else lines[lines.length - 1] = `${last} ${word}`
    }
    return lines.map((line) => line.replace(/^(?=@ts-|biome-ignore)/, '… '))
  })
}
