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
import { runCampaign } from './campaign.ts'
import { kinds } from './kinds.ts'
import { planOf } from './plan.ts'
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

if (flags.lane === undefined) await lead()
else await follow(Number(flags.lane))

async function follow(lane: number): Promise<void> {
  const own = plan.filter((_, at) => at % lanes === lane)
  await runCampaign(own, { processes: 0.3, observe: (outcome) => console.log(JSON.stringify(outcome)) })
}

async function lead(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dracula-torture-'))
  const outcomes: Outcome[] = []
  try {
    await inParallel(
      lanes,
      Array.from({ length: lanes }, (_, lane) => lane),
      async (lane) => {
        const args = ['--seed', String(seed), ...process.argv.slice(2), '--lane', String(lane)]
        const child = Bun.spawn([process.execPath, import.meta.path, ...args], {
          env: { ...process.env, TMPDIR: folder },
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        for await (const line of linesOf(child.stdout)) {
          const outcome = JSON.parse(line) as Outcome
          outcomes.push(outcome)
          console.error(`${outcomes.length}/${plan.length} ${lineOf(outcome)}`)
        }
        if ((await child.exited) !== 0) throw new Error(`Lane ${lane} ended with ${child.exitCode}.`)
      },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const report = reportOf(
    seed,
    outcomes.toSorted((a, b) => a.number - b.number),
  )
  if (flags.report !== undefined) await Bun.write(flags.report, JSON.stringify(report, null, 2))
  console.log(reportText(report))
  process.exitCode = outcomes.some(({ wrong }) => wrong.length > 0) ? 1 : 0
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
