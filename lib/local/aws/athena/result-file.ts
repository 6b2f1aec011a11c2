/** The CSV file that Athena leaves of a query's results. */
import { createHash } from 'node:crypto'
import { optionalText } from '../json/input.ts'
import { type S3Store, unconditional } from '../s3/store.ts'
import type { Results } from './execute.ts'
import type { Execution } from './execution.ts'

/** Writes a query's results as Athena does: every value in quotes, a null as nothing. */
export async function writeResultFile(
  store: S3Store,
  { output, encryption }: Pick<Execution, 'output' | 'encryption'>,
  results: Results,
): Promise<void> {
  const quote = (value: string | null) => (value === null ? '' : `"${value.replaceAll('"', '""')}"`)
  const lines = [results.columns.map(({ name }) => name), ...results.rows]
  const body = Buffer.from(lines.map((row) => `${row.map(quote).join(',')}\n`).join(''))
  const blob = store.newBlob()
  await Bun.write(store.path(blob), body)
  const kms = encryption !== undefined && optionalText(encryption, 'EncryptionOption') === 'SSE_KMS'
  const headers: Record<string, string> = {
    'content-type': 'text/csv',
    'x-amz-server-side-encryption': kms ? 'aws:kms' : 'AES256',
  }
  if (kms) headers['x-amz-server-side-encryption-aws-kms-key-id'] = optionalText(encryption, 'KmsKey') ?? ''
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(output) ?? []
  const etag = createHash('md5').update(body).digest('hex')
  const object = { key, blob, bytes: body.length, etag, modified: Date.now(), headers, checksum: undefined }
  store.put(bucket, object, unconditional)
}
