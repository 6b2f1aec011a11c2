/** The table's own Glue crawler: pointed at a load's folder, run once, and what it made of it. */
import { type Crawler, StartCrawlerCommand, StopCrawlerCommand } from '@aws-sdk/client-glue'
import { Failure } from '../failure/failure.ts'
import type { Call } from './calls.ts'
import type { Aws } from './clients.ts'
import { type CrawlerDefinition, defineCrawler, findCrawler, targetOf } from './crawler-definition.ts'
import { awsFailure, tell } from './failure.ts'
import { columnsOf, findTable, named, readTableCalls } from './glue.ts'
import type { GlueColumn } from './table-input.ts'
import { patienceMs, wait } from './wait.ts'

export interface CrawlOptions extends CrawlerDefinition {
  /** The time for all of it, waiting for a busy crawler included. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly onWait: (message: string) => void
}

export interface Crawled {
  /** Its name in the staging database. */
  readonly table: string
  readonly location: string
  readonly columns: GlueColumn[]
}

/** How often Glue may call a crawler busy that it also calls READY. */
const mostRefusals = 5

/**
 * Runs one crawl of the target, from the crawler's definition to the staged table.
 * It is over when the crawler is READY again and its `LastCrawl` is another than before it was started; AWS's clock is
 * never compared with ours. A crawler that is busy, or pointed elsewhere by another load meanwhile, is waited out.
 * @throws Failure exit 1 when the crawl fails, does not end in time or makes no table of the target
 */
export async function crawl(aws: Aws, options: CrawlOptions): Promise<Crawled> {
  const { crawlerName, target, timeoutMs, signal: stop } = options
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = AbortSignal.any([stop, deadline])
  const run = { started: false }
  try {
    for (;;) {
      await crawlOnce(aws, options, signal, run)
      const staged = await stagedTable(aws, options, signal)
      if (staged !== undefined) return staged
      const ran = await findCrawler(aws, crawlerName, signal)
      if (ran === undefined || targetOf(ran) === target) {
        throw failed(
          options,
          'it ended well but made no table of that folder',
          'Load with --catalog declared.',
        )
      }
      options.onWait(`crawler ${crawlerName} was pointed elsewhere by another load; once more`)
    }
  } catch (error) {
    // It is of no use to anybody any more; and the next load would have to wait for it.
    if (run.started) {
      const patience = { abortSignal: AbortSignal.timeout(patienceMs) }
      await aws.glue.send(new StopCrawlerCommand({ Name: crawlerName }), patience).catch(() => {})
    }
    if (deadline.aborted && !stop.aborted) {
      const reason = `it did not end within ${Math.ceil(timeoutMs / 1000)} s`
      throw failed(
        options,
        reason,
        'Look at the crawler in the Glue console, or load with --catalog declared.',
        error,
      )
    }
    throw awsFailure(error, 'crawl', target)
  }
}

export function crawlCalls({
  crawlerName,
  role,
  staged,
}: {
  readonly crawlerName: string
  readonly role: string
  readonly staged: { readonly database: string; readonly table: string }
}): Call[] {
  const on = { kind: 'crawler', name: crawlerName } as const
  return [
    { call: 'glue:GetCrawler', on },
    { call: ['glue:CreateCrawler', 'glue:UpdateCrawler'], on },
    { call: 'iam:PassRole', on: { kind: 'role', name: role }, by: 'glue' },
    { call: 'glue:StartCrawler', on },
    { call: 'glue:StopCrawler', on, trouble: true },
    ...readTableCalls(staged),
  ]
}

