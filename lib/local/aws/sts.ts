/** The answers of STS. */
import { type Element, xml } from './s3/xml.ts'
import { ServiceError } from './service-error.ts'

/** A request in AWS' query protocol, as STS takes it: a form sent to the root. */
export function isQueryRequest({ method, url, headers }: Request): boolean {
  const form = headers.get('content-type')?.startsWith('application/x-www-form-urlencoded') === true
  return method === 'POST' && form && new URL(url).pathname === '/' && !headers.has('x-amz-target')
}

/** AWS STS: GetCallerIdentity alone, since every caller here is the same. */
export function stsAnswer(action: string): Response {
  if (action !== 'GetCallerIdentity') {
    throw new ServiceError('InvalidAction', `The local stand-in does not implement ${action}.`)
  }
  return document(200, 'GetCallerIdentityResponse', {
    GetCallerIdentityResult: {
      Arn: 'arn:aws:iam::000000000000:user/local',
      UserId: 'local',
      Account: '000000000000',
    },
    ResponseMetadata: { RequestId: 'local' },
  })
}

export function stsError({ code, message, status }: ServiceError): Response {
  const content = { Error: { Type: 'Sender', Code: code, Message: message }, RequestId: 'local' }
  return document(status, 'ErrorResponse', content)
}

function document(status: number, root: string, content: Element): Response {
  return new Response(xml(root, content), { status, headers: { 'content-type': 'text/xml' } })
}
