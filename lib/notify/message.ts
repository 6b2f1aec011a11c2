/** What is sent to a webhook and to a topic: one message of everything that has changed, for people and for machines. */
import packageFile from '../../package.json' with { type: 'json' }
import type { Outcome, Subject, Trouble } from './outcome.ts'
import type { Change, Telling } from './state.ts'

/** The JSON of a message; a versioned contract. */
export interface Message {
  readonly version: 1
  readonly dracula_version: string
  /** null: it has no name. */
  readonly environment: string | null
  /** For people. */
  readonly text: string
  /** `test`: only whether messages arrive. */
  readonly events: readonly ToldEvent[]
  /** Changes that are not among the events, as they are many. */
  readonly more: number
}

export interface ToldEvent {
  readonly event: Change | 'test'
  /** null: of all tables. */
  readonly table: string | null
  /** null: loads. */
  readonly check: string | null
  /** Now, and when it first failed: ISO 8601. */
  readonly at: string
  readonly since: string
  /** How many times in a row it has failed; null: nobody could count. */
  readonly failures: number | null
  /** The last line of the log; null: it is well. */
  readonly line: string | null
  readonly cause: string | null
  readonly remedy: string | null
  readonly retry: Trouble['retry'] | null
  readonly exit: number | null
  readonly load: string | null
  readonly phase: string | null
}

export interface Told {
  readonly outcome: Outcome
  readonly telling: Pick<Telling, 'change'> & {
    readonly spell: { readonly since: string; readonly failures: number | null }
  }
}

/** Letters of one text: somebody else may have written it, as a server. */
const mostLetters = 1_000
/** SNS takes 256 KB, and Slack 40,000 characters; more than a few at a time nobody reads. */
const mostEvents = 15

export function messageOf(all: readonly Told[], environment: string | undefined, now: number): Message {
  const at = new Date(now).toISOString()
  const told = all.slice(0, mostEvents)
  const more = all.length - told.length
  const lines = [...told.map(textOf), ...(more > 0 ? [`… and ${more} more`] : [])]
  return envelope(environment, { events: told.map((each) => eventOf(each, at)), lines, more })
}

export function testMessage(environment: string | undefined, now: number): Message {
  const at = new Date(now).toISOString()
  const nothing = { line: null, cause: null, remedy: null, retry: null, exit: null, load: null, phase: null }
  const event = {
    event: 'test',
    table: null,
    check: null,
    at,
    since: at,
    failures: null,
    ...nothing,
  } as const
  const lines = ['Dracula tells here when a table fails, and when it is well again.']
  return envelope(environment, { events: [event], lines, more: 0 })
}

/** A line for the subject of a mail: `[production] orders fails`. */
export function subjectLine({ environment, events, more }: Message): string {
  const [first] = events
  const what =
    events.length > 1
      ? `${events.length + more} tables and checks have changed`
      : first === undefined || first.event === 'test'
        ? 'a test'
        : `${nameOf(first)} ${first.event === 'failing' ? 'fails' : 'is well again'}`
  // SNS API, Publish: at most 100 characters of ASCII, without control characters.
  return `[${environment ?? 'dracula'}] ${what}`.replace(/[^ -~]/g, '?').slice(0, 100)
}

function envelope(
  environment: string | undefined,
  { events, lines, more }: Pick<Message, 'events' | 'more'> & { readonly lines: readonly string[] },
): Message {
  const of = environment === undefined ? '' : `[${environment}] `
  return {
    version: 1,
    dracula_version: packageFile.version,
    environment: environment ?? null,
    text: lines.map((line) => `${of}${line}`).join('\n'),
    events,
    more,
  }
}

function eventOf({ outcome, telling: { change, spell } }: Told, at: string): ToldEvent {
  const { table = null, check = null, trouble } = outcome
  return {
    event: change,
    ...{ table, check, at, since: spell.since, failures: spell.failures },
    line: trouble === undefined ? null : cut(trouble.line),
    cause: trouble === undefined ? null : cut(trouble.cause),
    remedy: trouble === undefined ? null : cut(trouble.remedy),
    retry: trouble?.retry ?? null,
    exit: trouble?.exit ?? null,
    load: trouble?.load ?? null,
    phase: trouble?.phase ?? null,
  }
}

function textOf({ outcome, telling: { spell } }: Told): string {
  const { trouble } = outcome
  if (trouble !== undefined) {
    // What to do is at the end of it.
    const { line, remedy } = trouble
    return `✗ ${cut(line)}${line.length > mostLetters ? ` Do: ${cut(remedy)}` : ''}`
  }
  const times = spell.failures === 1 ? 'once' : `${spell.failures} times`
  return `✓ ${nameOf(outcome)} is well again; it failed ${times} since ${spell.since}`
}

/** `orders`, `orders (freshness)`, `freshness` */
function nameOf({ table, check }: Subject | ToldEvent): string {
  if (typeof table !== 'string') return check ?? 'all'
  return typeof check === 'string' ? `${table} (${check})` : table
}

/** In JSON a control character is as long as six others. */
function cut(text: string): string {
  const plain = text.replace(/\p{Cc}+/gu, ' ')
  return plain.length <= mostLetters ? plain : `${plain.slice(0, mostLetters).toWellFormed()} …`
}
