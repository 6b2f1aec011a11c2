/** AWS SNS: Publish alone, to every standard topic of this account and region, which keeps what it is sent. */
import type { Guard } from './iam/guard.ts'
import { models } from './model/models.ts'
import { problemsOf } from './model/problems.ts'
import type { Violations } from './model/violations.ts'
import { queryDocument } from './query.ts'
import { ServiceError } from './service-error.ts'

export interface PublishedMessage {
  /** ARN. */
  readonly topic: string
  readonly subject: string | undefined
  readonly message: string
}

interface Parts {
  readonly principal: string
  readonly guard: Guard
  readonly published: PublishedMessage[]
  readonly violations: Violations
}

/** SNS API, Publish. */
const mostBytes = 256 * 1024
const mostSubject = 100

/** @throws ServiceError as SNS refuses */
export async function publish(form: URLSearchParams, parts: Parts): Promise<Response> {
  const model = await models.sns()
  try {
    const input = Object.fromEntries([...form].filter(([name]) => name !== 'Action' && name !== 'Version'))
    parts.violations.request('Publish', problemsOf(model, 'Publish', 'input', input))
    const PublishResult = take(form, parts)
    parts.violations.answer('Publish', problemsOf(model, 'Publish', 'output', PublishResult))
    return queryDocument(200, 'PublishResponse', { PublishResult, ResponseMetadata: { RequestId: 'local' } })
  } catch (error) {
    if (error instanceof ServiceError) parts.violations.error('Publish', error.code, model)
    throw error
  }
}

function take(form: URLSearchParams, { principal, guard, published }: Parts): { MessageId: string } {
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
  return { MessageId: crypto.randomUUID() }
}

function invalid(parameter: string): ServiceError {
  return new ServiceError('InvalidParameter', `Invalid parameter: ${parameter}`)
}
