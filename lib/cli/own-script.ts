/** What a script may give to `run`, and where it may call it: held to at run time, as all that a script says. */
import { basename, dirname, join, relative } from 'node:path'
import { isImporting } from '../declare/importing.ts'
import { describeNoTable, isTable, resemblesTable } from '../declare/is-table.ts'
import { describeNearest } from '../declare/nearest.ts'
import { ownFolder, projectAbove, projectOf } from '../declare/project.ts'
import { unusableScript } from '../declare/unusable.ts'
import { Failure } from '../failure/failure.ts'

/** Whether the process is a script's own, and not a check's, a command's or a test's. */
export function isScript(main = Bun.main): boolean {
  const folder = dirname(main)
  return (
    !main.endsWith('.test.ts') &&
    ![join(ownFolder, 'lib'), join(ownFolder, 'checks')].some((room) => folder.startsWith(room))
  )
}

/** Whether it is the process of a script that lies where a project has its own. */
export function isOfScripts(main = Bun.main): boolean {
  return projectOf(main) !== undefined
}

/** @throws Failure (3) in a script that is imported for what it declares */
export function refuseWhileImporting(table: unknown): void {
  if (!isImporting()) return
  throw new Failure({
    exit: 3,
    act: 'import the script of',
    thing: nameOf(table),
    reason: 'it would load its table, though it is only asked what it declares',
    advice: `Let it end with: if (import.meta.main) await run(${nameOf(table)}).`,
  })
}

/** @returns what is wrong with a call of `run`; undefined: nothing */
export function wrongCall(table: unknown, parts: object, known: readonly string[]): Failure | undefined {
  const script = basename(Bun.main, '.ts')
  if (!isTable(table)) return unusableScript(script, `what it runs ${describeNoTable(table)}`)
  const unknown = Object.keys(parts).find((each) => !known.includes(each))
  if (unknown !== undefined) {
    return new Failure({
      exit: 3,
      act: 'run the script of',
      thing: table.name,
      reason: `run() has no option "${unknown}"${describeNearest(unknown, known)}`,
      advice: 'Flags of a load are given on the command line: see --help.',
    })
  }
  if (!isScript() || 'load' in parts) return undefined
  // Copied from another and not renamed, it would put its rows in the other's place.
  if (table.name !== script) return unusableScript(script, `it declares "${table.name}"`)
  return misplaced(Bun.main)
}

/** One that lies deeper may have the name of another, and no command loads or checks it. */
function misplaced(main: string): Failure | undefined {
  const scripts = projectAbove(main)?.scripts
  if (scripts === undefined) return undefined
  const name = relative(scripts, main).replace(/\.ts$/, '')
  const advice = `Move it to scripts/${basename(name)}.ts: what lies in folders is shared by scripts, and declares no table.`
  return unusableScript(name, 'it lies in a folder of its own, where no command finds it', advice)
}

/** The name for messages, whatever the script exports. */
export function nameOf(table: unknown): string {
  return resemblesTable(table) ? table.name : basename(Bun.main, '.ts')
}
