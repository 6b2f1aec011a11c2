/** Which bytes of an object a request asks for. */
import { ServiceError } from '../service-error.ts'
import type { S3Call } from './operation.ts'
import type { S3Object } from './store.ts'

/** First and last byte, both inclusive. */
export type Range = readonly [number, number]

/**
 * The bytes of an object that a read asks for, by its `Range` header or by `partNumber`; undefined: all of them.
 * @throws ServiceError InvalidRange, InvalidPartNumber, InvalidRequest
 */
export function rangeOf({ query, request }: S3Call, object: S3Object): Range | undefined {
  const header = request.headers.get('range')
  const part = query.get('partNumber')
  if (part === null) return header === null ? undefined : bytesRange(header, object.bytes)
  if (header !== null) {
    throw new ServiceError(
      'InvalidRequest',
      'Cannot specify both Range header and partNumber query parameter',
    )
  }
  const parts = object.parts ?? [object]
  const size = parts[Number(part) - 1]?.bytes
  if (size === undefined) {
    throw new ServiceError('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
      PartNumberRequested: part,
      ActualPartCount: parts.length,
    })
  }
  const from = parts.slice(0, Number(part) - 1).reduce((sum, { bytes }) => sum + bytes, 0)
  return size === 0 ? undefined : [from, from + size - 1]
}

/** RFC 9110, 14.1.2. S3 serves one range; several, or one that is not well-formed, ask for the whole object. */
export function bytesRange(header: string, bytes: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header)
  const [, first = '', final = ''] = match ?? []
  if (match === null || (first === '' && final === '')) return undefined
  if (first !== '' && final !== '' && Number(final) < Number(first)) return undefined
  const from = first === '' ? Math.max(0, bytes - Number(final)) : Number(first)
  const to = first === '' || final === '' ? bytes - 1 : Math.min(Number(final), bytes - 1)
  if (from <= to) return [from, to]
  throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: header,
    ActualObjectSize: bytes,
  })
}

/** Status and headers of an answer with those bytes. */
export function rangeHeaders(
  range: Range | undefined,
  object: S3Object,
): { status: number; headers: Record<string, string> } {
  const parts: Record<string, string> =
    object.parts === undefined ? {} : { 'x-amz-mp-parts-count': String(object.parts.length) }
  if (range === undefined) return { status: 200, headers: {} }
  const [from, to] = range
  return { status: 206, headers: { 'content-range': `bytes ${from}-${to}/${object.bytes}`, ...parts } }
}
