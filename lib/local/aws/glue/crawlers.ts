/** Glue's operations about crawlers, and the states a crawler goes through. */
import type { Database } from 'bun:sqlite'
import type { Answering } from '../engine.ts'
import type { Need } from '../iam/evaluate.ts'
import type { Guard } from '../iam/guard.ts'
import { crawlNeeds, roleArn } from '../iam/needs.ts'
import { objectsRead } from '../iam/s3.ts'
import {
  epochSeconds,
  type Json,
  list,
  type Operation,
  type Orders,
  optionalText,
  page,
  structure,
  text,
} from '../json/input.ts'
import { parseLocation } from '../s3/location.ts'
import type { S3Store } from '../s3/store.ts'
import { ServiceError } from '../service-error.ts'
import type { GlueCatalog } from './catalog.ts'
import { type CrawlTarget, crawl } from './crawl.ts'

interface Run {
  readonly started: number
  readonly stop: AbortController
  state: 'RUNNING' | 'STOPPING'
}

/** Milliseconds a crawl stays in each state at least, so that a poll can see it; in AWS they are minutes. */
const shortest = { RUNNING: 60, STOPPING: 30 }

const settings = [
  'Role',
  'DatabaseName',
  'Description',
  'Targets',
  'TablePrefix',
  'Classifiers',
  'SchemaChangePolicy',
  'RecrawlPolicy',
  'Configuration',
]

/**
 * Glue crawlers over S3 targets. A run goes READY, RUNNING, STOPPING, READY; `LastCrawl` is the run before until
 * the last READY. Nothing is ever deleted from the catalog, whatever DeleteBehavior says.
 */
