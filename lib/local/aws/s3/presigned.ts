/** Requests to S3 that are signed in their URL. */
import { ServiceError } from '../service-error.ts'

/** Query words of a URL signed by version 4 or 2, of what version 2 signs, and one that SDKs add for their own logs. */
export const signature = /^(x-id|x-amz-.*|AWSAccessKeyId|Signature|Expires|content-type|content-md5)$/i

/** What Signature Version 4 itself puts there; every other `x-amz-` word is a header the signer moved to the query. */
const own =
  /^x-amz-(algorithm|content-sha256|credential|date|expires|security-token|signature|signedheaders)$/i

/** The request of a signed URL with the headers that its query carries, as S3 reads it. */
export function withSignedHeaders(request: Request, query: URLSearchParams): Request {
  if (!query.has('X-Amz-Signature') && !query.has('Signature')) return request
  const moved = [...query].filter(([name]) => /^x-amz-/i.test(name) && !own.test(name))
  if (moved.length === 0) return request
  const headers = new Headers(request.headers)
  for (const [name, value] of moved) headers.set(name, value)
  return new Request(request, { headers })
}

/** @throws ServiceError AccessDenied for a signed URL whose time is over */
export function refuseExpired(query: URLSearchParams): void {
  const date = query.get('X-Amz-Date')?.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5')
  const until =
    date === undefined
      ? Number(query.get('Expires') ?? Number.NaN) * 1000
      : Date.parse(date) + Number(query.get('X-Amz-Expires') ?? Number.NaN) * 1000
  if (until < Date.now()) {
    throw new ServiceError('AccessDenied', 'Request has expired', 403, {
      ServerTime: new Date().toISOString(),
    })
  }
}
