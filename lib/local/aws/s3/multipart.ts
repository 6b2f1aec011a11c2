/** The multipart uploads that are under way. */
import type { Database } from 'bun:sqlite'
import { createHash } from 'node:crypto'
import { ServiceError } from '../service-error.ts'
import type { Body } from './body.ts'
import { type Checksum, compositeChecksum, runningChecksum } from './checksum.ts'
import { assemble, readStretch, truncate, writeAt } from './multipart-file.ts'
import { chosenParts, type Part, type PartNamed, type UploadOptions } from './multipart-part.ts'
import type { Condition, S3Object, S3Store } from './store.ts'

export interface Upload extends UploadOptions {
  readonly id: string
  readonly key: string
  /** Milliseconds since 1970. */
  readonly initiated: number
  readonly blob: string
  /** Bytes of the first part that arrived; part n is written at (n - 1) times it. */
  readonly stride: number | undefined
}

/**
 * Multipart uploads. A part is written at once into its place in the object-to-be, as uploaders make all parts but
 * the last one size; completing then copies nothing. Parts that fit no such place have files of their own and are
 * put together at the end.
 */
export class Multipart {
  readonly #database: Database
  readonly #store: S3Store

  constructor(database: Database, store: S3Store) {
    this.#database = database
    this.#store = store
    database.run(
      'create table if not exists uploads (id text primary key, bucket text, key text, body text not null)',
    )
    database.run(
      'create table if not exists parts (upload text, number integer, body text not null, primary key (upload, number))',
    )
  }

  create(bucket: string, key: string, options: UploadOptions): Upload {
    const upload: Upload = {
      ...options,
      id: crypto.randomUUID().replaceAll('-', ''),
      key,
      initiated: Date.now(),
      blob: this.#store.newBlob(),
      stride: undefined,
    }
    this.#save(bucket, upload)
    return upload
  }