async function crawlOnce(
  aws: Aws,
  options: CrawlOptions,
  signal: AbortSignal,
  run: { started: boolean },
): Promise<void> {
  const { crawlerName } = options
  const { crawlerPoll } = await aws.timings()
  let refusals = 0
  let before: Crawler | undefined
  while (!run.started) {
    before = await readyCrawler(aws, options, signal)
    try {
      await defineCrawler(aws, options, before, signal)
      run.started = true
      await aws.glue.send(new StartCrawlerCommand({ Name: crawlerName }), { abortSignal: signal })
    } catch (error) {
      const defined = run.started
      // Without an answer it may have begun all the same.
      if (tell(error).status !== undefined) run.started = false
      if (signal.aborted) throw error
      if (defined && isBeyondQuota(error)) {
        options.onWait(`crawler ${crawlerName} waits, as many others are at work`)
      } else {
        if (!isBusy(error) || ++refusals > mostRefusals) throw error
        options.onWait(`crawler ${crawlerName} is busy`)
      }
      await wait(crawlerPoll, signal)
    }
  }
  for (;;) {
    await wait(crawlerPoll, signal)
    const { State, LastCrawl } = (await findCrawler(aws, crawlerName, signal)) ?? {}
    const begun = LastCrawl?.StartTime?.getTime()
    if (State !== 'READY' || begun === before?.LastCrawl?.StartTime?.getTime()) continue
    run.started = false
    if (LastCrawl?.Status === 'SUCCEEDED') return
    const reason = LastCrawl?.ErrorMessage ?? `its crawl ended as ${LastCrawl?.Status ?? 'nothing known'}`
    const log =
      LastCrawl?.LogGroup === undefined ? '' : ` Its log: ${LastCrawl.LogGroup} ${LastCrawl.LogStream ?? ''}.`
    throw failed(
      options,
      reason.replace(/[.\s]+$/, ''),
      `Repair the crawler, or load with --catalog declared.${log}`,
    )
  }
}

/** Waits until the crawler is not at work for another load; undefined: there is none yet. */
async function readyCrawler(
  aws: Aws,
  options: CrawlOptions,
  signal: AbortSignal,
): Promise<Crawler | undefined> {
  const { crawlerPoll } = await aws.timings()
  for (let told = false; ; told = true) {
    const crawler = await findCrawler(aws, options.crawlerName, signal)
    if (crawler === undefined || crawler.State === 'READY') return crawler
    if (!told) options.onWait(`crawler ${options.crawlerName} is ${crawler.State?.toLowerCase() ?? 'busy'}`)
    await wait(crawlerPoll, signal)
  }
}

/** @returns undefined when the crawl made none @throws Failure exit 1 when it is of another folder */
async function stagedTable(
  aws: Aws,
  { stagingDatabase: database, tablePrefix, target, ...options }: CrawlOptions,
  signal: AbortSignal,
): Promise<Crawled | undefined> {
  const folder = target.replace(/\/$/, '').split('/').at(-1) ?? ''
  const table = `${tablePrefix}${folder}`
  const live = await findTable(aws, { database, table, signal })
  if (live === undefined) return undefined
  const location = live.StorageDescriptor?.Location ?? ''
  if (location.replace(/\/?$/, '/') !== target) {
    const reason = `its table ${database}.${table} is of ${location || 'no location'}`
    throw failed({ target, ...options }, reason, 'Load with --catalog declared.')
  }
  return { table, location: target, columns: columnsOf(live) }
}

/** A busy crawler answers either; the second also means a definition Glue does not take, hence the bound. */
function isBusy(error: unknown): boolean {
  return named(error, 'CrawlerRunningException', 'InvalidInputException')
}

/** An account has only so many crawlers, and only so many at work: what counts once a crawler is there. */
function isBeyondQuota(error: unknown): boolean {
  return named(error, 'ResourceNumberLimitExceededException')
}

function failed(
  { crawlerName, target }: Pick<CrawlOptions, 'crawlerName' | 'target'>,
  reason: string,
  advice: string,
  cause?: unknown,
): Failure {
  return new Failure({
    exit: 1,
    act: 'crawl',
    thing: target,
    reason: `crawler ${crawlerName}: ${reason}`,
    advice,
    cause,
  })
}
