/** One setting of the environment: whether it is there, and what is said when it is missing or wrong. */

import { commandLine } from '../failure/command-line.ts'
import { Failure } from '../failure/failure.ts'
import type { SettingName, SourceSettingName } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** An empty value counts as none, as shells and Kubernetes manifests leave them. */
export function setting(env: Environment, name: SettingName | SourceSettingName): string | undefined {
  return env[name] || undefined
}

/** `reason` reads on after "it": "has no host". */
export function wrongSetting(name: string, reason: string, advice: string, cause?: unknown): Failure {
  return new Failure({ exit: 2, act: 'use', thing: name, reason: `it ${reason}`, advice, cause })
}

/** @throws Failure (2) unless there are none */
export function refuseMissing(names: readonly string[]): void {
  if (names.length === 0) return
  const list = new Intl.ListFormat('en-GB').format(names)
  throw new Failure({
    exit: 2,
    act: 'read',
    thing: 'the configuration',
    reason: `${list} ${names.length === 1 ? 'is' : 'are'} not set`,
    advice: names.some((name) => name.startsWith('DATABASE_URL_'))
      ? 'Set what is missing: the variable of a source to postgres://user@host:5432/database, or one with _FILE behind its name to a file that holds it.'
      : `Set what is missing, or try it on this machine: ${commandLine('local -- bun scripts/<table>.ts')}`,
  })
}
