/** S3: a probe under the prefix that is written, refused a second time and with a wrong checksum, read, listed and deleted again. */
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Call } from '../../aws/calls.ts'
import { crc32Text } from '../../aws/checksum.ts'
import type { Aws } from '../../aws/clients.ts'
import { encryption, encryptionCalls } from '../../aws/encryption.ts'
import { awsFailure, tell } from '../../aws/failure.ts'
import { multipart } from '../../aws/multipart.ts'
import {
  abortUploadCalls,
  deleteObjects,
  deleteObjectsCalls,
  getText,
  getTextCalls,
  listCalls,
  listObjects,
  listUploads,
  listUploadsCalls,
  putNew,
  putNewCalls,
} from '../../aws/objects.ts'
import { headStoredCalls } from '../../aws/stored-object.ts'
import type { LakeConfig } from '../../config/config.ts'
import { Failure } from '../../failure/failure.ts'
import { newLoadId } from '../../lake/load-id.ts'
import { type Finding, findingOf, missing, ok, warning } from './finding.ts'

const probeBody = 'A probe, to be deleted at once.'

export async function examineS3(aws: Aws, lake: LakeConfig, signal: AbortSignal): Promise<Finding[]> {
  const { bucket, prefix, kmsKey } = lake
  const folder = prefix === '' ? '_doctor/' : `${prefix}/_doctor/`
  const key = `${folder}${newLoadId()}`
  const probe = { bucket, key, kmsKey, contentType: 'text/plain', signal }
  const find = (check: string, work: () => Promise<string | Finding>) => findingOf(check, signal, work)

  const written = await find('s3 write', async () => {
    await putNew(aws, { ...probe, body: probeBody })
    return `s3://${bucket}/${folder}`
  })
  if (written.status === 'missing') {
    // An answer that was lost may have been a yes.
    const patient = AbortSignal.timeout(10_000)
    await deleteObjects(aws, { bucket, keys: [key], signal: patient }).catch(() => undefined)
    return [written]
  }
  const findings = [written]
  try {
    findings.push(
      await find('s3 read', async () => {
        const read = await getText(aws, { bucket, key, signal })
        if (read === probeBody) return 'the probe reads back as it was written'
        return missing('s3 read', 'the probe reads back otherwise than it was written', elsewhere)
      }),
    )
    findings.push(await find('s3 conditional write', () => refusedTwice(aws, probe)))
    findings.push(await find('s3 checksum', () => heldAgainstItsSum(aws, probe)))
    findings.push(await find('s3 encryption', () => encrypted(aws, { bucket, key, kmsKey, signal })))
    findings.push(await find('s3 multipart', () => uploads(aws, { ...probe, folder })))
    findings.push(
      await find('s3 list', async () => {
        const listed = await listObjects(aws, { bucket, prefix: folder, signal })
        return listed.some((object) => object.key === key)
          ? `s3://${bucket}/${folder}`
          : missing('s3 list', 'the probe is not listed', elsewhere)
      }),
    )
  } finally {
    // Whoever has interrupted this wants it gone all the same.
    const patient = AbortSignal.timeout(10_000)
    findings.push(
      await findingOf('s3 delete', patient, async () => {
        await deleteObjects(aws, { bucket, keys: [key], signal: patient })
        // Whether it may list at all is a finding of its own.
        const left = await listObjects(aws, { bucket, prefix: key, signal: patient }).catch(() => [])
        if (left.length === 0) return 'nothing is left of the probe'
        return missing('s3 delete', `${key} is still listed after it was deleted`, elsewhere)
      }),
    )
  }
  return findings
}

/** S3 has been consistent since 2020 (S3 User Guide, "Amazon S3 data consistency model"). */
const elsewhere = 'S3 shows at once what was done; see what stands between, or use an endpoint that does.'

async function refusedTwice(
  aws: Aws,
  probe: Omit<Parameters<typeof putNew>[1], 'body'>,
): Promise<string | Finding> {
  try {
    await putNew(aws, { ...probe, body: 'Another, which S3 has to refuse.' })
  } catch (error) {
    const cause = error instanceof Failure ? error.cause : undefined
    if (cause instanceof Error && cause.name === 'PreconditionFailed')
      return 'a second one of a key is refused'
    throw error
  }
  return missing(
    's3 conditional write',
    'a second object of one key was taken in spite of If-None-Match',
    'Use an endpoint that knows conditional writes: two loads could overwrite each other here.',
  )
}