export function crawlerOperations(
  database: Database,
  parts: { store: S3Store; catalog: GlueCatalog; engine: Answering; guard: Guard },
): {
  operations: Record<string, Operation>
  /** How many there are, and how many of them are at work. */
  count: () => { readonly all: number; readonly atWork: number }
  stop: () => Promise<void>
} {
  database.run('create table if not exists crawlers (name text primary key, body text not null)')
  const runs = new Map<string, Run>()
  const ends = new Set<Promise<void>>()

  const find = (name: string): Json => {
    const row = database
      .query<{ body: string }, [string]>('select body from crawlers where name = ?')
      .get(name)
    if (row === null)
      throw new ServiceError('EntityNotFoundException', `Crawler entry with name ${name} does not exist`)
    return JSON.parse(row.body)
  }
  const save = (name: string, crawler: Json) =>
    database.run('insert or replace into crawlers values (?, ?)', [name, JSON.stringify(crawler)])
  const idle = (name: string) => {
    if (runs.has(name)) {
      throw new ServiceError('CrawlerRunningException', `Crawler with name ${name} has already started`)
    }
  }
  const nameOf = (input: Json) => optionalText(input, 'Name') ?? ''

  const run = async (name: string, crawler: Json, orders: Orders['crawl'], current: Run): Promise<void> => {
    const stopped = new Promise<void>((resolve) => {
      current.stop.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    let last: Json = { Status: 'SUCCEEDED' }
    try {
      await Promise.race([Bun.sleep(shortest.RUNNING), stopped])
      if (orders?.kind === 'hangs') await stopped
      if (orders?.kind === 'fails') throw new Error(orders.message)
      if (!current.stop.signal.aborted) {
        const refusal = parts.guard.refusal(
          roleArn(text(crawler, 'Role')),
          needsOf(parts.store, target(crawler)),
        )
        if (refusal !== undefined) throw new Error(refusal)
        const inferred = orders?.kind === 'infers' ? orders.columns : undefined
        await crawl(parts, target(crawler), inferred, current.stop.signal)
      }
      if (current.stop.signal.aborted) last = { Status: 'CANCELLED' }
    } catch (error) {
      if (current.stop.signal.aborted) last = { Status: 'CANCELLED' }
      else last = { Status: 'FAILED', ErrorMessage: error instanceof Error ? error.message : String(error) }
    }
    current.state = 'STOPPING'
    await Bun.sleep(shortest.STOPPING)
    runs.delete(name)
    const LastCrawl = {
      ...last,
      StartTime: epochSeconds(current.started),
      LogGroup: '/aws-glue/crawlers',
      LogStream: name,
      MessagePrefix: crypto.randomUUID(),
    }
    save(name, { ...find(name), LastCrawl })
  }

  const operations: Record<string, Operation> = {
    CreateCrawler: {
      subject: nameOf,
      takes: `Name ${settings.join(' ')}`,
      perform: (input) => {
        const name = text(input, 'Name')
        const crawler = checked(input)
        if (database.query('select 1 from crawlers where name = ?').get(name) !== null) {
          throw new ServiceError('AlreadyExistsException', `Crawler already exists: ${name}`)
        }
        const now = epochSeconds(Date.now())
        save(name, { ...crawler, Name: name, CreationTime: now, LastUpdated: now, Version: 1 })
        return {}
      },
    },
    UpdateCrawler: {
      subject: nameOf,
      takes: `Name ${settings.join(' ')}`,
      perform: (input) => {
        const name = text(input, 'Name')
        const before = find(name)
        idle(name)
        const Version = Number(before['Version']) + 1
        const crawler = checked({ ...before, ...input })
        save(name, { ...before, ...crawler, LastUpdated: epochSeconds(Date.now()), Version })
        return {}
      },
    },
    GetCrawler: {
      subject: nameOf,
      takes: 'Name',
      perform: (input) => {
        const name = text(input, 'Name')
        const current = runs.get(name)
        const CrawlElapsedTime = current === undefined ? 0 : Date.now() - current.started
        return { Crawler: { ...find(name), State: current?.state ?? 'READY', CrawlElapsedTime } }
      },
    },
    GetCrawlers: {
      subject: () => '',
      takes: 'NextToken MaxResults',
      perform: (input) => {
        const all = database
          .query<{ body: string }, []>('select body from crawlers order by name')
          .all()
          .map(({ body }): Json => JSON.parse(body))
        const { items, ...next } = page(all, input, 100)
        const Crawlers = items.map((each) => ({
          ...each,
          State: runs.get(text(each, 'Name'))?.state ?? 'READY',
        }))
        return { Crawlers, ...next }
      },
    },
    StartCrawler: {
      subject: nameOf,
      takes: 'Name',
      perform: (input, orders) => {
        const name = text(input, 'Name')
        const crawler = find(name)
        idle(name)
        const current: Run = { started: Date.now(), stop: new AbortController(), state: 'RUNNING' }
        runs.set(name, current)
        const end = run(name, crawler, orders.crawl, current).finally(() => ends.delete(end))
        ends.add(end)
        return {}
      },
    },
    StopCrawler: {
      subject: nameOf,
      takes: 'Name',
      perform: (input) => {
        const name = text(input, 'Name')
        find(name)
        const current = runs.get(name)
        if (current === undefined) {
          throw new ServiceError('CrawlerNotRunningException', `Crawler with name ${name} isn't running`)
        }
        if (current.state === 'STOPPING') {
          throw new ServiceError('CrawlerStoppingException', `Crawler with name ${name} is stopping`)
        }
        current.stop.abort()
        return {}
      },
    },
    DeleteCrawler: {
      subject: nameOf,
      takes: 'Name',
      perform: (input) => {
        const name = text(input, 'Name')
        find(name)
        idle(name)
        database.run('delete from crawlers where name = ?', [name])
        return {}
      },
    },
  }
  const stop = async () => {
    for (const current of runs.values()) current.stop.abort()
    await Promise.allSettled(ends)
  }
  const count = () => {
    const all = database.query<{ n: number }, []>('select count(*) as n from crawlers').get()?.n ?? 0
    return { all, atWork: runs.size }
  }
  return { operations, count, stop }
}

/** The settings a crawler keeps. */
function checked(input: Json): Json {
  text(input, 'Role')
  text(input, 'DatabaseName')
  const others = Object.entries(structure(input, 'Targets')).filter(
    ([kind, targets]) => kind !== 'S3Targets' && Array.isArray(targets) && targets.length > 0,
  )
  if (others.length > 0 || list(structure(input, 'Targets'), 'S3Targets').length === 0) {
    throw new ServiceError('InvalidInputException', 'The local stand-in crawls S3 targets, one at least.')
  }
  return Object.fromEntries(Object.entries(input).filter(([name]) => settings.includes(name)))
}

function needsOf(store: S3Store, { paths, database, tablePrefix }: CrawlTarget): Need[] {
  return paths.flatMap((path) => {
    const location = parseLocation(path)
    const table = `${tablePrefix}${location?.prefix.split('/').at(-2) ?? ''}`.toLowerCase()
    return crawlNeeds({ database, table, location, objects: objectsRead(store, location) })
  })
}

function target(crawler: Json): CrawlTarget {
  return {
    crawler: text(crawler, 'Name'),
    paths: list(structure(crawler, 'Targets'), 'S3Targets').map((each) => text(each, 'Path')),
    database: text(crawler, 'DatabaseName'),
    tablePrefix: optionalText(crawler, 'TablePrefix') ?? '',
    updates: structure(crawler, 'SchemaChangePolicy')['UpdateBehavior'] !== 'LOG',
  }
}
