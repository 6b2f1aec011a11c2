#!/usr/bin/env bun
/** `bun run conformance`: the product against whatever S3, Glue and Athena the environment names, and what came of it. */
import { Command } from 'commander'
import { runCommand } from '../../lib/cli/command.ts'
import { Failure } from '../../lib/failure/failure.ts'
import packageFile from '../../package.json' with { type: 'json' }
import { exitOf, type Outcome, outcomeTable } from './outcome.ts'
import { openPlace } from './place.ts'
import { runSteps } from './run-steps.ts'
import { readSettings, services } from './settings.ts'
import { steps } from './steps/all.ts'

const command = new Command('bun run conformance')
  .usage('-- [options]')
  .description(
    'Runs loads, rollbacks, checks and commands against other implementations of AWS, and looks after each load at what\n' +
      'readers see. AWS_ENDPOINT_URL_S3, _GLUE and _ATHENA, or AWS_ENDPOINT_URL for all, name the endpoints; the stand-in\n' +
      'serves what is not named, and reads what lies elsewhere. Everything is made in a corner of its own, and removed.',
  )
  .option(
    '--aws',
    "what is not named is AWS's own: needs credentials, and DRACULA_S3_URI, a bucket for tests",
    false,
  )
  .option('--steps <names>', `these alone and what they come after, of ${Object.keys(steps).join(', ')}`)
  .option('--python <program>', 'a Python with pyarrow, awswrangler, boto3 and pyiceberg, which read as well')
  .option('--trino <url>', 'a Trino that reads as well, as in http://127.0.0.1:8080')
  .option('--keep', 'leave what was made at the endpoints that are named', false)
  .option('--json', 'print the outcomes as JSON', false)
  .addHelpText(
    'after',
    '\nEach step passed, was refused (it needs what the implementation does not have, and readers saw no change), was not\n' +
      'offered (there was nothing to try), failed or was wrong.\n' +
      '\nExit codes: 0 nothing failed, 1 a step failed or something is left behind, 2 wrong flags or environment, 4 readers saw\n' +
      'what they must not see.',
  )

interface Flags {
  readonly aws: boolean
  readonly steps?: string
  readonly python?: string
  readonly trino?: string
  readonly keep: boolean
  readonly json: boolean
}

await runCommand(command, async (signal) => {
  const flags = command.opts<Flags>()
  const chosen = chooseSteps(flags.steps)
  const place = await openPlace(readSettings(process.env, flags.aws))
  let outcomes: Outcome[] = []
  let left: readonly string[] = []
  try {
    outcomes = await runSteps(place, chosen, { signal, python: flags.python, trino: flags.trino })
  } finally {
    left = await place.close(flags.keep)
    for (const each of left) process.stderr.write(`left behind: ${each}\n`)
    if (flags.keep) process.stderr.write(`kept: ${place.described}\n`)
  }
  const { servedBy, postgres } = place
  const versions = { dracula: packageFile.version, bun: Bun.version, postgres }
  if (flags.json) console.log(JSON.stringify({ version: 1, ...versions, servedBy, outcomes, left }))
  else {
    const served = services.map((service) => `${service}: ${servedBy[service]}`).join(', ')
    console.log(`\nDracula ${versions.dracula}, Bun ${versions.bun}, Postgres ${postgres}; ${served}\n`)
    console.log(outcomeTable(outcomes))
    console.log(`\n${countsOf(outcomes)}`)
  }
  return exitOf(outcomes) || (left.length > 0 ? 1 : 0)
})

/** @throws Failure (2) for a name that no step has */
function chooseSteps(names: string | undefined): ReadonlySet<string> {
  const chosen = new Set(names === undefined ? Object.keys(steps) : names.split(','))
  for (const name of chosen) {
    if (steps[name] === undefined) {
      throw new Failure({
        exit: 2,
        act: 'run the step',
        thing: name,
        reason: 'there is none of that name',
        advice: `Choose of ${Object.keys(steps).join(', ')}.`,
      })
    }
    // Grows as it is gone through.
    for (const before of steps[name].after ?? []) chosen.add(before)
  }
  return chosen
}

function countsOf(outcomes: readonly Outcome[]): string {
  const counts = Object.entries(Object.groupBy(outcomes, ({ ending }) => ending))
  return counts.map(([ending, all = []]) => `${all.length} ${ending}`).join(', ')
}
