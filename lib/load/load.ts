/** What every step of one load knows. */
import type { Aws } from '../aws/clients.ts'
import type { DryRunConfig, LakeConfig } from '../config/config.ts'
import type { Table } from '../declare/table.ts'
import type { Failure } from '../failure/failure.ts'
import { loadFolder, stagedName } from '../lake/hive/layout.ts'
import { newLoadId } from '../lake/load-id.ts'
import { createPhases, type Phases } from './phases.ts'
import { schemaHash } from './schema-hash.ts'
import type { LoadOptions, Observe } from './types.ts'

export interface Target {
  readonly aws: Aws
  readonly lake: LakeConfig
}

export interface Load {
  readonly table: Table
  readonly config: DryRunConfig
  readonly options: LoadOptions
  readonly observe: Observe
  /** Aborts with that of its caller, or when it is stopped. */
  readonly signal: AbortSignal
  /** Ends it for this reason, as a signal from outside would. */
  stop(reason: Failure): void
  readonly id: string
  /** On performance.now()'s clock. */
  readonly started: number
  readonly phases: Phases
  readonly warnings: readonly string[]
  /** Tells at once and keeps it for the summary. */
  warn(message: string): void
  /** Something is tried again: told, and counted for the summary. */
  retried(message: string): void
  readonly retries: number
  /** Undefined for a dry run, which touches neither S3 nor Glue. */
  readonly target: Target | undefined
  /** Key prefix of its objects, with a slash at the end. */
  readonly prefix: string
  /** Keys of the objects it has begun to write. */
  readonly keys: string[]
  /** Files of `--out` it has begun to write. */
  readonly paths: string[]
  /** `s3://bucket/prefix/`, where the table will point; empty for a dry run. */
  readonly location: string
  /** Its table in the staging database. */
  readonly staged: string
  readonly schemaHash: string
}

export type LoadInput = Pick<Load, 'table' | 'config' | 'options' | 'observe' | 'signal'>

export function beginLoad(input: LoadInput, target: Target | undefined): Load {
  const { table, observe } = input
  const id = newLoadId()
  const prefix = loadFolder(target?.lake.prefix ?? '', table.name, id)
  const warnings: string[] = []
  let retries = 0
  const stopping = new AbortController()
  return {
    ...input,
    signal: AbortSignal.any([input.signal, stopping.signal]),
    stop: (reason) => stopping.abort(reason),
    id,
    started: performance.now(),
    phases: createPhases(observe),
    warnings,
    warn(message) {
      warnings.push(message)
      observe({ kind: 'warning', message })
    },
    retried(message) {
      retries++
      observe({ kind: 'retry', message })
    },
    get retries() {
      return retries
    },
    target,
    prefix,
    keys: [],
    paths: [],
    location: target === undefined ? '' : `s3://${target.lake.bucket}/${prefix}`,
    staged: stagedName(table.name, id),
    schemaHash: schemaHash(table),
  }
}
