/** The page that shows all tables, where their files are. */
import type { Call } from '../aws/calls.ts'
import type { Aws } from '../aws/clients.ts'
import { putOver, putOverCalls } from '../aws/objects.ts'
import type { LakeConfig } from '../config/config.ts'
import { pageKey } from './layout.ts'

/**
 * In one call, in place of the page that is there.
 * @returns its `s3://…`
 * @throws Failure (2) when refused, (1) when AWS does not answer
 */
export async function publishPage(
  aws: Aws,
  { bucket, prefix, kmsKey }: LakeConfig,
  page: string,
  signal: AbortSignal,
): Promise<string> {
  const key = pageKey(prefix)
  await putOver(aws, {
    ...{ bucket, key, kmsKey, signal, body: page },
    contentType: 'text/html; charset=utf-8',
    cacheControl: 'no-cache',
  })
  return `s3://${bucket}/${key}`
}

export function publishPageCalls({ bucket, prefix }: LakeConfig): Call[] {
  return putOverCalls(bucket, pageKey(prefix))
}
