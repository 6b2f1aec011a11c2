/** What is right after a fault, and after the next good load: judged by what readers see and what lies in the lake. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import type { FinishedScript } from '../support/stand-in.ts'
import { digestOf, textOf } from './digest.ts'
import type { Struck } from './kinds/kind.ts'
import type { Lane } from './lane.ts'
import type { Planned } from './plan.ts'
import { type Look, wordsOf } from './reader.ts'
import type { Subject } from './subjects.ts'
import { generationOf, type Watched } from './watch.ts'

export type Charge =
  | 'wrong publish'
  | 'reader'
  | 'exit code'
  | 'message'
  | 'leftover'
  | 'next load'
  | 'campaign'

export interface Wrong {
  readonly charge: Charge
  readonly words: string
}

/** What readers saw before, and what they see now. */
export interface Seen {
  readonly before: Look
  readonly now: Look
  readonly watched: Watched
  /** The generation in Postgres when the fault struck. */
  readonly gen: number
}

export async function judgeFault(lane: Lane, planned: Planned, struck: Struck, seen: Seen): Promise<Wrong[]> {
  const { kind, subject } = planned
  const { runs, reached } = struck
  const last = runs.at(-1)
  const right = reached ? kind.ends : [0, ...kind.ends]
  const judged = struck.raced === true ? runs : runs.slice(-1)
  // What befell the holder of a snapshot it says itself, and whoever would publish says only that it was lost.
  const holderLost = runs.some(({ exit }) => exit !== 0 && right.includes(exit))
  const wrong = judged.flatMap(({ exit, message }) =>
    right.includes(exit) || (holderLost && exit === 2 && message.includes('held its snapshot was lost'))
      ? []
      : [charge('exit code', `exit ${exit} instead of ${right.join(', ')}: ${message}`)],
  )
  wrong.push(...runs.flatMap((run) => messageOf(lane, run)))
  wrong.push(...seen.watched.wrong.map((words) => charge('reader', words)))
  wrong.push(...published(lane, subject, struck, seen))
  if (struck.folder !== undefined)
    wrong.push(...(await inFolder(lane, subject, struck.folder, last?.exit ?? null)))
  return wrong
}

function published(
  lane: Lane,
  subject: Subject,
  { runs, raced = false, byOthers = false }: Struck,
  seen: Seen,
): Wrong[] {
  const { before, now, watched, gen } = seen
  const after = generationOf(lane, subject, now)
  if (typeof after === 'string') return [charge('wrong publish', after)]
  const was = generationOf(lane, subject, before)
  const exit = runs.at(-1)?.exit ?? null
  const wrong: Wrong[] = []
  const isBackwards = watched.generations.some((each, at) => each < (watched.generations[at - 1] ?? 0))
  if (isBackwards && subject.action !== 'rollback' && !byOthers)
    wrong.push(charge('wrong publish', `readers saw generations ${watched.generations.join(', ')}`))
  if (exit === 0 && subject.action !== 'rollback' && subject.action !== 'folder' && !byOthers && after < gen)
    wrong.push(charge('wrong publish', `exit 0, and readers see generation ${after} instead of ${gen}`))
  const refused = exit !== null && exit >= 1 && exit <= 4
  if (refused && !raced && !byOthers && now.pointer !== before.pointer)
    wrong.push(charge('wrong publish', `exit ${exit}, and readers see generation ${after} instead of ${was}`))
  if (subject.action === 'rollback' && exit === 0 && !raced && now.pointer === before.pointer)
    wrong.push(charge('wrong publish', `exit 0 of a rollback, and readers see what they saw`))
  if (subject.action === 'folder' && now.pointer !== before.pointer)
    wrong.push(charge('wrong publish', 'a dry run published'))
  return wrong
}

/** One line that says what to do, no stack and no secret. */
function messageOf(lane: Lane, { exit, stderr, stdout, message }: FinishedScript): Wrong[] {
  const wrong: Wrong[] = []
  const all = stderr + stdout
  const { password } = new URL(lane.standIn.env['DATABASE_URL'] ?? '')
  for (const secret of [password, lane.standIn.env['DRACULA_HASH_KEY'] ?? '-'])
    if (secret !== '' && all.includes(secret)) wrong.push(charge('message', 'a secret is told'))
  if (exit !== null && ![0, 1, 2, 3, 4, 5].includes(exit) && exit < 128)
    wrong.push(charge('message', `exit ${exit} is in no table`))
  if (exit === null) return wrong
  if (/\\n\s+at |\n\s+at .*:\d+:\d+/.test(stderr)) wrong.push(charge('message', `a stack trace: ${message}`))
  const odd = stderr.split('\n').find((line) => line !== '' && !line.startsWith('{'))
  if (odd !== undefined) wrong.push(charge('message', `a line that is no JSON: ${odd}`))
  if (exit !== 0 && (message === '' || /unexpected error/i.test(message)))
    wrong.push(charge('message', `exit ${exit} says: ${message || 'nothing'}`))
  return wrong
}

async function inFolder(lane: Lane, subject: Subject, folder: string, exit: number | null): Promise<Wrong[]> {
  const files = (await readdir(folder).catch(() => [])).map((name) => join(folder, name))
  if (exit !== 0) {
    if (exit === null || files.length === 0) return []
    return [charge('leftover', `exit ${exit}, and the folder has ${files.length} files`)]
  }
  const rows = await Promise.all(
    files.map(async (file) => parquetReadObjects({ file: await Bun.file(file).arrayBuffer(), compressors })),
  )
  const digest = textOf(digestOf(rows.flat().map(wordsOf)))
  return lane.known(subject).generations.has(digest)
    ? []
    : [charge('wrong publish', `the folder has ${digest}`)]
}

export function charge(what: Charge, words: string): Wrong {
  return { charge: what, words }
}
