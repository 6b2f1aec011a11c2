/** A file of a load as one object in S3. */
import type { Aws } from '../aws/clients.ts'
import { openUpload } from '../aws/upload.ts'
import type { LakeConfig } from '../config/config.ts'
import type { LakeFile } from './lake.ts'

export function openObject(
  { aws, config }: { readonly aws: Aws; readonly config: LakeConfig },
  key: string,
  signal: AbortSignal,
): LakeFile {
  const { bucket, kmsKey } = config
  const upload = openUpload(aws, { bucket, key, kmsKey, signal })
  return {
    write: (bytes) => upload.write(bytes),
    async finish() {
      const { bytes, etag, checksum } = await upload.finish()
      return { bytes, uri: `s3://${bucket}/${key}`, etag, crc32: checksum }
    },
    abort: () => upload.abort(),
  }
}
