/** The process that scripts are imported in before a command does it: whatever one of them does ends with it. */
import { Failure } from '../failure/failure.ts'
import { declarationIn } from './declaration-in.ts'

export interface Script {
  readonly path: string
  readonly name: string
}

/** What is wrong with the script; without either, it declares its table. */
export interface Examined {
  readonly failure?: Failure['detail']
  /** What came of importing it that nobody awaited. */
  readonly lost?: string
}

// A script may put others in their place.
const { exit } = process
const send = process.send?.bind(process)

function tell(examined: Examined): void {
  send?.(examined)
}

process.on('message', async ({ path, name }: Script) => {
  const examined = await declarationIn(path, name).then(
    (): Examined => ({}),
    (error: unknown): Examined => (error instanceof Failure ? { failure: error.detail } : {}),
  )
  // So that a promise it has lost is told while it is this script's.
  await Bun.sleep(0)
  tell(examined)
})

function lose(error: unknown): void {
  tell({ lost: error instanceof Error ? error.message : String(error) })
}
process.on('uncaughtException', lose)
process.on('unhandledRejection', lose)
process.on('disconnect', () => exit())
