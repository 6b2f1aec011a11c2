/** The environment and the flags of a load, with anything in them: they are understood, or refused in one clear line. */

import { loadCommand, loadOptions } from '../../lib/cli/load-flags.ts'
import * as config from '../../lib/config/config.ts'
import type { Random } from '../support/random.ts'
import { lineProblem } from './clear-line.ts'
import { hostileText } from './hostile.ts'
import type { Part } from './part.ts'
import { secret, someFlags, someSettings } from './sound-settings.ts'

interface SettingsInput {
  readonly env: Readonly<Record<string, string>>
  readonly flags: readonly string[]
}

const readers: readonly ((env: config.Environment) => unknown)[] = [
  (env) => config.readConfig({ name: 'things', connection: undefined }, env),
  (env) => config.readConfig({ name: 'things', connection: 'billing' }, env),
  (env) => config.readDryRun({ name: 'things', connection: undefined }, env),
  config.readHashKey,
  config.readSentry,
  config.readLineage,
  config.readNotify,
  config.findNotifyConfig,
  config.findTelemetry,
  config.findTokenUsers,
  config.findAllDatabases,
  config.findAllSecrets,
  config.findLake,
  config.environmentName,
  (env) => config.readUnknownSettings(['billing'], env),
]

export const settings: Part<SettingsInput> = {
  name: 'settings',
  words:
    'environments and flags with hostile values: understood, or refused in one clear line without a secret',
  inputs: 100_000,
  make,
  problem,
  *smaller({ env, flags }) {
    for (const name of Object.keys(env)) {
      const { [name]: _, ...others } = env
      yield { env: others, flags }
    }
    for (let at = 0; at < flags.length; at += 2) yield { env, flags: flags.toSpliced(at, 2) }
  },
  describe: (input) => input,
}

function make(random: Random): SettingsInput {
  return {
    env: someSettings(random),
    flags: [...someFlags(random), ...(random() < 0.05 ? [hostileText(random)] : [])],
  }
}

function problem({ env, flags }: SettingsInput): string | undefined {
  for (const read of readers) {
    try {
      read(env)
    } catch (error) {
      const found = lineProblem(error, secret)
      if (found !== undefined) return found
    }
  }
  return lakeProblem(env) ?? flagsProblem(flags)
}

/** What is taken is a place that all clients and servers mean alike. */
function lakeProblem(env: config.Environment): string | undefined {
  const lake = config.findLake(env)
  if (lake === undefined) return undefined
  const { bucket, prefix, glueDatabase } = lake
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) return `takes the bucket ${bucket}`
  if (!/^([A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*)?$/.test(prefix) || /(^|\/)\.+(\/|$)/.test(prefix))
    return `takes the prefix ${prefix}`
  return /^[a-z_][a-z0-9_]{0,254}$/.test(glueDatabase) ? undefined : `takes the Glue database ${glueDatabase}`
}

/** Whole numbers in their bounds, however they were written. */
function flagsProblem(flags: readonly string[]): string | undefined {
  const command = loadCommand('things')
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
  try {
    command.parse(['bun', 'things.ts', ...flags])
    const options = loadOptions(command)
    for (const [name, least] of Object.entries({
      limit: 1,
      retain: 1,
      deadlineMs: 1,
      maxFileBytes: 1,
      maxLookupBytes: 1,
    })) {
      const value: unknown = Reflect.get(options, name)
      if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) >= least))
        return `takes ${name} ${String(value)}`
    }
    return undefined
  } catch (error) {
    return lineProblem(error, secret)
  }
}