  #save(bucket: string, { id, key, ...body }: Upload): void {
    this.#database.run('insert or replace into uploads values (?, ?, ?, ?)', [
      id,
      bucket,
      key,
      JSON.stringify(body),
    ])
  }

  /** @throws ServiceError NoSuchUpload */
  find(bucket: string, key: string, id: string): Upload {
    const row = this.#database
      .query<{ body: string }, [string, string, string]>(
        'select body from uploads where id = ? and bucket = ? and key = ?',
      )
      .get(id, bucket, key)
    if (row === null) {
      throw new ServiceError(
        'NoSuchUpload',
        'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
        404,
        { UploadId: id },
      )
    }
    const body: Omit<Upload, 'id' | 'key'> = JSON.parse(row.body)
    return { id, key, ...body }
  }

  /** In S3's order: by key, then by the time they began. */
  list(bucket: string, prefix: string): Upload[] {
    return this.#database
      .query<{ id: string; key: string; body: string }, [string]>(
        'select id, key, body from uploads where bucket = ? order by key, rowid',
      )
      .all(bucket)
      .filter(({ key }) => key.startsWith(prefix))
      .map(({ id, key, body }) => ({ id, key, ...(JSON.parse(body) as Omit<Upload, 'id' | 'key'>) }))
  }

  parts(upload: Upload): Part[] {
    return this.#database
      .query<{ number: number; body: string }, [string]>(
        'select number, body from parts where upload = ? order by number',
      )
      .all(upload.id)
      .map(({ number, body }) => ({ number, ...(JSON.parse(body) as Omit<Part, 'number'>) }))
  }

  #part(upload: Upload, number: number): Part | undefined {
    const row = this.#database
      .query<{ body: string }, [string, number]>('select body from parts where upload = ? and number = ?')
      .get(upload.id, number)
    return row === null ? undefined : { number, ...(JSON.parse(row.body) as Omit<Part, 'number'>) }
  }

  /**
   * Synchronous from end to end: no request comes between the check, the bytes and the row.
   * The ETag of a part is 32 hex digits and no MD5, which would cost more than all the rest of the request.
   */
  put(bucket: string, upload: Upload, number: number, { bytes, checksum }: Body): Part {
    if (checksum !== undefined && upload.algorithm !== undefined && checksum.algorithm !== upload.algorithm) {
      throw new ServiceError(
        'InvalidRequest',
        `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm.toLowerCase()}, actual checksum Type: ${checksum.algorithm.toLowerCase()}`,
      )
    }
    const stride = upload.stride ?? bytes.length
    if (upload.stride === undefined) this.#save(bucket, { ...upload, stride })
    const fits = bytes.length <= stride
    const part: Part = {
      number,
      bytes: bytes.length,
      etag: digest(bytes),
      checksum: checksum?.value,
      modified: Date.now(),
      blob: fits ? upload.blob : this.#store.newBlob(),
      offset: fits ? (number - 1) * stride : 0,
    }
    const before = this.#part(upload, number)
    writeAt(this.#store.path(part.blob), bytes, part.offset)
    const { number: _, ...body } = part
    this.#database.run('insert or replace into parts values (?, ?, ?)', [
      upload.id,
      number,
      JSON.stringify(body),
    ])
    if (before !== undefined && before.blob !== upload.blob) this.#store.dropBlob(before.blob)
    return part
  }

  abort(upload: Upload): void {
    this.#forget(upload, undefined)
  }

  #forget(upload: Upload, keep: string | undefined): void {
    const blobs = new Set([upload.blob, ...this.parts(upload).map((part) => part.blob)])
    this.#database.run('delete from uploads where id = ?', [upload.id])
    this.#database.run('delete from parts where upload = ?', [upload.id])
    for (const blob of blobs) if (blob !== keep) this.#store.dropBlob(blob)
  }

  /**
   * @param sent the object's checksum and size, where the request names them
   * @throws ServiceError InvalidPart, InvalidPartOrder, EntityTooSmall, InvalidRequest, BadDigest, PreconditionFailed
   */
  complete(
    bucket: string,
    upload: Upload,
    named: readonly PartNamed[],
    sent: { checksum: Body['checksum']; bytes: number | undefined },
    condition: Condition,
  ): S3Object {
    const parts = chosenParts(upload, this.parts(upload), named)
    const bytes = parts.reduce((sum, part) => sum + part.bytes, 0)
    if (sent.bytes !== undefined && sent.bytes !== bytes) {
      throw new ServiceError(
        'InvalidRequest',
        'The provided x-amz-mp-object-size header value does not match what was computed.',
      )
    }
    this.#store.check(bucket, upload.key, condition)
    const inPlace = parts.every(
      (part, index) => part.blob === upload.blob && part.offset === index * (upload.stride ?? 0),
    )
    const gapless = parts.every(
      (part, index) => index === parts.length - 1 || part.bytes === (upload.stride ?? 0),
    )
    const blob = inPlace && gapless ? upload.blob : this.#store.newBlob()
    const stretches = parts.map((part) => ({ ...part, path: this.#store.path(part.blob) }))
    try {
      if (blob !== upload.blob) assemble(this.#store.path(blob), stretches)
      const checksum = this.#checksum(upload, parts, blob, bytes)
      if (sent.checksum !== undefined && sent.checksum.value !== checksum?.value) {
        throw new ServiceError(
          'BadDigest',
          `The ${sent.checksum.algorithm} you specified did not match the calculated checksum.`,
        )
      }
      const object: S3Object = {
        key: upload.key,
        blob,
        bytes,
        etag: `${md5(parts.map(({ etag }) => etag).join(''))}-${parts.length}`,
        modified: Date.now(),
        headers: upload.headers,
        checksum,
        parts: parts.map((part) => ({ bytes: part.bytes, checksum: part.checksum })),
      }
      truncate(this.#store.path(blob), bytes)
      this.#store.put(bucket, object, condition)
      this.#forget(upload, blob)
      return object
    } catch (error) {
      if (blob !== upload.blob) this.#store.dropBlob(blob)
      throw error
    }
  }

  #checksum(upload: Upload, parts: readonly Part[], blob: string, bytes: number): Checksum | undefined {
    const { algorithm, checksumType: type } = upload
    if (algorithm === undefined) return undefined
    if (type === 'COMPOSITE') {
      return {
        algorithm,
        type,
        value: compositeChecksum(
          algorithm,
          parts.map(({ checksum }) => checksum ?? ''),
        ),
      }
    }
    const whole = runningChecksum(algorithm)
    readStretch({ path: this.#store.path(blob), offset: 0, bytes }, whole.update)
    return { algorithm, type, value: whole.value() }
  }
}

function digest(bytes: Uint8Array): string {
  const half = (seed: bigint) => Bun.hash.xxHash3(bytes, seed).toString(16).padStart(16, '0')
  return half(0n) + half(1n)
}

function md5(hex: string): string {
  return createHash('md5').update(Buffer.from(hex, 'hex')).digest('hex')
}
