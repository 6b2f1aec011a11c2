#!/usr/bin/env bun
/** `bun run picture`: takes the picture of a terminal that the README shows, from a real run on this machine. */
import { join } from 'node:path'
import { seed } from '../../lib/local/seed.ts'
import { startStandIn } from '../../lib/local/stand-in.ts'
import { startAtTerminal } from '../support/terminal.ts'
import { type Screen, svgOf } from './svg.ts'

const root = join(import.meta.dir, '../..')
export const picture = join(root, '.ci/terminal.svg')
export const columns = 107
const rows = 18

const question = 'select currency, count(*) as documents from currencies group by 1 order by 2 desc limit 5'

if (import.meta.main) {
  const standIn = await startStandIn()
  try {
    await seed(standIn.postgres?.url ?? '', { scale: 3, scaleOf: { events: 0.01 } })
    const loading = await mostTelling(standIn.env)
    const answer = startAtTerminal(['lib/commands/query.ts', question], {
      ...{ env: standIn.env, columns, rows },
    })
    await answer.ended
    const told = (await answer.screen()).filter((text) => text !== '')
    await Bun.write(
      picture,
      svgOf(
        [loading, [`$ bun run query '${question}'`, '', ...told.slice(0, -1), '', ...told.slice(-1)]],
        columns,
      ),
    )
  } finally {
    await standIn.stop()
  }
}

/** The moment at which most is to be seen: most tables that are in the midst of their rows, and then most that have ended. */
async function mostTelling(env: Readonly<Record<string, string>>): Promise<Screen> {
  // What these warn of at their first load is for another picture.
  const flags = ['--parallel', '3', '--exclude', 'events*']
  const terminal = startAtTerminal(['lib/commands/all.ts', ...flags], { env, columns, rows })
  let best: Screen = []
  let ended = false
  void terminal.ended.then(() => {
    ended = true
  })
  const underWay = (screen: Screen) => screen.filter((text) => /█░.* left$/.test(text)).length
  while (!ended) {
    const screen = (await terminal.screen()).slice(0, rows - 1)
    if (screen.at(-1)?.startsWith('…') && underWay(screen) >= underWay(best)) best = screen
    await Bun.sleep(100)
  }
  return [`$ bun run all ${flags.join(' ')}`, ...best]
}
