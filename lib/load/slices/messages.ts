/** What a thread that reads slices and the one that started it tell each other: plain data, and bytes that change hands. */
import type { DatabaseConfig } from '../../config/config.ts'
import type { SliceFacts, WrittenObject } from '../../lake/facts.ts'
import type { SharedRows } from '../../lookup/rows.ts'
import type { Progress, Slice } from '../../pipeline/slice.ts'
import type { SharedSnapshot } from '../../postgres/shared-snapshot.ts'
import type { Source } from '../../postgres/source.ts'
import type { PlainFailure } from './plain-failure.ts'

/** All that a connection needs to read slices of a table. */
export interface Joining {
  readonly database: DatabaseConfig
  /** What columns are hashed with, a secret; undefined: there is none. */
  readonly hashKey: string | undefined
  readonly snapshot: SharedSnapshot
  readonly applicationName: string
  readonly deadlineMs: number
  /** What Postgres says of the table's source. */
  readonly source: Source
  readonly by: 'blocks' | 'values' | null
  /** All that slices may read, as `plannedRelations` names them. */
  readonly relations: readonly string[]
  /** One of the slices, to take the locks that reading any of them takes. */
  readonly select: string
}

/** Where a thread finds the table, which cannot be sent: it has functions. */
export interface ScriptOfTable {
  /** Absolute. */
  readonly path: string
  readonly name: string
  /** What it is to declare, see `declaredText`. */
  readonly declared: string
}

/** Milliseconds between two signs of life. */
export const aliveEveryMs = 1_000

/** The first message to a thread. All others go by the port, which the script that is imported there does not know. */
export interface FirstToThread {
  readonly port: MessagePort
}

export type ToThread =
  | { readonly kind: 'open'; readonly joining: Joining; readonly script: ScriptOfTable }
  /** Before the first slice. */
  | { readonly kind: 'lookups'; readonly lookups: Readonly<Record<string, SharedRows>> }
  | { readonly kind: 'read'; readonly slice: Slice }
  /** So many bytes of a file have been taken. */
  | { readonly kind: 'taken'; readonly bytes: number }
  | { readonly kind: 'kept'; readonly file: string; readonly object: WrittenObject }
  | { readonly kind: 'stop' }

export type FromThread =
  | { readonly kind: 'opened' }
  /** The script cannot be imported in a thread, or does not declare the same there. */
  | { readonly kind: 'unusable'; readonly failure: PlainFailure }
  | { readonly kind: 'failed'; readonly failure: PlainFailure }
  | Progress
  | { readonly kind: 'write'; readonly file: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'finish'; readonly file: string }
  | { readonly kind: 'done'; readonly facts: SliceFacts }
  /** An error has come that nobody awaited: nothing that the thread says from now on counts. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** Told every `aliveEveryMs`: there are none while it is in a loop. */
  | { readonly kind: 'alive' }
  /** Its connection is closed, on the server as well. */
  | { readonly kind: 'stopped' }
