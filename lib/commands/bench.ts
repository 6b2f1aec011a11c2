#!/usr/bin/env bun
/**
 * `bun run bench`: what a load costs beside what runs beside it, on this machine, in this minute.
 *
 * I want to…                              → file
 * measure something else, or elsewhere    → bench/flags.ts, bench/parts/
 * hold loads against another program      → bench/peers.ts, bench/peers/
 * measure another table                   → bench/tables.ts
 * change the network that loads are slow in → bench/proxy.ts
 * change what is taken of each run        → bench/measure.ts, bench/figures.ts
 */
import { availableParallelism, loadavg } from 'node:os'
import { runCommand } from '../cli/command.ts'
import { requirePackages } from '../cli/require-packages.ts'
import { standInPackages } from '../local/packages.ts'
import { seed } from '../local/seed.ts'
import { benchCommand, type Flags, type PartName, parts } from './bench/flags.ts'
import { allPart } from './bench/parts/all.ts'
import { emptyPart } from './bench/parts/empty.ts'
import { growthPart } from './bench/parts/growth.ts'
import { incrementalPart } from './bench/parts/incremental.ts'
import { latencyPart, throttledPart } from './bench/parts/network.ts'
import type { Part } from './bench/parts/part.ts'
import { quotasPart } from './bench/parts/quotas.ts'
import { tablesPart } from './bench/parts/tables.ts'
import { findPeers } from './bench/peers.ts'
import { openPlace } from './bench/place.ts'

const command = benchCommand()

const run: Readonly<Record<PartName, Part>> = {
  tables: async (bench) => tablesPart(bench, await findPeers(bench.flags.peers)),
  empty: emptyPart,
  all: allPart,
  throttled: throttledPart,
  latency: latencyPart,
  growth: growthPart,
  incremental: incrementalPart,
  quotas: quotasPart,
}

/** Not console.error, which paints it red on a terminal. */
function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

function show(text: string): void {
  console.log(text)
}

/** Tells when others want the cores too. */
function warnOfOthers(): void {
  const [waiting = 0] = loadavg()
  const cores = availableParallelism()
  if (waiting < cores) return
  say(
    `Others are at work here: ${waiting.toFixed(1)} processes want ${cores} cores. Go by CPU, not by wall time.`,
  )
}

await runCommand(command, async (signal) => {
  const flags = command.opts<Flags>()
  requirePackages(command.name(), standInPackages)
  // Before anything is started: a wrong folder is a wrong flag.
  await findPeers(flags.peers)
  warnOfOthers()
  const place = await openPlace(say)
  try {
    // Marks the database as one that may be written to.
    await seed(place.url, { tables: [] })
    const figures: Partial<Record<PartName, unknown>> = {}
    console.log(`Medians of ${flags.repeat} ${flags.repeat === 1 ? 'round' : 'rounds'}, taken in turns\n`)
    for (const part of Object.keys(parts) as PartName[]) {
      if (!flags.parts.includes(part)) continue
      figures[part] = await run[part]({ flags, place, signal, say, show })
    }
    if (flags.json) console.log(JSON.stringify(figures))
    return 0
  } finally {
    await place.stop()
  }
})
