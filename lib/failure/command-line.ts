/**
 * How a user starts Dracula's programs, for help and advice: `bun run all` in this repository, and `bun run dracula all` in
 * a project that has it as a package. `bunx dracula` would, where it is not installed, run somebody else's package.
 */
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dir, '../..')

/** Whether Dracula is a package that a project depends on, or was started by the command `dracula`. */
export const isCommand =
  root.split(/[/\\]/).includes('node_modules') || Bun.main === join(root, 'lib/commands/dracula.mjs')

/** @param words the command, with its arguments: `loads taxes` */
export function commandLine(words: string): string {
  return isCommand ? `bun run dracula ${words}` : `bun run ${words}`
}

/** @param words the check, with its arguments: `schema taxes` */
export function checkLine(words: string): string {
  if (isCommand) return commandLine(words)
  const [check, ...args] = words.split(' ')
  return [`bun checks/${check}.ts`, ...args].join(' ')
}
