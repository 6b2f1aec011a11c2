/** Which tests the Postgres they run on cannot have: each says what it lacks, and `bun run matrix` counts them by that. */
import { describe, test } from 'bun:test'
import { binariesVariable, findBinaries } from '../../lib/local/postgres-binaries.ts'

/** The major version that the tests of this run start: the package's, unless `bun run matrix` is at another. */
export const postgresMajor: number = await readMajor()

/** What gives a process with an environment of its own the same Postgres. */
export const samePostgres: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    name === binariesVariable && value !== undefined ? [[name, value]] : [],
  ),
)

/** The one where Postgres is of that version or later, else the other: what a test makes or expects on each. */
export function since<Made>(least: number, made: Made, before: Made): Made {
  return postgresMajor >= least ? made : before
}

/**
 * `test` and `describe` where Postgres is of that version or later; else those whose tests are skipped, and say why in
 * their titles.
 * @param lack what earlier versions have not: 'virtual columns'
 */
export function needsPostgres(least: number, lack: string) {
  const has = postgresMajor >= least
  const titled = (title: string) => (has ? title : `${title} (PostgreSQL ${postgresMajor} has no ${lack})`)
  return {
    test: (title: string, run: () => unknown, timeoutMs?: number) =>
      test.skipIf(!has)(titled(title), async () => void (await run()), timeoutMs),
    describe: (title: string, run: () => void) => describe.skipIf(!has)(titled(title), run),
  }
}

async function readMajor(): Promise<number> {
  const { postgres } = await findBinaries()
  const child = Bun.spawn([postgres, '--version'], { stdout: 'pipe' })
  const [, major] = /\) (\d+)/.exec(await child.stdout.text()) ?? []
  return Number(major)
}
