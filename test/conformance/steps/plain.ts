/** Plain tables: loads, what stops them, and the way back. */
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3'
import { crc32Text } from '../../../lib/aws/checksum.ts'
import { inParallel } from '../../../lib/concurrency/in-parallel.ts'
import { NotOffered } from '../outcome.ts'
import { filesOf, rowsHeld } from '../read-back.ts'
import crawled from '../scripts/crawled.ts'
import documents from '../scripts/documents.ts'
import everyKind from '../scripts/every_kind.ts'
import { changeKinds } from '../source.ts'
import { goBack, load, requireRefused } from './loads.ts'
import type { Step } from './step.ts'

export const plainSteps = {
  declared: {
    title: 'a load of a table that is declared',
    needs: ['query'],
    run: (context) => load(context, everyKind, ['--catalog', 'declared', '--fingerprint']),
  },
  again: {
    title: 'a load that replaces another, whose files stay',
    after: ['declared'],
    async run(context) {
      const before = (await filesOf(context.place, everyKind.name)) ?? []
      await changeKinds(context.place.sql)
      const told = await load(context, everyKind, ['--catalog', 'declared', '--fingerprint'])
      await inParallel(4, before, (uri) => head(context.place, uri))
      return `${told}; ${before.length} earlier file is there`
    },
  },
  guard: {
    title: 'a load that would lose most rows is refused',
    after: ['again'],
    async run(context) {
      const { place, product } = context
      const before = await product.seen(everyKind)
      await place.sql`create table kept as select * from every_kind`
      await place.sql`delete from every_kind where id > 100`
      try {
        return await requireRefused(4, await product.tryRun(scriptOf(everyKind.name), ['--json']))
      } finally {
        await product.requireSeen(everyKind, before)
        await place.sql`insert into every_kind select * from kept where id > 100`
        await place.sql`drop table kept`
      }
    },
  },
  race: {
    title: 'two loads at once leave one of them, whole',
    after: ['again'],
    async run({ place, product }) {
      const held = await rowsHeld(place, everyKind)
      const args = ['--json', '--catalog', 'declared', '--fingerprint']
      const runs = await Promise.all([1, 2].map(() => product.tryRun(scriptOf(everyKind.name), args)))
      await product.requireSeen(everyKind, held)
      const failed = runs.find(({ exit }) => exit !== 0)
      if (runs.every(({ exit }) => exit !== 0)) throw new Error(`both failed: ${failed?.message}`)
      return failed === undefined ? 'both ended well' : `one gave way: ${failed.message}`
    },
  },
  back: {
    title: 'a rollback, which holds until it is taken back',
    after: ['again'],
    run: (context) => goBack(context, everyKind, ['--catalog', 'declared', '--fingerprint']),
  },
  crawled: {
    title: 'a load whose table a crawler finds',
    needs: ['query', 'crawler'],
    // A load waits for a crawl that does not end, and says so at its deadline.
    run: (context) =>
      load(context, crawled, [
        '--catalog',
        'crawler',
        ...(context.lacks('crawler') ? ['--deadline', '15s'] : []),
      ]),
  },
  large: {
    title: 'a file that goes up in parts, by two connections',
    needs: ['query'],
    async run(context) {
      const told = await load(context, documents, ['--catalog', 'declared', '--connections', '2'])
      const uris = (await filesOf(context.place, documents.name)) ?? []
      const etags = await inParallel(4, uris, (uri) => requireWhole(context.place, uri))
      const inParts = etags.filter((etag) => /-\d+"?$/.test(etag)).length
      if (inParts === 0) throw new Error(`none of ${uris.length} files went up in parts`)
      return `${told}; ${inParts} of ${uris.length} files in parts`
    },
  },
  encrypted: {
    title: 'every object of a load is encrypted as it is to be',
    after: ['declared'],
    needs: ['encryption'],
    async run({ place }) {
      const uris = (await filesOf(place, everyKind.name)) ?? []
      const wanted = place.lake.kmsKey === undefined ? 'AES256' : 'aws:kms'
      for (const uri of uris) {
        const { ServerSideEncryption } = await head(place, uri)
        if (ServerSideEncryption !== wanted)
          throw new NotOffered(`it is to be ${wanted}, and S3 says ${ServerSideEncryption ?? 'nothing'}`)
      }
      return wanted
    },
  },
} as const satisfies Readonly<Record<string, Step>>

function scriptOf(table: string): string {
  return `test/conformance/scripts/${table}.ts`
}

function nameOf(uri: string) {
  const { hostname: Bucket, pathname } = new URL(uri)
  return { Bucket, Key: decodeURIComponent(pathname.slice(1)) }
}

function head({ aws }: { readonly aws: Parameters<typeof filesOf>[0]['aws'] }, uri: string) {
  return aws.s3.send(new HeadObjectCommand({ ...nameOf(uri), ChecksumMode: 'ENABLED' }))
}

/** Its bytes have the checksum that is told of it, where one is. @returns its entity tag */
async function requireWhole(place: Parameters<typeof filesOf>[0], uri: string): Promise<string> {
  const { ChecksumCRC32, ETag = '' } = await head(place, uri)
  const { Body } = await place.aws.s3.send(new GetObjectCommand(nameOf(uri)))
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array()
  const sum = crc32Text(Bun.hash.crc32(bytes))
  if (ChecksumCRC32 !== undefined && ChecksumCRC32 !== sum)
    throw new Error(`${uri} has the checksum ${sum}, and S3 tells ${ChecksumCRC32}`)
  return ETag
}
