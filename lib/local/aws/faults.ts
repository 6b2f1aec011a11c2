/**
 * How the stand-in is told to misbehave, and what it remembers of every request: in-process through `Faults`, from
 * another process by `POST /__faults` (a rule or a list of them), `DELETE /__faults`, `POST /__release`, `GET /__log`.
 */
import type { Alteration } from './altered-answer.ts'

export type Action =
  /** Waits, then goes on. */
  | { readonly kind: 'latency'; readonly ms: number }
  /** Answers with an error and does nothing. `status` defaults to what AWS sends with the code. */
  | { readonly kind: 'error'; readonly code: string; readonly status?: number; readonly message?: string }
  /** Closes the connection and does nothing. */
  | { readonly kind: 'drop' }
  /** Does it, then closes the connection. */
  | { readonly kind: 'lost answer' }
  /** Waits for `release()` before doing it; a caller that is gone by then gets nothing done. */
  | { readonly kind: 'hold' }
  /** Does it, then waits for `release()` before it answers. */
  | { readonly kind: 'hold answer' }
  /** Does it, sends half of the answer's body, then closes the connection: at once, or where it stalls once released. */
  | { readonly kind: 'half an answer'; readonly stalls?: boolean }
  /** On StartCrawler: the crawl ends FAILED. */
  | { readonly kind: 'crawl fails'; readonly message?: string }
  /** On StartCrawler: the crawl stays RUNNING until it is stopped. */
  | { readonly kind: 'crawl hangs' }
  /** On StartCrawler: the crawl succeeds, with these columns in every table, in Hive's words. */
  | {
      readonly kind: 'crawl infers'
      readonly columns: readonly { readonly name: string; readonly type: string }[]
    }
  /** On StartQueryExecution: the query ends FAILED. */
  | { readonly kind: 'query fails'; readonly message?: string }
  /** On StartQueryExecution: the query stays RUNNING until it is stopped. */
  | { readonly kind: 'query hangs' }
  /** On StartQueryExecution: the first value of the first row, a whole number, is off by this much. */
  | { readonly kind: 'wrong count'; readonly by: number }
  /** Does it, then answers something else. */
  | ({ readonly kind: 'answers' } & Alteration)

export interface Rule {
  /** AWS' name of it: `UploadPart`, `UpdateTable`, `StartQueryExecution`; `*` is any. */
  readonly operation: string
  /** Part of the request's subject, see `LogEntry`. */
  readonly match?: string
  /** Requests of this access key alone; without it, all. */
  readonly by?: string
  /** Matching requests let through first. */
  readonly after?: number
  /** Matching requests it applies to from then on; without it, all. */
  readonly times?: number
  readonly action: Action
}

export interface LogEntry {
  readonly operation: string
  /** `bucket/key`, `database.table`, the crawler's name, the query's text or id. */
  readonly subject: string
  /** The access key it was signed with; empty: none. */
  readonly by: string
  /** Milliseconds since 1970 of its arrival. */
  readonly at: number
  /** HTTP status once answered; `gone`: the caller left before that. */
  status: number | 'running' | 'held' | 'dropped' | 'gone'
}

const kinds: readonly Action['kind'][] = [
  'latency',
  'error',
  'drop',
  'lost answer',
  'hold',
  'hold answer',
  'half an answer',
  'crawl fails',
  'crawl hangs',
  'crawl infers',
  'query fails',
  'query hangs',
  'wrong count',
  'answers',
]

/** After these somebody looks whether the caller is still there. */
const holding: readonly Action['kind'][] = ['hold', 'hold answer', 'half an answer']

export class Faults {
  #rules: { readonly rule: Rule; seen: number }[] = []
  #released = Promise.withResolvers<void>()
  readonly log: LogEntry[] = []

  add(...rules: Rule[]): void {
    for (const rule of rules) {
      if (typeof rule?.operation !== 'string' || !kinds.includes(rule.action?.kind)) {
        throw new RangeError(
          `Not a rule: ${JSON.stringify(rule)}. It needs an operation and an action of the kind ${kinds.join(', ')}.`,
        )
      }
      this.#rules.push({ rule, seen: 0 })
    }
  }

  clear(): void {
    this.#rules = []
  }

  mayHold(): boolean {
    return this.#rules.some(({ rule }) => holding.includes(rule.action.kind))
  }

  /** Lets everything go on that is held now. */
  release(): void {
    this.#released.resolve()
    this.#released = Promise.withResolvers()
  }

  /** Logs a request and says what its rules ask for, in the order they were added. */
  arrive(operation: string, subject: string, by: string): { entry: LogEntry; actions: Action[] } {
    const entry: LogEntry = { operation, subject, by, at: Date.now(), status: 'running' }
    this.log.push(entry)
    const actions: Action[] = []
    for (const each of this.#rules) {
      const { rule } = each
      if (rule.operation !== '*' && rule.operation !== operation) continue
      if (rule.match !== undefined && !subject.includes(rule.match)) continue
      if (rule.by !== undefined && rule.by !== by) continue
      each.seen += 1
      const { after = 0, times = Number.POSITIVE_INFINITY } = rule
      if (each.seen > after && each.seen <= after + times) actions.push(rule.action)
    }
    return { entry, actions }
  }

  /** Settles when released, or when the caller has gone: then false. */
  async hold(entry: LogEntry, caller: AbortSignal): Promise<boolean> {
    entry.status = 'held'
    const gone = Promise.withResolvers<void>()
    caller.addEventListener('abort', () => gone.resolve(), { once: true })
    if (!caller.aborted) await Promise.race([this.#released.promise, gone.promise])
    entry.status = caller.aborted ? 'gone' : 'running'
    return !caller.aborted
  }

  /** Settles once a request of this operation is held. */
  async held(operation: string): Promise<LogEntry> {
    for (;;) {
      const entry = this.log.find((each) => each.operation === operation && each.status === 'held')
      if (entry !== undefined) return entry
      await Bun.sleep(5)
    }
  }
}
