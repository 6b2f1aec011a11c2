import { createHash } from 'node:crypto'
import { ServiceError } from '../service-error.ts'
import { document, empty, quoted } from './answer.ts'
import { checksumSent, readBody } from './body.ts'
import {
  checksumHeaders,
  conditionOf,
  encryption,
  headersOf,
  objectHeaders,
  rangeOf,
  requested,
} from './headers.ts'
import type { Handler } from './operation.ts'
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
      const headers = headersOf(object, call.request)
      const range = rangeOf(call.request, object)
      const file = Bun.file(store.path(object.blob))
      if (range === undefined) return new Response(file, { headers })
      const [from, to] = range
      const content = { 'content-range': `bytes ${from}-${to}/${object.bytes}` }
      return new Response(file.slice(from, to + 1), { status: 206, headers: { ...headers, ...content } })
    },

    HeadObject: (call) => {
      const object = requested(store, call)
      return new Response(null, {
        headers: { ...headersOf(object, call.request), 'content-length': String(object.bytes) },
      })
    },

    DeleteObject: ({ bucket, key }) => {
      store.remove(bucket, key)
      return empty(204)
    },

    DeleteObjects: async ({ bucket, request }) => {
      if (!request.headers.has('content-md5') && checksumSent(request.headers) === undefined) {
        throw new ServiceError('InvalidRequest', 'Missing required header for this request: Content-MD5')
      }
      const { Object: listed = [], Quiet } = parseXml((await readBody(request)).bytes, 'Delete')
      const keys = (listed as { Key?: unknown }[]).map(({ Key }) => String(Key ?? ''))
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
