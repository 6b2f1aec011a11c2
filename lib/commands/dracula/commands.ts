/** The commands of `dracula`. The module of a command is imported when it is asked for, and runs it. */

export interface DraculaCommand {
  readonly name: string
  /** What it does, in a few words. */
  readonly words: string
  /** Runs it with the arguments that the process has by then. */
  start(): Promise<unknown>
}

export const commands: readonly DraculaCommand[] = [
  { name: 'init', words: 'make a project of your own', start: () => import('../init.ts') },
  {
    name: 'load',
    words: 'load one table, as its script does that is started itself',
    start: () => import('../load.ts'),
  },
  { name: 'all', words: 'load all tables', start: () => import('../all.ts') },
  { name: 'check', words: 'run all checks for all tables', start: () => import('../check.ts') },
  {
    name: 'schema',
    words: 'hold scripts against the database',
    start: async () => (await import('../../../checks/schema.ts')).start(),
  },
  {
    name: 'row-counts',
    words: 'count rows in Postgres and in the lake',
    start: async () => (await import('../../../checks/row-counts.ts')).start(),
  },
  {
    name: 'freshness',
    words: 'hold the age of what readers see to what scripts expect',
    start: async () => (await import('../../../checks/freshness.ts')).start(),
  },
  {
    name: 'columns',
    words: 'compare columns with what their loads have recorded',
    start: async () => (await import('../../../checks/columns.ts')).start(),
  },
  {
    name: 'partitions',
    words: 'compare the partitions that loads keep',
    start: async () => (await import('../../../checks/partitions.ts')).start(),
  },
  {
    name: 'loads',
    words: 'show the loads of a table, or how fresh all are',
    start: () => import('../loads.ts'),
  },
  { name: 'query', words: 'ask the lake, and print what it answers', start: () => import('../query.ts') },
  {
    name: 'tell',
    words: 'tell how a run ended whose pod could not, and whether messages arrive',
    start: () => import('../tell.ts'),
  },
  {
    name: 'report',
    words: 'write a page that shows every table of the lake',
    start: () => import('../report.ts'),
  },
  {
    name: 'compare',
    words: 'show where another pipeline’s table differs from ours',
    start: () => import('../compare.ts'),
  },
  { name: 'rollback', words: 'publish an earlier load again', start: () => import('../rollback.ts') },
  { name: 'new', words: 'write a script for a table of the database', start: () => import('../new.ts') },
  { name: 'doctor', words: 'examine an installation', start: () => import('../doctor.ts') },
  {
    name: 'policies',
    words: 'print what Postgres and AWS have to allow',
    start: () => import('../policies.ts'),
  },
  { name: 'argo', words: 'print Argo’s workflows', start: () => import('../argo.ts') },
  {
    name: 'fan-out',
    words: 'run a step of a load by several machines',
    start: () => import('../fan-out.ts'),
  },
  {
    name: 'local',
    words: 'keep S3, Glue and Athena up on this machine, or run a command in them',
    start: () => import('../local.ts'),
  },
]
