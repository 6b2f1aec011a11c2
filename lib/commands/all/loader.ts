/** A process that loads table after table for `bun run all`: those whose scripts only declare, so that nothing of theirs runs here. */
import { dirname } from 'node:path'
import { watchForInterruption } from '../../cli/interruption.ts'
import { loadProgram } from '../../cli/load-program.ts'
import { tellParent } from '../../cli/parent.ts'
import { carryOut } from '../../cli/program.ts'
import { requireTypes } from '../../cli/require-types.ts'
import { typeErrors } from '../../cli/type-errors.ts'
import { declarationIn } from '../../declare/declaration-in.ts'
import { useScripts } from '../../declare/project.ts'

/** What it is sent. */
export interface LoadRequest {
  readonly table: string
  /** Absolute. */
  readonly script: string
  readonly flags: readonly string[]
}

/** What it tells when a load has ended, over what every program does. */
export interface LoaderReport {
  /** Whether it loads nothing more: the load was stopped, or the process has grown. */
  readonly spent: boolean
  /** Whether the load was stopped by an error that may be of the load before. */
  readonly stray: boolean
}

/** Bytes of memory; the largest load takes about as much, and leaves it to the next. */
const spentAt = 384 * 2 ** 20

let loaded = 0
/** One at the most, but for a moment when the next is here before it is known that the report of the last is there. */
let loading = 0
let wanted = true
/** Whether an error came that nobody awaited. */
let lost = false
let compiled: ReturnType<typeof typeErrors> | undefined

async function load({ table: name, script: path, flags }: LoadRequest): Promise<void> {
  useScripts(dirname(path))
  const program = loadProgram({
    name,
    script: path,
    async table(warn) {
      const table = await declarationIn(path, name)
      await requireTypes(warn, path, () => (compiled ??= typeErrors()))
      return table
    },
  })
  const interruption = watchForInterruption(program.command.name())
  const { report } = await carryOut(program, flags, interruption)
  interruption.release()
  if (report === undefined) return
  const { exit, json } = report
  const { aborted } = interruption.signal
  const told: LoaderReport = {
    spent: aborted || lost || process.memoryUsage.rss() > spentAt,
    stray: lost && exit === 1 && loaded > 0,
  }
  loaded++
  await tellParent({ kind: 'report', exit, json, ...told })
  // What was told to stop may still be at work, and is not to go on behind its report.
  if (aborted) process.exit()
}

/** It fails the load under way, if there is one. */
function lose(): void {
  lost = true
  if (loading === 0) process.exit()
}
process.on('uncaughtException', lose)
process.on('unhandledRejection', lose)

process.on('message', async (request: LoadRequest) => {
  loading++
  await load(request)
  loading--
  if (!wanted && loading === 0) process.exit()
})
process.on('disconnect', () => {
  wanted = false
  if (loading === 0) process.exit()
})
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
