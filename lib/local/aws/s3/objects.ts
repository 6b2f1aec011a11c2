/** S3's operations about whole objects. */
import { createHash } from 'node:crypto'
import { notImplemented, ServiceError } from '../service-error.ts'
import { document, empty, quoted } from './answer.ts'
import { attributes } from './attributes.ts'
import { checksumSent, readBody } from './body.ts'
import { checksumHeaders, conditionOf, encryption, headersOf, objectHeaders, requested } from './headers.ts'
import { readBytes } from './multipart-file.ts'
import type { Handler } from './operation.ts'
import { rangeHeaders, rangeOf } from './range.ts'
import type { S3Object, S3Store } from './store.ts'
import { parseXml } from './xml.ts'

/** Objects written, read and deleted whole. */
export function objectHandlers(store: S3Store): Record<string, Handler> {
  return {
    PutObject: async (call) => {
      const { bucket, key, request } = call
      const condition = conditionOf(request)
      const headers = objectHeaders(request)
      const body = await readBody(request)
      const blob = store.newBlob()
      await Bun.write(store.path(blob), body.bytes)
      const object: S3Object = {
        key,
        blob,
        bytes: body.bytes.length,
        etag: createHash('md5').update(body.bytes).digest('hex'),
        modified: Date.now(),
        headers,
        checksum: body.checksum === undefined ? undefined : { ...body.checksum, type: 'FULL_OBJECT' },
      }
      try {
        store.bucket(bucket)
        store.put(bucket, object, condition)
      } catch (error) {
        store.dropBlob(blob)
        throw error
      }
      return empty(200, { etag: quoted(object.etag), ...encryption(headers), ...checksumHeaders(object) })
    },

    GetObject: (call) => {
      const object = requested(store, call)
      const range = rangeOf(call, object)
      const { status, headers } = rangeHeaders(range, object)
      const [from, to] = range ?? [0, object.bytes - 1]
      // At once, before another request replaces it, and in memory: to a file, Bun adds a header that names it.
      const bytes = readBytes({ path: store.path(object.blob), offset: from, bytes: to - from + 1 })
      return { status, headers: { ...headersOf(object, call), ...headers }, body: bytes }
    },

    HeadObject: (call) => {
      const object = requested(store, call)
      const range = rangeOf(call, object)
      const { status, headers } = rangeHeaders(range, object)
      const length = range === undefined ? object.bytes : range[1] - range[0] + 1
      return empty(status, { ...headersOf(object, call), ...headers, 'content-length': String(length) })
    },

    GetObjectAttributes: (call) => attributes(requested(store, call), call),

    DeleteObject: ({ bucket, key, request }) => {
      store.remove(bucket, key, conditionOf(request))
      return empty(204)
    },

    DeleteObjects: async ({ bucket, request }) => {
      if (!request.headers.has('content-md5') && checksumSent(request.headers) === undefined) {
        throw new ServiceError('InvalidRequest', 'Missing required header for this request: Content-MD5')
      }
      const { Object: listed = [], Quiet } = parseXml((await readBody(request)).bytes, 'Delete')
      const named = listed as Record<string, unknown>[]
      const more = named
        .flatMap((each) => Object.keys(each))
        .find((name) => name !== 'Key' && name !== '#text')
      if (more !== undefined) throw notImplemented(`DeleteObjects with the ${more} of an object`)
      const keys = named.map(({ Key }) => String(Key ?? ''))
      if (keys.length === 0 || keys.length > 1000) {
        throw new ServiceError('MalformedXML', 'A request deletes 1 to 1000 keys.')
      }
      for (const key of keys) store.remove(bucket, key)
      return document('DeleteResult', {
        Deleted: Quiet === 'true' ? undefined : keys.map((Key) => ({ Key })),
      })
    },
  }
}
