/** Files of `scripts/` that are no tables, told with what they are to be. */
import { dirname, join, relative } from 'node:path'
import { Failure } from '../failure/failure.ts'
import { nearestProject, ownFolder } from './project.ts'

/** A script that declares no table of its own name, or does more than that. */
export function unusableScript(name: string, reason: string, advice = endsWith(name)): Failure {
  return new Failure({
    exit: 3,
    act: 'use the script',
    thing: `scripts/${name}.ts`,
    reason: reason.replace(/[.\s]+$/, ''),
    advice,
  })
}

function endsWith(name: string): string {
  return `It is to end with: export default ${name}, a table() of that name. What scripts share belongs in scripts/shared/.`
}

/** @param error thrown while the script was read or evaluated, as by a declaration that cannot be */
export function brokenScript(name: string, error: unknown): Failure {
  if (error instanceof Failure) return error
  const message = error instanceof Error ? error.message : String(error)
  const [, reason = message, advice = `Correct scripts/${name}.ts.`] = /^(.+?)\. (.+)$/s.exec(message) ?? []
  const place = placeOf(error)
  const where = place === undefined ? '' : ` (${place})`
  return new Failure({
    exit: 3,
    act: 'use the script',
    thing: `scripts/${name}.ts`,
    reason: `${reason.replace(/[.\s]+$/, '').replace(/\s*\n\s*/g, ' ')}${where}`,
    advice,
    cause: error,
  })
}

/** `line 12 of scripts/orders.ts`, where the parser stopped or the script called what threw; undefined: nobody knows. */
function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { file, line } = Object(Reflect.get(error, 'position'))
  if (typeof file === 'string' && typeof line === 'number') return `line ${line} of ${fromProject(file)}`
  const frames = (error.stack ?? '').matchAll(/\(?((?:\/|[A-Za-z]:\\)[^():]*\.ts):(\d+)(?::\d+)?\)?$/gm)
  for (const [, path = '', at] of frames) {
    if (!path.startsWith(join(ownFolder, 'lib'))) return `line ${at} of ${fromProject(path)}`
  }
  return undefined
}

function fromProject(path: string): string {
  const project = nearestProject(dirname(path))
  return project === undefined ? path : relative(project, path)
}
