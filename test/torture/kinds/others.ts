/** What others do to the catalog's table and to the bucket while a load is under way. */
import { DeleteTableCommand, UpdateTableCommand } from '@aws-sdk/client-glue'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { findTable } from '../../../lib/aws/glue.ts'
import { readLake } from '../../../lib/config/config.ts'
import { othersAt } from '../../lake/iceberg/others.ts'
import { textOf, together } from '../digest.ts'
import type { Lane } from '../lane.ts'
import { atCall, callOf } from '../moment.ts'
import { type End, endOf, type Fault, iceberg, type Kind, loads } from './kind.ts'

const group = 'other writers'
const publish = { operation: 'UpdateTable', after: 0 } as const

function meanwhile(
  name: string,
  work: (fault: Fault) => Promise<unknown>,
  more: Pick<Kind, 'befalls'> & { readonly ends: readonly End[] } & Partial<Kind> & {
      readonly anywhere?: boolean
      /** Instead of the one call that publishes: once this one has been carried out. */
      readonly afterCall?: string
    },
): Kind {
  const { anywhere = false, afterCall, befalls, ends, ...rest } = more
  return {
    ...{ name, group, befalls, ends, ...rest },
    async strike(fault) {
      const { lane, subject, random, begin } = fault
      const usual = afterCall === undefined ? publish : { operation: afterCall, after: 0 }
      const call = anywhere && random.integer(2) === 0 ? callOf(lane, subject, random) : usual
      const { run, reached } = await atCall(lane, {
        call,
        begin,
        answered: afterCall !== undefined,
        async work() {
          lane.standIn.faults.clear()
          await work(fault)
        },
      })
      return { ...(await endOf(run, reached)), byOthers: reached }
    },
  }
}

async function setParameter({ lane, subject }: Fault): Promise<void> {
  const { glue } = lane.standIn.aws
  const live = await findTable(lane.standIn.aws, { database: 'lake', table: subject.name })
  const { Parameters, StorageDescriptor, TableType = '', PartitionKeys } = live!
  const TableInput = {
    ...{ Name: subject.name, TableType, ...(StorageDescriptor && { StorageDescriptor }) },
    ...{
      Parameters: { ...Parameters, theirs: String(lane.clock.ahead) },
      ...(PartitionKeys && { PartitionKeys }),
    },
  }
  await glue.send(new UpdateTableCommand({ DatabaseName: 'lake', TableInput }))
}

/** They number their files, so each is the same one all along. */
const known = new WeakMap<Lane, Map<string, ReturnType<typeof othersAt>>>()

function others({ lane, subject: { name } }: Fault): ReturnType<typeof othersAt> {
  const { aws, env } = lane.standIn
  const all = known.get(lane) ?? new Map<string, ReturnType<typeof othersAt>>()
  known.set(lane, all)
  const found = all.get(name) ?? othersAt({ aws, config: readLake(env), table: name })
  all.set(name, found)
  return found
}

async function removeFile({ lane, subject }: Fault): Promise<void> {
  const { reader, standIn } = lane
  const { files } = await reader.look(subject.name)
  const all = await reader.list('lake', `tables/${subject.name}/`)
  const isData = (key: string) => key.endsWith('.parquet') && !key.includes('/_')
  const own = all.filter(({ key }) => isData(key) && !files.includes(`s3://lake/${key}`))
  const newest = own.toSorted((a, b) => a.modified.getTime() - b.modified.getTime()).at(-1)
  const published = lane.known(subject).seen.map(({ pointer }) => pointer)
  // What readers may see again is none of a load under way.
  if (newest === undefined || published.some((pointer) => `s3://lake/${newest.key}`.startsWith(pointer)))
    return
  await standIn.aws.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key: newest.key }))
}

export const writers: readonly Kind[] = [
  meanwhile('a parameter of the table is set', setParameter, { befalls: loads, ends: [0], anywhere: true }),
  meanwhile(
    'the table is deleted from the catalog',
    ({ lane, subject }) =>
      lane.standIn.aws.glue.send(new DeleteTableCommand({ DatabaseName: 'lake', Name: subject.name })),
    { befalls: loads, ends: [0, 1, 2, 4], anywhere: true, thenArgs: [] },
  ),
  // Between the last look at a load's files and the one call that publishes them, nobody could notice.
  meanwhile('a file of the load is removed', removeFile, {
    befalls: loads,
    ends: [1, 4],
    afterCall: 'StartQueryExecution',
  }),
  meanwhile('Iceberg files are compacted', (fault) => others(fault).compact(), {
    befalls: iceberg,
    ends: [0],
    anywhere: true,
  }),
  meanwhile('Iceberg snapshots are expired', (fault) => others(fault).vacuum(), {
    befalls: iceberg,
    ends: [0, 4],
    anywhere: true,
  }),
  meanwhile('a property of the Iceberg table is set', (fault) => others(fault).setProperty('theirs', 'yes'), {
    befalls: iceberg,
    ends: [0],
    anywhere: true,
  }),
  meanwhile(
    'rows are inserted into the Iceberg table',
    async (fault) => {
      const { lane, subject } = fault
      const about = lane.known(subject)
      const { digest } = await lane.reader.look(subject.name)
      // Readers see theirs then, which is none of a load's making.
      about.generations.set(textOf(together(digest, digest)), about.gen)
      await others(fault).double()
    },
    { befalls: iceberg, ends: [0, 4], anywhere: true, thenArgs: ['--adopt-changes'] },
  ),
]
