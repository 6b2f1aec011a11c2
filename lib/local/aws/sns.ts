/** AWS SNS: Publish alone, to every standard topic of this account and region, which keeps what it is sent. */
import type { Guard } from './iam/guard.ts'
import { queryDocument } from './query.ts'
import { ServiceError } from './service-error.ts'

export interface PublishedMessage {
  /** ARN. */
  readonly topic: string
  readonly subject: string | undefined
  readonly message: string
}

/** SNS API, Publish. */
const mostBytes = 256 * 1024
const mostSubject = 100

/** @throws ServiceError as SNS refuses */
export function publish(
  form: URLSearchParams,
  { principal, guard, published }: { principal: string; guard: Guard; published: PublishedMessage[] },
): Response {
  const topic = form.get('TopicArn') ?? ''
  const refusal = guard.refusal(principal, [{ action: 'sns:Publish', resource: topic }])
  if (refusal !== undefined) throw new ServiceError('AuthorizationError', refusal, 403)
  const subject = form.get('Subject') ?? undefined
  const message = form.get('Message') ?? ''
  if (!/^arn:aws:sns:us-east-1:\d{12}:[\w-]{1,256}$/.test(topic)) throw invalid('TopicArn')
  if (!topic.startsWith('arn:aws:sns:us-east-1:000000000000:')) {
    throw new ServiceError('NotFound', 'Topic does not exist', 404)
  }
  if (message === '' || Buffer.byteLength(message) > mostBytes) throw invalid('Message')
  if (subject !== undefined && (!/^[ -~]+$/.test(subject) || subject.length > mostSubject))
    throw invalid('Subject')
  published.push({ topic, subject, message })
  return queryDocument(200, 'PublishResponse', {
    PublishResult: { MessageId: crypto.randomUUID() },
    ResponseMetadata: { RequestId: 'local' },
  })
}

function invalid(parameter: string): ServiceError {
  return new ServiceError('InvalidParameter', `Invalid parameter: ${parameter}`)
}
