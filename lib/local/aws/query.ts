/** AWS' query protocol, as STS and SNS speak it: a form sent to the root, and an answer in XML. */
import { type Element, xml } from './s3/xml.ts'
import type { ServiceError } from './service-error.ts'

export function isQueryRequest({ method, url, headers }: Request): boolean {
  const form = headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') === true
  return method === 'POST' && form && new URL(url).pathname === '/' && !headers.has('x-amz-target')
}

export function queryDocument(status: number, root: string, content: Element): Response {
  return new Response(xml(root, content), { status, headers: { 'content-type': 'text/xml' } })
}

export function queryError({ code, message, status }: ServiceError): Response {
  const content = { Error: { Type: 'Sender', Code: code, Message: message }, RequestId: 'local' }
  return queryDocument(status, 'ErrorResponse', content)
}
