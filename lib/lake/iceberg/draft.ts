/** One load of an Iceberg table, from its first file until it is discarded. */
import type { Call } from '../../aws/calls.ts'
import { encryptionCalls } from '../../aws/encryption.ts'
import { uploadCalls } from '../../aws/upload.ts'
import { currentSchema } from '../../iceberg/metadata.ts'
import { fieldIdsOf } from '../../iceberg/schema.ts'
import { discardLoad } from '../discard.ts'
import type { Draft, DraftOptions } from '../lake.ts'
import { stagedName } from '../layout.ts'
import type { LoadNames, TablePlace } from '../names.ts'
import { openObject } from '../object-file.ts'
import { dropStaged } from '../staged-tables.ts'
import { requireWritten } from '../written.ts'
import type { Base } from './base.ts'
import { commitLoad } from './commit.ts'
import { expireLoads } from './expire.ts'
import { dataFolder } from './layout.ts'
import { declaredOn, type IcebergLoad } from './load.ts'
import { notByMany } from './not-by-many.ts'
import { objectReader } from './objects.ts'
import { type AccountedSnapshot, createStagedLoad } from './staged-load.ts'

type DraftPlace = TablePlace & Pick<IcebergLoad, 'readAccount'>

/** @param base what it is to replace, as it was read */
export function openDraft(place: DraftPlace, base: Base, { load, table, signal }: DraftOptions): Draft {
  const { aws, config } = place
  const loading: IcebergLoad = { ...place, load, signal, declared: table, read: objectReader(aws, signal) }
  const folder = dataFolder(config.prefix, place.table, load)
  const declared = declaredOn(loading, base.version)
  /** Keys of the objects it has begun to write. */
  const keys: string[] = []
  const warnings: string[] = []
  /** What was staged when the load was examined. */
  let examined: AccountedSnapshot | undefined
  const onKey = (key: string) => void keys.push(key)
  const staged = createStagedLoad(loading, { base, declared, onKey })
  return {
    location: `s3://${config.bucket}/${folder}`,
    fieldIds: fieldIdsOf(currentSchema(declared.metadata)),
    keeping: declared.keeping,
    openFile(name) {
      keys.push(folder + name)
      return openObject(place, folder + name, signal)
    },
    requireWritten: (files) => requireWritten(loading, folder, files),
    async stage({ facts }) {
      examined = await staged.stage(base, facts)
      return { crawled: false }
    },
    count: () => staged.count(),
    async examine(expectations) {
      const { askExpectations } = await import('../expect/ask.ts')
      return askExpectations(loading, table, expectations)
    },
    pauseMs: async () => (await aws.timings()).readBack,
    commit(facts, terms) {
      const audited = async (now: Base) => {
        const snapshot = await staged.audited(now, facts)
        if (snapshot !== examined) await terms.onRestaged?.()
        examined = snapshot
        return snapshot
      }
      return commitLoad(loading, {
        ...terms,
        facts,
        audited,
        onKey,
        warn: (message) => void warnings.push(message),
      })
    },
    openUnfinished() {
      throw notByMany(place.table)
    },
    complete() {
      throw notByMany(place.table)
    },
    async expire(options) {
      const database = config.stagingDatabase
      const [dropped, cleared] = await Promise.all([
        dropStaged(aws, { database, name: stagedName(place.table, load) }).then(
          () => [],
          (error: unknown) => [error instanceof Error ? error.message : String(error)],
        ),
        expireLoads(place, { ...options, done: load, signal }),
      ])
      return { warnings: [...warnings, ...dropped, ...cleared.warnings] }
    },
    discard: () => discardLoad(loading, folder, keys),
  }
}

export function openFileCalls({ lake, table, load, files }: LoadNames): Call[] {
  const folder = dataFolder(lake.prefix, table, load)
  return [
    ...files.flatMap(({ name, bytes }) => uploadCalls(lake.bucket, folder + name, bytes)),
    ...encryptionCalls(lake.kmsKey),
  ]
}
