/** Commands beside loads: each as a user starts it, and its answer looked at. */
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { pageKey } from '../../../lib/lake/layout.ts'
import { Refused } from '../outcome.ts'
import { scripts } from '../product.ts'
import everyKind from '../scripts/every_kind.ts'
import type { Context, Step } from './step.ts'

/** What it finds missing. */
const examined = ['new-object', 'aborted-upload', 'query'] as const
const where = ['--scripts', scripts]

export const commandSteps = {
  doctor: {
    title: 'doctor finds all that loads need',
    needs: examined,
    run: (context) => examine(context),
  },
  policies: {
    title: 'policies iam prints a policy for this place',
    async run({ place, product }) {
      const { stdout } = await product.run('lib/commands/policies.ts', ['iam', '--account', '000000000000'])
      const { Statement }: { Statement: unknown[] } = JSON.parse(stdout)
      if (!stdout.includes(`arn:aws:s3:::${place.lake.bucket}/`))
        throw new Error('it names no object of the bucket')
      return `${Statement.length} statements`
    },
  },
  'row-counts': {
    title: 'row-counts agree',
    after: ['declared'],
    needs: ['query'],
    run: ({ product, published }) => check(product, 'checks/row-counts.ts', [...published.keys()]),
  },
  columns: {
    title: 'columns agree',
    after: ['declared'],
    needs: ['query'],
    run: ({ product }) => check(product, 'checks/columns.ts', [everyKind.name]),
  },
  query: {
    title: 'query prints what the lake answers',
    after: ['declared'],
    needs: ['query'],
    async run({ place, product }) {
      const sql = `select count(*), cast(sum(price) as varchar) from ${everyKind.name}`
      const { stdout } = await product.run('lib/commands/query.ts', [sql, '--csv'])
      const [held] = await place.sql.unsafe(
        `select count(*) || ',' || sum(price) as line from ${everyKind.name}`,
      )
      const told = stdout.trim().split('\n').at(-1)
      if (told === held?.['line']) return String(told)
      throw new Error(`it prints ${told}, and Postgres ${held?.['line']}`)
    },
  },
  loads: {
    title: 'loads lists the loads of a table',
    after: ['declared'],
    async run({ product }) {
      const { stdout } = await product.run('lib/commands/loads.ts', [everyKind.name, '--json', ...where])
      const { loads }: { loads: readonly unknown[] } = JSON.parse(stdout)
      if (loads.length === 0) throw new Error('it lists none')
      return `${loads.length} loads`
    },
  },
  report: {
    title: 'report writes its page beside the tables',
    after: ['declared'],
    async run({ place: { aws, lake }, product }) {
      await product.run('lib/commands/report.ts', ['--publish', ...where])
      const page = { Bucket: lake.bucket, Key: pageKey(lake.prefix) }
      const { ContentType, ContentLength } = await aws.s3.send(new HeadObjectCommand(page))
      if (!ContentType?.startsWith('text/html')) throw new Error(`it is of the type ${ContentType}`)
      return `${ContentLength} bytes of ${ContentType}`
    },
  },
  'doctor-again': {
    title: 'doctor finds nothing amiss once tables are there',
    after: ['declared'],
    needs: [...examined, 'catalog'],
    run: (context) => examine(context),
  },
} as const satisfies Readonly<Record<string, Step>>

async function examine({ product }: Context): Promise<string> {
  const { exit, stdout } = await product.tryRun('lib/commands/doctor.ts', where)
  const of = (mark: string) => stdout.split('\n').filter((line) => line.startsWith(mark))
  if (exit !== 0) throw new Refused(of('✗').join('; ').replace(/\s+/g, ' '))
  const warnings = of('!').map((line) => line.replace(/\s+/g, ' '))
  return [`${of('✓').length} findings are well`, ...warnings].join('; ')
}

/** @returns how many tables agree */
async function check(
  product: Context['product'],
  program: string,
  tables: readonly string[],
): Promise<string> {
  const { stdout } = await product.run(program, [...tables, ...where])
  const agreeing = stdout.split('\n').filter((line) => /\sok$/.test(line.trimEnd())).length
  if (agreeing === 0) throw new Error(`it says of no table that it agrees: ${stdout}`)
  return agreeing === 1 ? 'one table' : `${agreeing} tables`
}
