/** Which tables are loaded when: every 12 hours, but for those that change little or take long. */
export interface Schedule {
  /** The name of its template; its CronWorkflow has the installation's name before it. */
  readonly name: string
  /** Five fields, as Kubernetes takes them. */
  readonly cron: string
  readonly tables: readonly string[]
}

export const scheduleDefaults = {
  twelveHourly: '0 */12 * * *',
  /** Between two rounds of the others. */
  daily: '0 6 * * *',
  dailyTables: ['inventories'],
} as const

export interface ScheduleChoice {
  readonly twelveHourly: string
  readonly daily: string
  readonly dailyTables: readonly string[]
}

/** A schedule without tables is left out. */
export function schedulesOf(
  tables: readonly string[],
  choice: ScheduleChoice = scheduleDefaults,
): Schedule[] {
  const { twelveHourly, daily, dailyTables } = choice
  const schedules = [
    {
      name: 'twelve-hourly',
      cron: twelveHourly,
      tables: tables.filter((table) => !dailyTables.includes(table)),
    },
    { name: 'daily', cron: daily, tables: tables.filter((table) => dailyTables.includes(table)) },
  ]
  return schedules.filter((schedule) => schedule.tables.length > 0)
}
