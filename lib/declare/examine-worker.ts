/** The thread that scripts are imported in before the process does it: whatever one of them does ends with it. */
import { Failure } from '../failure/failure.ts'
import { declarationIn } from './declaration-in.ts'

declare const self: Worker

export interface Examined {
  readonly name: string
  /** What is wrong with it; undefined: it declares its table. */
  readonly failure: Failure['detail'] | undefined
}

self.onmessage = async ({ data }: MessageEvent<{ readonly path: string; readonly name: string }>) => {
  const { path, name } = data
  const failure = await declarationIn(path, name).then(
    () => undefined,
    (error: unknown) => (error instanceof Failure ? error.detail : undefined),
  )
  // So that a promise it has lost is told while it is this script's.
  await Bun.sleep(0)
  self.postMessage({ name, failure } satisfies Examined)
}
