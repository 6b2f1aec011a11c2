/** A copy of the project, for tests of what its commands make of scripts. */
import { cp, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from './temporary.ts'

const root = join(import.meta.dir, '../..')

export interface Project extends AsyncDisposable {
  readonly path: string
  /** Starts one of its programs, and waits for its end. */
  run(program: string, args?: readonly string[], env?: Record<string, string>): Promise<Run>
}

export interface Run {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

/** A copy of the project with scripts of its own, by name: what its commands make of them. */
export async function openProject(scripts: Readonly<Record<string, string>>): Promise<Project> {
  const folder = await temporaryFolder()
  const { path } = folder
  for (const each of ['lib', 'checks', 'package.json', 'tsconfig.json'])
    await cp(join(root, each), join(path, each), { recursive: true })
  await symlink(join(root, 'node_modules'), join(path, 'node_modules'))
  await mkdir(join(path, 'scripts'))
  for (const [name, text] of Object.entries(scripts)) await Bun.write(join(path, 'scripts', name), text)
  return {
    path,
    async run(program, args = [], env = {}) {
      const child = Bun.spawn([process.execPath, join(path, program), ...args], {
        cwd: '/',
        env,
        stdin: 'ignore',
        stdout: 'pipe',
        stderr: 'pipe',
      })
      const [exit, stdout, stderr] = await Promise.all([
        child.exited,
        child.stdout.text(),
        child.stderr.text(),
      ])
      return { exit, stdout, stderr }
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

/** A script that declares a table of one column. @param more options of its table, or what comes behind it */
export function scriptOf(name: string, { options = '', behind = '' } = {}): string {
  return `#!/usr/bin/env bun
import { run } from '../lib/run.ts'
import { integer, lookup, nullable, numeric, table, text } from '../lib/table.ts'

/** One row per row. */
const ${name} = table({ name: '${name}', columns: { id: integer }, ${options} })
${behind}
export default ${name}
export const vocabulary = [lookup, nullable, numeric, text]

if (import.meta.main) await run(${name})
`
}
