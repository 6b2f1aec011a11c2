/**
 * The thread that reads slices: its own connection, its own import of the table's script, and the same memory for
 * lookups. What it makes of rows goes to the thread that started it, which knows where files go.
 */
import { declarationIn } from '../../declare/declaration-in.ts'
import { declaredText } from '../../declare/declared-text.ts'
import { hidesValues } from '../../declare/hidden-columns.ts'
import { wholeLookups } from '../../declare/lookup.ts'
import { formatSource } from '../../declare/selection.ts'
import type { Table } from '../../declare/table.ts'
import { unusableScript } from '../../declare/unusable.ts'
import { Failure } from '../../failure/failure.ts'
import { unexpected } from '../../failure/unexpected.ts'
import { createLookupFunction, type LookupFunction } from '../../lookup/lookup-function.ts'
import { openSharedRows, type SharedRows } from '../../lookup/rows.ts'
import type { Slice } from '../../pipeline/slice.ts'
import type { Reader } from '../../postgres/connect.ts'
import { postgresFailure } from '../../postgres/failure.ts'
import { hashKeyFor } from '../steps/hash-key.ts'
import { join, readBy } from './join.ts'
import {
  aliveEveryMs,
  type FirstToThread,
  type FromThread,
  type Joining,
  type ScriptOfTable,
  type ToThread,
} from './messages.ts'
import { plainFailure } from './plain-failure.ts'
import { createSentFiles } from './sent-files.ts'

declare const self: Worker

let port: MessagePort | undefined
const stopping = new AbortController()
const { signal } = stopping
const files = createSentFiles(tell)
let joined: Promise<Reader> | undefined
let opened: { readonly table: Table; readonly reader: Reader; readonly joining: Joining } | undefined
let lookups: Readonly<Record<string, LookupFunction>> = {}

function tell(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer)
}

async function importTable({ path, name, declared }: ScriptOfTable): Promise<Table | Failure> {
  try {
    const table = await declarationIn(path, name)
    if (declaredText(table) === declared) return table
    return unusableScript(name, 'it declares something else each time it is imported')
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

async function open(joining: Joining, script: ScriptOfTable): Promise<void> {
  const table = await importTable(script)
  if (table instanceof Failure) {
    tell({ kind: 'unusable', failure: plainFailure(table) })
    return
  }
  signal.throwIfAborted()
  joined = join(table, joining, signal)
  opened = { table, joining, reader: await joined }
  tell({ kind: 'opened' })
}

function openLookups(shared: Readonly<Record<string, SharedRows>>): void {
  const declared = opened === undefined ? [] : wholeLookups(opened.table)
  lookups = Object.fromEntries(
    declared.map(([name, lookup]) => [
      name,
      createLookupFunction(name, lookup, openSharedRows(lookup, shared[name]!)),
    ]),
  )
}

async function read(slice: Slice): Promise<void> {
  if (opened === undefined) throw new Error('Nothing is open to read by.')
  const { table, reader, joining } = opened
  const hashKey = hashKeyFor(table, joining.hashKey)
  const means = { table, lookups, hashKey, openFile: files.open, observe: tell, signal }
  try {
    const { stored } = await readBy(reader, joining, slice, means)
    tell({ kind: 'done', facts: await stored })
  } catch (error) {
    throw postgresFailure(error, 'read', formatSource(table.source), { hidesValues: hidesValues(table) })
  }
}

async function stop(): Promise<void> {
  stopping.abort(new Error('it was told to stop'))
  const reader = await joined?.catch(() => undefined)
  await reader?.close()
  tell({ kind: 'stopped' })
}

async function carryOut(message: ToThread): Promise<void> {
  if (message.kind === 'open') await open(message.joining, message.script)
  else if (message.kind === 'lookups') openLookups(message.lookups)
  else if (message.kind === 'read') await read(message.slice)
  else if (message.kind === 'stop') await stop()
  else files.hear(message)
}

function hear(message: ToThread): void {
  carryOut(message).catch((error: unknown) => {
    const failure = postgresFailure(error, 'read in a thread', opened?.table.name ?? 'its table')
    tell({ kind: 'failed', failure: plainFailure(failure) })
  })
}

self.onmessage = ({ data }: MessageEvent<FirstToThread>) => {
  self.onmessage = null
  port = data.port
  port.onmessage = (event) => hear(event.data)
  setInterval(() => tell({ kind: 'alive' }), aliveEveryMs)
}

const lose = (error: unknown) =>
  tell({ kind: 'lost', reason: `${unexpected(error).reason}, which nobody awaited` })
process.on('uncaughtException', lose)
process.on('unhandledRejection', lose)
