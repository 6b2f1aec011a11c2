/** Whether what somebody is told of a mistake of theirs is one clear line, in the words of every failure. */
import { CommanderError } from 'commander'
import { oneLine, reportFailure } from '../../lib/cli/reported-failure.ts'
import { DeclarationError } from '../../lib/declare/declaration.ts'
import { Failure } from '../../lib/failure/failure.ts'

const form = /^Cannot \S[^"]* ".*": .*\S\. [A-Z`].*\S$/s

/** @param secret that no line may have @returns what is wrong with it; undefined: nothing */
export function lineProblem(error: unknown, secret: string): string | undefined {
  const isTold =
    error instanceof Failure || error instanceof DeclarationError || error instanceof CommanderError
  // A declaration may be wrong by its types alone: those are told by the class, in the same words.
  const isType =
    (error instanceof TypeError || error instanceof RangeError) && /^Cannot declare "/.test(error.message)
  if (!isTold && !isType) return `threw ${error instanceof Error ? error.stack : String(error)}`
  const { summary, advice, exit } = reportFailure(error, new AbortController().signal, (text) => text)
  if (error instanceof Failure && exit !== 2) return `ends with ${exit}: ${summary}`
  const line = oneLine(error instanceof Failure ? `${summary}. ${advice}` : error.message)
  if (/[\p{Cc}\u2028\u2029]/u.test(line.replaceAll('\t', '')))
    return `is no single line: ${JSON.stringify(line)}`
  if (line.includes(secret)) return `tells a secret: ${line}`
  if (/\[object |\.ts:\d+/.test(line)) return `speaks of the program: ${line}`
  if (!(error instanceof CommanderError) && !form.test(line)) return `has another form: ${line}`
  return undefined
}
