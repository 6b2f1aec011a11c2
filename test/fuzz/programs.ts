/** A load whose flags and environment have anything in them: done, or refused in one clear line, with nothing changed. */
import { expectNoSecret, stateOf } from '../load/refusal.ts'
import type { Random } from '../support/random.ts'
import type { TestStandIn } from '../support/stand-in.ts'
import { spoilt } from './hostile.ts'
import type { Part } from './part.ts'
import { someFlags } from './sound-settings.ts'

interface ProgramsInput {
  readonly env: Readonly<Record<string, string>>
  readonly flags: readonly string[]
}

/** Settings of the stand-in, and others that lead to no other host. */
const spoiled = [
  'DATABASE_URL',
  'DRACULA_S3_URI',
  'DRACULA_GLUE_DATABASE',
  'DRACULA_STAGING_DATABASE',
  'DRACULA_ATHENA_WORKGROUP',
  'DRACULA_ATHENA_OUTPUT',
  'DRACULA_KMS_KEY',
  'DRACULA_ENVIRONMENT',
  'DRACULA_HASH_KEY',
  'PGOPTIONS',
  'PGSSLMODE',
]

/** @param script a table's, which has been loaded there, as the stand-in runs it */
export function programsPart(standIn: TestStandIn, table: string, script: string): Part<ProgramsInput> {
  return {
    name: 'programs',
    words: 'loads with hostile flags and environments',
    inputs: 100,
    make: (random) => make(standIn.env, random),
    problem: (input) => problem(standIn, table, script, input),
    *smaller({ env, flags }) {
      for (const name of Object.keys(env)) {
        const { [name]: _, ...others } = env
        yield { env: others, flags }
      }
      for (let at = 0; at < flags.length; at += 2) yield { env, flags: flags.toSpliced(at, 2) }
    },
    describe: (input) => input,
  }
}

function make(own: Readonly<Record<string, string>>, random: Random): ProgramsInput {
  const names = spoiled.filter(() => random() < 0.12)
  const env = names.map((name) => [name, spoilt(own[name] ?? '', random).replaceAll('\0', '')] as const)
  return { env: Object.fromEntries(env), flags: someFlags(random) }
}

async function problem(
  standIn: TestStandIn,
  table: string,
  script: string,
  { env, flags }: ProgramsInput,
): Promise<string | undefined> {
  const before = await stateOf(standIn, table)
  const finished = await standIn.run(script, [...flags, '--connect-within=off'], env)
  if (finished.exit === 0) return undefined
  const { exit } = finished
  if (exit === null || ![1, 2, 3, 4].includes(exit)) return `exit ${exit}: ${finished.message}`
  const unclear = messageProblem(finished.message, finished.stderr)
  if (unclear !== undefined) return unclear
  try {
    expectNoSecret(finished, [standIn.env['DATABASE_URL'] ?? ''])
  } catch (error) {
    return `${finished.message} ${String(error)}`
  }
  const after = await stateOf(standIn, table)
  return Bun.deepEquals(after, before) ? undefined : `changes something, and says: ${finished.message}`
}

/** The form of every load's last line; what stands in it may be what somebody wrote, dots and all. */
const form = /^\w+: (not published|dry run failed)\b.*\. Cause: \S.*\S Do: [A-Z`].* Retry: (yes|no)\.$/

function messageProblem(message: string, stderr: string): string | undefined {
  if (!form.test(message) || /\p{Cc}/u.test(message)) return `says in another form: ${message}`
  if (/unexpected error|\bat \S+ \(|\.ts:\d+/.test(stderr)) return `speaks of the program: ${stderr}`
  const errors = stderr.split('\n').filter((line) => line.includes('"level":"error"'))
  return errors.length === 1 ? undefined : `says ${errors.length} errors: ${stderr}`
}
