/** A script's text, in the form that the project's formatter leaves as it is. */

import { grain } from '../../declare/grain.ts'
import { importLine, propertyLines } from '../../declare/source-form.ts'
import { stringLiteral } from '../../postgres/declaration-of.ts'
import { variableName } from '../../postgres/legal-name.ts'
import * as vocabulary from '../../table.ts'
import type { Draft } from './draft.ts'

export interface ScriptParts {
  /** In the lake. */
  readonly name: string
  /** The source where it is not `public.<name>`. */
  readonly from: string | undefined
  /** The name of the source it is in; undefined: it has none. */
  readonly connection: string | undefined
  /** The relation's own comment. */
  readonly comment: string | undefined
  readonly columns: readonly Draft[]
  /** Where the script imports these from. */
  surface(module: 'run' | 'table'): string
}

export function scriptText({ name, from, connection, comment, columns, surface }: ScriptParts): string {
  const imported = Object.keys(vocabulary).filter(
    (word) => word === 'table' || columns.some(({ line }) => calls(line, word)),
  )
  const variable = variableName(name, [...imported, 'run'])
  return `#!/usr/bin/env bun
${importLine(['run'], surface('run'))}
${importLine(imported.toSorted(), surface('table'))}

${docstring(comment)}
const ${variable} = table({
${propertyLines(`name: ${JSON.stringify(name)},`, 2)}${from === undefined ? '' : `\n${propertyLines(`from: ${stringLiteral(from)},`, 2)}`}${connection === undefined ? '' : `\n  source: '${connection}',`}
  columns: {
${columns.flatMap(({ notes, line }) => [...notes.flatMap(commentLines), propertyLines(line, 4)]).join('\n')}
  },
})

export default ${variable}

if (import.meta.main) await run(${variable})
`
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
