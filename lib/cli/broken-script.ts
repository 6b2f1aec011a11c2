/** A script that never comes as far as `run`, as its declaration throws or nobody calls it, ends as any failure does. */
import { basename } from 'node:path'
import { brokenScript, unusableScript } from '../declare/unusable.ts'
import type { Failure } from '../failure/failure.ts'
import { loadCommand } from './load-flags.ts'
import { failedLoadReport } from './load-report.ts'
import { isOfScripts, isScript } from './own-script.ts'
import { runProgram } from './program.ts'

/** Has to be called while a script is imported; in the process of anything else than a script it does nothing. */
export function watchForBrokenScript(): void {
  // A thread that reads a part of a load imports the script too.
  if (!Bun.isMainThread) return
  if (isScript()) process.once('uncaughtException', endBroken)
  // Elsewhere a program may import scripts for what they declare, and be done.
  if (isOfScripts()) process.once('beforeExit', endUncalled)
}

/** What goes wrong from here on is not the declaration's fault. */
export function declarationIsSound(): void {
  process.off('uncaughtException', endBroken)
  process.off('beforeExit', endUncalled)
}

function endBroken(error: unknown): void {
  end(brokenScript(basename(Bun.main, '.ts'), error))
}

/** Without this it would end with exit code 0, and nothing loaded. */
function endUncalled(): void {
  const table = basename(Bun.main, '.ts')
  const advice = `Let it end with: if (import.meta.main) await run(${table}).`
  end(unusableScript(table, 'it does not call run(), so nothing is loaded', advice))
}

function end(reason: Failure): void {
  declarationIsSound()
  const table = basename(Bun.main, '.ts')
  const started = performance.now()
  void runProgram({
    command: loadCommand(table),
    subject: { table },
    work: () => Promise.reject(reason),
    failed: (failure, thrown) =>
      failedLoadReport({ table, failure, error: thrown, progress: undefined, dryRun: false, started }),
  })
}
