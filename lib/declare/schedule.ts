/** When a table is loaded, as cron writes it: the five fields that Argo, Kubernetes, cron, GitHub and Airflow all read alike. */
import { DeclarationError } from './declaration.ts'

/** Minute, hour, day of the month, month, day of the week: `0 6 * * MON-FRI`. */
export type Cron = `${string} ${string} ${string} ${string} ${string}`

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  /** What the numbers from `least` on are called too. */
  readonly words?: readonly string[]
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] as const
const days = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] as const

const fields: readonly Field[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, words: months },
  // 7 is Sunday to some schedulers and refused by others, Kubernetes among them.
  { name: 'day of the week', least: 0, most: 6, words: days },
]

/** In a leap year. */
const daysOfMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const macros: Readonly<Record<string, Cron>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

/** @returns what is wrong with it, after a subject; undefined: it is a schedule, one blank between its fields */
export function wrongSchedule(text: string): string | undefined {
  const word = text.toLowerCase()
  const asFields = Object.hasOwn(macros, word) ? macros[word] : undefined
  if (asFields !== undefined)
    return `is a word that not all schedulers know, and "${asFields}" means the same`
  const given = text.split(' ')
  if (given.length !== fields.length || given.includes('')) {
    return 'is not five fields with one blank between them, such as "0 */12 * * *"'
  }
  const wrong = fields.flatMap((field, at) => wrongField(given[at] ?? '', field) ?? [])
  return wrong[0] ?? (comesDue(given) ? undefined : 'names a day that no month has')
}

/** @throws DeclarationError for what is no schedule */
export function declaredSchedule(table: string, schedule: string | undefined): string | undefined {
  const wrong = schedule === undefined ? undefined : wrongSchedule(schedule)
  if (wrong === undefined) return schedule
  throw new DeclarationError(
    table,
    `its schedule "${schedule}" ${wrong}`,
    "Write it as cron does: schedule: '0 6 * * *' is every day at six.",
  )
}

function wrongField(text: string, field: Field): string | undefined {
  for (const part of text.split(',')) {
    const [, all, from, to, step] = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part) ?? []
    const [first, last = first] = [from, to].map((each) => each && numberIn(each, field))
    const isRange = all !== undefined || to !== undefined
    if (all === undefined && from === undefined) return describe(field, part)
    if (all === undefined && (typeof first !== 'number' || typeof last !== 'number'))
      return describe(field, part)
    if (first !== undefined && last !== undefined && first > last) {
      return `has in its field of the ${field.name} "${part}", which ends before it begins`
    }
    if (step === undefined) continue
    if (!isRange) return `has in its field of the ${field.name} "${part}", a step without a range or *`
    if (Number(step) < 1 || Number(step) > field.most) {
      return `has in its field of the ${field.name} the step ${step}, and 1 to ${field.most} is one`
    }
  }
  return undefined
}

function describe({ name, least, most, words }: Field, part: string): string {
  const named = words === undefined ? '' : `, or ${words[0]} to ${words.at(-1)}`
  return `has in its field of the ${name} "${part}", and takes ${least} to ${most}${named}`
}

/** undefined: the field has no such number, nor such a word. */
function numberIn(text: string, { least, most, words = [] }: Field): number | undefined {
  const word = words.indexOf(text.toUpperCase())
  const number = word >= 0 ? least + word : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN
  return number >= least && number <= most ? number : undefined
}

/** The 31st of February never is; a day of the week that is named too does come. */
function comesDue([, , day = '', month = '', weekday = '']: readonly string[]): boolean {
  if (weekday !== '*' || day.includes('*')) return true
  const [, , , ofMonth] = fields
  const earliest = Math.min(...day.split(',').map((part) => Number.parseInt(part, 10)))
  return daysOfMonth.some(
    (last, at) =>
      earliest <= last &&
      month.split(',').some((part) => {
        const [range = ''] = part.split('/')
        if (ofMonth === undefined || range === '*') return true
        const [from = 0, to = from] = range.split('-').map((each) => numberIn(each, ofMonth) ?? 0)
        return at + 1 >= from && at + 1 <= to
      }),
  )
}
