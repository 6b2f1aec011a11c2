/** That a script which the compiler refuses loads nothing, where there is a compiler to ask. */
import { dirname, join, relative } from 'node:path'
import { projectOf } from '../declare/project.ts'
import { Failure } from '../failure/failure.ts'
import { type ScriptTypeError, typeErrors } from './type-errors.ts'

/**
 * Asks only about scripts of a project: elsewhere nobody knows what belongs to one.
 * @param warn is told if the compiler did not come to an answer, which holds up no load
 * @param ask once for several scripts, where one process loads them
 * @throws Failure (3) for what it refuses in the script, or in what scripts share
 */
export async function requireTypes(
  warn: (message: string) => void,
  main = Bun.main,
  ask: typeof typeErrors = typeErrors,
): Promise<void> {
  const project = projectOf(main)
  if (project === undefined) return
  const script = relative(project.folder, main)
  // What is no other script may be imported by this one.
  const isShared = (file: string) => dirname(join(project.folder, file)) !== project.scripts
  const errors = await ask(project).catch(({ message }: Error) =>
    warn(`The compiler could not check the types of ${script}: ${message}`),
  )
  const own = (errors ?? []).filter(({ file }) => file === script || isShared(file))
  if (own.length > 0) throw refusedByCompiler(script, own)
}

/** @param errors one at least */
export function refusedByCompiler(script: string, errors: readonly ScriptTypeError[]): Failure {
  const [first, ...others] = errors
  const place = first?.file === script ? `in line ${first.line}` : `in line ${first?.line} of ${first?.file}`
  const more = others.length === 0 ? '' : `, and ${others.length} more`
  return new Failure({
    exit: 3,
    act: 'use the script',
    thing: script,
    reason: `it does not compile: ${place}, ${first?.message}${more}`,
    advice: 'Correct it; bun run check:types shows all that is wrong.',
  })
}
