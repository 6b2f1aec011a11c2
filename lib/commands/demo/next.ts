/** What the demo proposes at its end: three commands that work at once, which tests run. */
import { textTable } from '../../cli/text-table.ts'

type Proposals = readonly (readonly [command: string, what: string])[]

/** While all of it is up, in a shell that has the printed lines. */
export const whileUp: Proposals = [
  ["bun run query 'select name, id from organizations order by id limit 5'", 'ask the lake'],
  ['bun run loads events', 'see what was loaded, and when'],
  ['bun run rollback events', 'have readers see the load before again'],
]

/** When all of it is gone. */
export const afterwards: Proposals = [
  ['bun run demo --stay', 'keep it all up, to ask and load yourself'],
  ['bun run local -- bun scripts/purchase_orders.ts --dry-run', 'see the plan of one load'],
  ['bun run help', 'know all commands'],
]

export function proposed(proposals: Proposals): string {
  return `What to try next\n\n${textTable(proposals)}`
}
