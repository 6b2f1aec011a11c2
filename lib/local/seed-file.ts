/** Fills a Postgres that was started here by SQL of the user's own. */
import { readFile } from 'node:fs/promises'
import postgres from 'postgres'
import { Failure } from '../failure/failure.ts'
import { fileReason } from '../failure/file-reason.ts'

/**
 * Reads it before a server is started for it.
 * @throws Failure (2) for a file that cannot be read, or has what is no SQL
 */
export async function readSeedFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw refused(path, fileReason(cause), 'Give --seed a file of SQL that exists and can be read.', cause)
  })
  requireNoRows(path, text)
  return text
}

/**
 * Runs all statements, or none where the file begins no transaction of its own.
 * @param path where `text` was read, for messages
 * @param signal cancels what is running
 * @throws Failure (2) with the line of what is refused
 */
export async function seedByFile(
  url: string,
  path: string,
  { text, signal }: { readonly text: string; readonly signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted()
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: 'dracula/seed' },
  })
  const query = sql.unsafe(text)
  const cancel = () => query.cancel()
  signal.addEventListener('abort', cancel)
  try {
    await query
  } catch (cause) {
    signal.throwIfAborted()
    const { message, position } = Object(cause)
    const line =
      typeof position === 'string' ? `line ${lineAfter(lettersOf(text, Number(position) - 1))}: ` : ''
    throw refused(path, `${line}${String(message).trim()}`, 'Correct it, and run it again.', cause)
  } finally {
    signal.removeEventListener('abort', cancel)
    await sql.end({ timeout: 1 })
  }
}

/** psql sends the rows behind such a statement by themselves, as they are no SQL. */
function requireNoRows(path: string, text: string): void {
  const found = /^[ \t]*copy\b[^;]*\bfrom\s+stdin\b/im.exec(text)
  if (found === null) return
  const line = lineAfter(text.slice(0, found.index))
  const advice = 'Write INSERT in its place, as pg_dump --inserts does.'
  throw refused(path, `line ${line}: COPY … FROM stdin has rows behind it that are no SQL`, advice)
}

function lineAfter(text: string): number {
  return text.split('\n').length
}

/** The server counts characters, of which some are two in a string here. */
function lettersOf(text: string, count: number): string {
  return [...text].slice(0, count).join('')
}

function refused(path: string, reason: string, advice: string, cause?: unknown): Failure {
  return new Failure({ exit: 2, act: 'fill the database by', thing: path, reason, advice, cause })
}
