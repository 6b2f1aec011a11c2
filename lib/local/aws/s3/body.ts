/** How the body of a request to S3 is read and held against its checksums. */
import { createHash } from 'node:crypto'
import { ServiceError } from '../service-error.ts'
import { type Algorithm, algorithmNamed, checksumHeader, checksumOf } from './checksum.ts'

export interface Body {
  readonly bytes: Uint8Array
  /** What the client sent and the bytes were found to have. */
  readonly checksum: { readonly algorithm: Algorithm; readonly value: string } | undefined
}

/**
 * The body of an S3 request with every digest the client sent verified: `x-amz-content-sha256`, `Content-MD5`,
 * `x-amz-checksum-*` as header or trailer. `aws-chunked` bodies are decoded; chunk signatures are not checked,
 * as no signature is.
 * @throws ServiceError XAmzContentSHA256Mismatch, BadDigest, InvalidDigest, IncompleteBody, MalformedTrailerError
 */
export async function readBody(request: Request): Promise<Body> {
  const { bytes, trailers } = await readVerified(request)
  return { bytes, checksum: verifyChecksum(request.headers, trailers, bytes) }
}

/** The body of a request whose `x-amz-checksum-*` header is of something else: an object that is to be made. */
export async function readDocument(request: Sent): Promise<Uint8Array> {
  const { bytes } = await readVerified(request)
  return bytes
}

type Sent = Pick<Request, 'headers' | 'bytes'>

async function readVerified(request: Sent): Promise<{ bytes: Uint8Array; trailers: Map<string, string> }> {
  const headers = request.headers
  const sent = await request.bytes()
  const sha256 = headers.get('x-amz-content-sha256')
  const { bytes, trailers } = sha256?.startsWith('STREAMING-')
    ? decodeChunks(sent, headers)
    : { bytes: sent, trailers: new Map<string, string>() }
  if (sha256 !== null && /^[0-9a-f]{64}$/.test(sha256)) {
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new ServiceError(
        'XAmzContentSHA256Mismatch',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      )
    }
  }
  verifyMd5(headers.get('content-md5'), bytes)
  return { bytes, trailers }
}

function verifyMd5(expected: string | null, bytes: Uint8Array): void {
  if (expected === null) return
  if (Buffer.from(expected, 'base64').length !== 16) {
    throw new ServiceError('InvalidDigest', 'The Content-MD5 you specified was invalid.')
  }
  if (createHash('md5').update(bytes).digest('base64') !== expected) {
    throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.')
  }
}

/** The checksum among an S3 request's headers or trailers: one at most. */
export function checksumSent(
  headers: Iterable<readonly [string, string]>,
): { algorithm: Algorithm; value: string } | undefined {
  const found = [...headers].flatMap(([name, value]) => {
    const algorithm = /^x-amz-checksum-(?!algorithm$|mode$|type$)(.+)$/.exec(name)?.[1]
    return algorithm === undefined ? [] : [{ algorithm: algorithmNamed(algorithm), value }]
  })
  if (found.length > 1) {
    throw new ServiceError(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    )
  }
  return found[0]
}

function verifyChecksum(
  headers: Headers,
  trailers: Map<string, string>,
  bytes: Uint8Array,
): Body['checksum'] {
  const sent = checksumSent([...headers, ...trailers])
  if (sent === undefined) {
    if (headers.has('x-amz-sdk-checksum-algorithm')) {
      throw new ServiceError(
        'InvalidRequest',
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
      )
    }
    return undefined
  }
  if (checksumOf(sent.algorithm, bytes) !== sent.value) {
    throw new ServiceError(
      'BadDigest',
      `The ${sent.algorithm} you specified did not match the calculated checksum.`,
      400,
      { Header: checksumHeader(sent.algorithm) },
    )
  }
  return sent
}

const carriageReturn = 13

/** Signature Version 4, "Transferring payload in multiple chunks": `<hex size>[;chunk-signature=…]CRLF<bytes>CRLF…`. */
function decodeChunks(
  sent: Uint8Array,
  headers: Headers,
): { bytes: Uint8Array; trailers: Map<string, string> } {
  const length = Number(headers.get('x-amz-decoded-content-length') ?? Number.NaN)
  const incomplete = new ServiceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header.',
  )
  if (!Number.isSafeInteger(length) || length < 0 || length > sent.length) throw incomplete
  const bytes = new Uint8Array(length)
  let read = 0
  let written = 0
  const line = () => {
    const end = sent.indexOf(carriageReturn, read)
    if (end < 0) return undefined
    const text = new TextDecoder().decode(sent.subarray(read, end))
    read = end + 2
    return text
  }
  for (;;) {
    const size = Number.parseInt(line() ?? '', 16)
    if (Number.isNaN(size) || read + size > sent.length || written + size > length) throw incomplete
    if (size === 0) break
    bytes.set(sent.subarray(read, read + size), written)
    written += size
    read += size + 2
  }
  if (written !== length) throw incomplete
  const trailers = new Map<string, string>()
  for (let text = line(); text; text = line()) {
    const colon = text.indexOf(':')
    trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim())
  }
  const promised = headers.get('x-amz-trailer')
  if (promised !== null && !trailers.has(promised.toLowerCase())) {
    throw new ServiceError(
      'MalformedTrailerError',
      'The request contained trailing data that was not well-formed.',
    )
  }
  return { bytes, trailers }
}
