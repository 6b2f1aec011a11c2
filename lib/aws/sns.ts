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

export function publishToTopicCalls(arn: string): Call[] {
  return [{ call: 'sns:Publish', on: { kind: 'topic', arn } }]
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
