/** Which tables are loaded when: as their scripts say, the others at one time. */
import type { Table } from '../../declare/table.ts'

export interface Schedule {
  /** The name of its template; its CronWorkflow has the installation's name before it. */
  readonly name: string
  /** Five fields, as Kubernetes takes them. */
  readonly cron: string
  readonly tables: readonly string[]
}

/** Every twelve hours. */
export const usualCron = '0 */12 * * *'

/** Letters of a CronWorkflow's name: Kubernetes takes 63, and each of its workflows is told apart by eleven more. */
const mostLetters = 52

/**
 * One for each time that a script says, the usual one first.
 * @param installation its name
 */
export function schedulesOf(
  tables: readonly Pick<Table, 'name' | 'schedule'>[],
  usual: string,
  installation: string,
): Schedule[] {
  const first = usual.toUpperCase()
  const byCron = Map.groupBy(tables, ({ schedule = usual }) => schedule.toUpperCase())
  const crons = [...byCron.keys()].toSorted(
    (one, other) => Number(other === first) - Number(one === first) || one.localeCompare(other),
  )
  return crons.map((cron) => ({
    name: nameOf(cron, mostLetters - installation.length - 1),
    cron,
    tables: (byCron.get(cron) ?? []).map(({ name }) => name),
  }))
}

/** `at-0-every12` for every twelve hours: the same time has the same name, whatever other times there are. */
function nameOf(cron: string, letters: number): string {
  const words = cron
    .toLowerCase()
    .replace(/(?: \*)+$/, '')
    .replaceAll('*/', 'every')
    .replaceAll('/', 'every')
    .replaceAll('*', 'all')
    .replaceAll('-', 'to')
    .replaceAll(',', 'and')
    .replaceAll(' ', '-')
  const name = `at-${words}`
  if (name.length <= letters) return name
  const hash = new Bun.CryptoHasher('sha256').update(cron).digest('hex').slice(0, 8)
  return `at-${hash}`
}
