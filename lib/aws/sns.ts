/** A message to a topic of SNS; its client is imported where a topic is configured. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import type { Call } from './calls.ts'
import type { AwsSettings } from './clients.ts'
import { atEachCall, rememberingCall } from './denied.ts'
import { awsFailure } from './failure.ts'
import { fetchHandler } from './fetch-handler.ts'

export interface TopicMessage {
  /** ARN. */
  readonly topic: string
  readonly region: string
  /** What mails have as theirs: SNS takes 100 characters of ASCII without control characters. */
  readonly subject: string
  readonly message: string
  readonly signal: AbortSignal
}

/** @param key what SNS encrypts messages with in the name of who sends them; undefined: nothing, or a key of its own */
export function publishToTopicCalls(arn: string, key?: string): Call[] {
  const publish: Call = { call: 'sns:Publish', on: { kind: 'topic', arn } }
  if (key === undefined) return [publish]
  const on = { kind: 'topic key', name: key } as const
  // Amazon SNS Developer Guide, "Configuring AWS KMS permissions".
  return [publish, { call: 'kms:GenerateDataKey', on, by: 'sns' }, { call: 'kms:Decrypt', on, by: 'sns' }]
}

/** @throws Failure as `awsFailure` */
export async function publishToTopic(
  { topic, region, subject, message, signal }: TopicMessage,
  { requestTimeout = 20_000, maxAttempts = 5 }: Pick<AwsSettings, 'requestTimeout' | 'maxAttempts'> = {},
): Promise<void> {
  const sns = new SNSClient({ region, maxAttempts, requestHandler: fetchHandler({ requestTimeout }) })
  sns.middlewareStack.add(rememberingCall({}), atEachCall)
  try {
    const publish = new PublishCommand({ TopicArn: topic, Subject: subject, Message: message })
    await sns.send(publish, { abortSignal: signal })
  } catch (error) {
    throw awsFailure(error, 'publish to the topic', topic)
  } finally {
    sns.destroy()
  }
}
