/** What is kept with the error of a call: which call it was, as AWS does not always say, and what to do about it. */

import { commandLine } from '../failure/command-line.ts'
import type { Operation } from './calls.ts'

/** Operations of S3 that are allowed by an action of another name (Service Authorization Reference, "Amazon S3"). */
const s3Actions: Readonly<Record<string, string>> = {
  's3:CompleteMultipartUpload': 's3:PutObject',
  's3:CreateMultipartUpload': 's3:PutObject',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:HeadObject': 's3:GetObject',
  's3:ListMultipartUploads': 's3:ListBucketMultipartUploads',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:ListParts': 's3:ListMultipartUploadParts',
  's3:UploadPart': 's3:PutObject',
}

/** The action that allows it, as policies name it. */
export function actionOf(operation: Operation | string): string {
  return s3Actions[operation] ?? operation
}

const calls = new WeakMap<object, string>()

/** Remembers of which call it is the error; the innermost word counts. */
export function rememberCall(error: unknown, operation: string): void {
  if (typeof error === 'object' && error !== null && !calls.has(error)) calls.set(error, operation)
}

/** What to do when AWS refuses access. */
export function deniedAdvice(error: unknown): string {
  const call = typeof error === 'object' && error !== null ? calls.get(error) : undefined
  const action = call === undefined ? 'it' : actionOf(call)
  return `Allow ${action} in the IAM policy of the identity this runs as, as the one that ${commandLine('policies iam')} prints does, or check the names in the environment.`
}

export const atEachCall = { step: 'initialize', priority: 'high', name: 'rememberCall' } as const

/** Middleware of the SDK. @param advice what to do about errors, by their name */
export function rememberingCall(advice: Advice) {
  return <Sent, Answer>(
    next: (sent: Sent) => Promise<Answer>,
    { clientName = '', commandName = '' }: { readonly clientName?: string; readonly commandName?: string },
  ) =>
    async (sent: Sent): Promise<Answer> => {
      try {
        return await next(sent)
      } catch (error) {
        rememberCall(error, callOf(clientName, commandName))
        const better = error instanceof Error ? advice[error.name] : undefined
        if (error instanceof Error && better !== undefined) advised.set(error, better)
        throw error
      }
    }
}

/** What to do about an error, by its name, where whoever connects knows better: which setting names the bucket, say. */
export type Advice = Readonly<Partial<Record<string, string>>>

const advised = new WeakMap<object, string>()

/** undefined: whoever connected has none. */
export function adviceFor(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? advised.get(error) : undefined
}

/** `glue:GetTable` */
export function callOf(clientName: string, commandName: string): string {
  return `${clientName.replace(/Client$/, '').toLowerCase()}:${commandName.replace(/Command$/, '')}`
}
