#!/usr/bin/env bun
/**
 * `bun run torture`: loads and rollbacks are disturbed in every way at random moments, while somebody reads all the time; a
 * judge that shares no code with them says whether readers saw whole loads only, and whether anything was left.
 *
 * I want to…                                  → file
 * add a kind of fault                         → kinds/, kinds.ts
 * disturb another kind of table               → subjects.ts, scripts/, action.ts
 * let a fault strike at another moment        → moment.ts
 * change what readers ask                     → reader.ts, watch.ts, digest.ts
 * change what is right after a fault          → judge.ts, leftovers.ts
 * change what a fault is followed by          → strike.ts, campaign.ts
 * change what strikes when                    → plan.ts
 * change where it happens: Postgres, clock    → lane.ts, server.ts, clock.ts, process.ts
 * read what was found                         → report.ts
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { inParallel } from '../../lib/concurrency/in-parallel.ts'
import { makeTemplate } from '../../lib/local/postgres.ts'
import { brokenOutcome, runCampaign } from './campaign.ts'
import { kinds } from './kinds.ts'
import { type Planned, planOf } from './plan.ts'
import { lineOf, reportOf, reportText } from './report.ts'
import type { Outcome } from './strike.ts'
import { subjects } from './subjects.ts'

interface Flags {
  readonly faults: string
  readonly seed: string
  readonly lanes: string
  readonly only?: string
  readonly kinds?: string
  readonly subjects?: string
  readonly report?: string
  readonly lane?: string
  readonly skip: string
}

const command = new Command('bun run torture')
  .description('Disturbs loads in every way at random moments, and judges what readers see and what is left.')
  .option('--faults <n>', 'how many faults', '100')
  .option('--seed <n>', 'the same seed has the same faults', String(Date.now() % 2 ** 31))
  .option('--lanes <n>', 'how many processes share them, each with a Postgres of its own', '2')
  .option('--only <numbers>', 'of the plan only these: 17, or 17,40')
  .option('--kinds <pattern>', 'only kinds whose name matches')
  .option('--subjects <pattern>', 'only subjects whose name matches')
  .option('--report <file>', 'write all outcomes there, as JSON')
  .option('--lane <k>', 'one of the processes, which prints its outcomes as JSON lines')
  .option('--skip <n>', 'so many of its faults are done', '0')
  .parse()

const flags = command.opts<Flags>()
const seed = Number(flags.seed)
const all = planOf(seed, Number(flags.faults), {
  kinds: kinds.filter(({ name }) => new RegExp(flags.kinds ?? '').test(name)),
  subjects: subjects.filter(({ name }) => new RegExp(flags.subjects ?? '').test(name)),
})
const only = flags.only?.split(',').map(Number)
const plan = only === undefined ? all : all.filter(({ number }) => only.includes(number))
const lanes = Math.min(Number(flags.lanes), plan.length)

/** The processes of lanes: an interruption ends them, and what they have judged by then is reported. */
const running = new Set<Bun.Subprocess>()

if (flags.lane === undefined) await lead()
else await follow(Number(flags.lane))

/** The part of one process. */
function partOf(lane: number): readonly Planned[] {
  return plan.filter((_, at) => at % lanes === lane)
}

/** The end of whoever leads, however it comes, closes stdin. */
async function follow(lane: number): Promise<void> {
  process.stdin.on('end', () => process.exit(1)).resume()
  const part = partOf(lane).slice(Number(flags.skip))
  await runCampaign(part, { processes: 0.15, observe: (outcome) => console.log(JSON.stringify(outcome)) })
  process.stdin.pause()
}

async function lead(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dracula-torture-'))
  const outcomes: Outcome[] = []
  let stopped = false
  const template = await makeTemplate(folder)
  process.once('SIGINT', () => {
    stopped = true
    for (const child of running) child.kill('SIGTERM')
  })
  const tell = (outcome: Outcome) => {
    outcomes.push(outcome)
    console.error(`${outcomes.length}/${plan.length} ${lineOf(outcome)}`)
  }
  try {
    await inParallel(lanes, [...Array(lanes).keys()], async (lane) => {
      const part = partOf(lane)
      // One that ends in the middle is replaced: what it was at is judged as a fault that nobody saw the end of.
      for (let done = 0; done < part.length; ) {
        const exit = await runLane({ lane, skip: done, folder, template: template.folder }, (outcome) => {
          done++
          tell(outcome)
        })
        const planned = part[done]
        if (planned === undefined || stopped) return
        tell(brokenOutcome(planned, `the process of lane ${lane} ended with ${exit}`))
        done++
      }
    })
  } finally {
    await template.remove()
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
  const report = reportOf(
    seed,
    outcomes.toSorted((a, b) => a.number - b.number),
  )
  if (flags.report !== undefined) await Bun.write(flags.report, `${JSON.stringify(report, null, 2)}\n`)
  console.log(reportText(report))
  process.exitCode = outcomes.some(({ wrong }) => wrong.length > 0) ? 1 : 0
}

/** @returns its exit code */
async function runLane(
  {
    lane,
    skip,
    folder,
    template,
  }: { readonly lane: number; readonly skip: number; readonly folder: string; readonly template: string },
  tell: (outcome: Outcome) => void,
): Promise<number> {
  const args = [
    '--seed',
    String(seed),
    ...process.argv.slice(2),
    '--lane',
    String(lane),
    '--skip',
    String(skip),
  ]
  const child = Bun.spawn([process.execPath, import.meta.path, ...args], {
    env: { ...process.env, TMPDIR: folder, DRACULA_TEST_TEMPLATE: template },
    stdio: ['pipe', 'pipe', 'inherit'],
    // A session of its own, so that a signal of the terminal comes to it once, and Linux gives it a share of its own.
    detached: true,
  })
  running.add(child)
  for await (const line of linesOf(child.stdout)) tell(JSON.parse(line) as Outcome)
  running.delete(child)
  return child.exited
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
