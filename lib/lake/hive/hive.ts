/** The lake of S3, Glue and Athena: one location of plain Parquet files a load, and one Glue table that points at one of them. */
import type { Call } from '../../aws/calls.ts'
import type { Aws } from '../../aws/clients.ts'
import { encryptionCalls } from '../../aws/encryption.ts'
import { completeUpload } from '../../aws/unfinished-upload.ts'
import { openUpload, uploadCalls } from '../../aws/upload.ts'
import type { LakeConfig } from '../../config/config.ts'
import { discardLoad } from '../discard.ts'
import type { OpenUnfinishedFile } from '../fan-out.ts'
import type { Draft, DraftOptions, ExpireOptions, Lake, PrepareOptions } from '../lake.ts'
import { loadFolder, stagedName } from '../layout.ts'
import type { Catalog, LoadNames, TablePlace } from '../names.ts'
import { openObject } from '../object-file.ts'
import { pinned } from '../pinned.ts'
import { describePlace } from '../place.ts'
import type { Published } from '../published.ts'
import { dropStaged } from '../staged-tables.ts'
import { requireSurroundings } from '../surroundings.ts'
import { refuseUnmanaged } from '../unmanaged.ts'
import { requireWritten } from '../written.ts'
import { commitLoad } from './commit.ts'
import { countStaged } from './count.ts'
import { expireLoads } from './expire.ts'
import { openFanOut } from './fan-out.ts'
import { readHistory } from './history.ts'
import { readPublished } from './published.ts'
import { rollBack } from './rollback.ts'
import { stageLoad } from './stage.ts'
import { unpin } from './unpin.ts'

export interface HiveOptions {
  /** Closed with the lake. */
  readonly aws: Aws
  readonly config: LakeConfig
  /** Its name. */
  readonly table: string
  readonly catalog?: Catalog
}

export function openHive({ aws, config, table, catalog = 'auto' }: HiveOptions): Lake {
  const place: TablePlace = { aws, config, table }
  const { glueDatabase: database } = config
  let account: string | undefined
  return {
    describe: () => describePlace(config, { table, aws, account }),
    catalog: async () => ({ region: (await aws.where()).region, account }),
    current: (signal) => readPublished(aws, { database, table, signal }),
    async prepare(current, options) {
      requireReplaceable(place, current, options)
      account = await requireSurroundings(place, options.signal)
    },
    draft: (options) => openDraft(place, catalog, options),
    account: async () => undefined,
    async columnsOf(name, signal) {
      const { columnsOf } = await import('../expect/columns-of.ts')
      return columnsOf(place, name, signal)
    },
    history: (options) => readHistory(place, options),
    rollBack: (options) => rollBack(place, options),
    unpin: (signal) => unpin(place, signal),
    fanOut: (name, signal) => openFanOut(place, name, signal),
    close: () => aws.close(),
  }
}

/** @throws Failure (2) */
function requireReplaceable(
  { config, table }: TablePlace,
  current: Published,
  { adopt }: PrepareOptions,
): void {
  if (current.kind === 'unmanaged') {
    refuseUnmanaged(current, { database: config.glueDatabase, table, adopt })
  }
  if (current.kind === 'managed' && current.pin !== undefined) throw pinned(table, current.load, current.pin)
}

function openDraft(
  place: TablePlace,
  catalog: Catalog,
  { table, load, current, signal }: DraftOptions,
): Draft {
  const { aws, config } = place
  const hive = { ...place, load, signal }
  const folder = loadFolder(config.prefix, place.table, load)
  const staged = stagedName(place.table, load)
  const crawledHash = current.kind === 'managed' ? current.crawledHash : undefined
  /** Keys of the objects it has begun to write. */
  const keys: string[] = []
  let crawled = false
  return {
    location: `s3://${config.bucket}/${folder}`,
    openFile(name) {
      keys.push(folder + name)
      return openObject(place, folder + name, signal)
    },
    requireWritten: (files) => requireWritten(hive, folder, files),
    async stage(options) {
      crawled = await stageLoad(hive, { table, catalog, crawledHash }, options)
      return { crawled }
    },
    count: () => countStaged(place, staged, signal),
    async examine(expectations) {
      const { askExpectations } = await import('../expect/ask.ts')
      return askExpectations(hive, table, expectations)
    },
    pauseMs: async () => (await aws.timings()).readBack,
    commit(facts, terms) {
      const onKey = (key: string) => void keys.push(key)
      return commitLoad(hive, { ...terms, table, facts, crawled, crawledHash, onKey })
    },
    openUnfinished: (name) => openUnfinishedObject(place, { name, folder, signal }),
    async complete({ upload }) {
      keys.push(upload.key)
      const { key, bytes, etag, checksum } = await completeUpload(
        aws,
        { bucket: config.bucket, signal },
        upload,
      )
      return { bytes, uri: `s3://${config.bucket}/${key}`, etag, crc32: checksum }
    },
    expire: (options) => expire(place, { ...options, staged, signal }),
    discard: () => discardLoad(hive, folder, keys),
  }
}

function openUnfinishedObject(
  { aws, config }: TablePlace,
  { name, folder, signal }: { name: string; folder: string; signal: AbortSignal },
): OpenUnfinishedFile {
  const { bucket, kmsKey } = config
  const upload = openUpload(aws, { bucket, key: folder + name, kmsKey, signal })
  return {
    write: (bytes) => upload.write(bytes),
    leave: async () => ({ name, upload: await upload.leave() }),
    abort: () => upload.abort(),
  }
}

export function openFileCalls({ lake, table, load, files }: LoadNames): Call[] {
  const folder = loadFolder(lake.prefix, table, load)
  return [
    ...files.flatMap(({ name, bytes }) => uploadCalls(lake.bucket, folder + name, bytes)),
    ...encryptionCalls(lake.kmsKey),
  ]
}

async function expire(
  place: TablePlace,
  { staged, ...options }: ExpireOptions & { readonly staged: string; readonly signal: AbortSignal },
): Promise<{ readonly warnings: readonly string[] }> {
  const [dropped, { warnings }] = await Promise.all([
    dropStaged(place.aws, { database: place.config.stagingDatabase, name: staged }).then(
      () => [],
      (error: unknown) => [error instanceof Error ? error.message : String(error)],
    ),
    expireLoads(place, options),
  ])
  return { warnings: [...dropped, ...warnings] }
}
