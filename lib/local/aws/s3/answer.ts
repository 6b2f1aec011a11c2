/** What S3's operations answer: documents, bytes, nothing, errors. */
import { ServiceError } from '../service-error.ts'
import { type Element, xml } from './xml.ts'

export interface S3Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** A document, the bytes of an object, or nothing. */
  readonly body?: { readonly root: string; readonly content: Element } | Uint8Array<ArrayBuffer>
}

export function document(
  root: string,
  content: Element,
  headers: Record<string, string> = {},
  status = 200,
): S3Answer {
  return { status, headers: { 'content-type': 'application/xml', ...headers }, body: { root, content } }
}

export function empty(status: number, headers: Record<string, string> = {}): S3Answer {
  return { status, headers }
}

export function responseOf({ status, headers, body }: S3Answer): Response {
  const sent = body === undefined || body instanceof Uint8Array ? body : xml(body.root, body.content)
  return new Response(sent ?? null, { status, headers })
}

/** An S3 error document; the answer to a HEAD has no body, so the SDK sees its status alone. */
export function s3Error(
  request: Request,
  { code, message, status, detail, headers }: ServiceError,
): S3Answer {
  if (request.method === 'HEAD' || status === 304) return empty(status, headers)
  const content = { Code: code, Message: message, ...detail, RequestId: 'local' }
  return document('Error', content, headers, status)
}

/** A number in the query, at most 1000, which is also what its absence means. */
export function count(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '1000'
  if (!/^\d+$/.test(text)) {
    throw new ServiceError('InvalidArgument', `Provided ${name} not an integer or within integer range`)
  }
  return Math.min(Number(text), 1000)
}

/** How keys are written in a listing: as they are, or as a query writes them, so that XML can carry any character. */
export function keyEncoding(query: URLSearchParams): {
  readonly name: 'url' | undefined
  encode(text: string): string
} {
  const name = query.get('encoding-type')
  if (name === null) return { name: undefined, encode: (text) => text }
  if (name !== 'url')
    throw new ServiceError('InvalidArgument', 'Invalid Encoding Method specified in Request')
  return {
    name,
    encode: (text) => new URLSearchParams({ '': text }).toString().slice(1).replaceAll('%2F', '/'),
  }
}

export const quoted = (etag: string) => `"${etag}"`
export const iso = (ms: number) => new Date(ms).toISOString()
export const owner = { ID: 'local', DisplayName: 'local' } as const
