/** A script whose declaration throws never comes as far as `run`: what ends it all the same as any failure. */
import { basename } from 'node:path'
import { brokenScript } from '../declare/unusable.ts'
import { loadCommand } from './load-flags.ts'
import { failedLoadReport } from './load-report.ts'
import { isScript } from './own-script.ts'
import { runProgram } from './program.ts'

/** Has to be called while a script is imported; in the process of anything else than a script it does nothing. */
export function watchForBrokenScript(): void {
  if (isScript()) process.once('uncaughtException', endBroken)
}

/** What goes wrong from here on is not the declaration's fault. */
export function declarationIsSound(): void {
  process.off('uncaughtException', endBroken)
}

function endBroken(error: unknown): void {
  const table = basename(Bun.main, '.ts')
  const started = performance.now()
  void runProgram({
    command: loadCommand(table),
    subject: { table },
    work: () => Promise.reject(brokenScript(table, error)),
    failed: (failure, thrown) =>
      failedLoadReport({ table, failure, error: thrown, progress: undefined, dryRun: false, started }),
  })
}