/** The object that is put is the probe again, should it be taken: there is no other to remove. */
async function heldAgainstItsSum(
  aws: Aws,
  { bucket, key, kmsKey, signal }: Probe,
): Promise<string | Finding> {
  const ChecksumCRC32 = crc32Text(Bun.hash.crc32('Other bytes.'))
  const object = { ...encryption(kmsKey), Bucket: bucket, Key: key, Body: probeBody, ChecksumCRC32 }
  try {
    await aws.s3.send(new PutObjectCommand(object), { abortSignal: signal })
  } catch (error) {
    // AWS names it BadDigest, and others otherwise.
    if (tell(error).status === 400) return 'an object with the CRC32 of another is refused'
    throw awsFailure(error, 'write', `s3://${bucket}/${key}`)
  }
  return warning(
    's3 checksum',
    'an object with the CRC32 of another was taken',
    'Use an endpoint that verifies checksums: what changes on its way is not noticed here.',
  )
}

interface Probe {
  readonly bucket: string
  readonly key: string
  readonly kmsKey: string | undefined
  readonly signal: AbortSignal
}

async function encrypted(aws: Aws, { bucket, key, kmsKey, signal }: Probe): Promise<string | Finding> {
  const object = { Bucket: bucket, Key: key }
  const thing = `s3://${bucket}/${key}`
  try {
    const head = await aws.s3.send(new HeadObjectCommand(object), { abortSignal: signal })
    const { ServerSideEncryption: by, SSEKMSKeyId: id } = head
    if (by === undefined) {
      const fix = 'Turn on the default encryption of the bucket, or use an endpoint that encrypts.'
      return warning('s3 encryption', 'the probe was stored in the clear', fix)
    }
    if (kmsKey !== undefined && !by.startsWith('aws:kms')) {
      const fix = 'See whether the bucket or the endpoint overrules DRACULA_KMS_KEY.'
      return missing('s3 encryption', `the probe was encrypted by ${by}, not by the key`, fix)
    }
    if (kmsKey !== undefined && id !== undefined && !isSameKey(kmsKey, id)) {
      const fix = 'See whether the bucket or the endpoint overrules DRACULA_KMS_KEY.'
      return missing('s3 encryption', `the probe was encrypted by the key ${id}, not by ${kmsKey}`, fix)
    }
    return ok('s3 encryption', id === undefined ? by : `${by}, key ${id}`)
  } catch (error) {
    throw awsFailure(error, 'read', thing)
  }
}

/** S3 tells a key by its ARN; which one an alias means, only KMS knows. */
function isSameKey(wanted: string, told: string): boolean {
  return wanted.includes('alias/') || told.split('/').at(-1) === wanted.split('/').at(-1)
}

/** Begins an upload in parts, finds it and aborts it. */
async function uploads(aws: Aws, probe: Probe & { readonly folder: string }): Promise<string | Finding> {
  const { bucket, key, folder, signal } = probe
  const requests = multipart(aws, probe)
  const thing = `s3://${bucket}/${key}`
  try {
    const id = await requests.create()
    const isListed = async () => {
      const listed = await listUploads(aws, { bucket, prefix: folder, signal })
      return listed.some((upload) => upload.id === id)
    }
    let found = false
    try {
      found = await isListed()
    } finally {
      await requests.abort(id)
    }
    if (!found) return missing('s3 multipart', 'an upload that was begun is not listed', elsewhere)
    if (await isListed())
      return missing('s3 multipart', 'an upload is listed after it was aborted', elsewhere)
  } catch (error) {
    throw awsFailure(error, 'begin and abort an upload to', thing)
  }
  return 'an upload can be begun, found and aborted'
}

export function examineS3Calls({ bucket, prefix, kmsKey }: LakeConfig): Call[] {
  const folder = prefix === '' ? '_doctor/' : `${prefix}/_doctor/`
  return [
    ...putNewCalls(bucket, folder),
    ...headStoredCalls(bucket, folder),
    ...getTextCalls(bucket, folder),
    { call: 's3:CreateMultipartUpload', on: { kind: 'object', bucket, key: folder } },
    ...listUploadsCalls(bucket, folder),
    ...abortUploadCalls(bucket, folder),
    ...listCalls(bucket, folder),
    ...deleteObjectsCalls(bucket, folder),
    ...encryptionCalls(kmsKey),
  ]
}
