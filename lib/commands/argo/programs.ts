/** Where the image has what pods start, seen from its folder of the project. */
import { relative } from 'node:path'
import { ownFolder, project } from '../../declare/project.ts'

/** @param table a name, or Argo's word for one */
export function scriptProgram(table: string): string {
  return `${scriptsFolder()}/${table}.ts`
}

/** @param path under Dracula's own folder, which other projects have among their packages */
export function ownProgram(path: string): string {
  return project().folder === ownFolder ? path : `node_modules/dracula-etl/${path}`
}

/** What a program is told that looks for scripts elsewhere than it would itself. */
export function scriptsArguments(): string[] {
  return scriptsFolder() === 'scripts' ? [] : ['--scripts', scriptsFolder()]
}

function scriptsFolder(): string {
  const { folder, scripts } = project()
  return relative(folder, scripts)
}
