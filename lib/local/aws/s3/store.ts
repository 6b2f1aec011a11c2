/** Where buckets and objects are kept, and the conditions under which one is replaced. */
import type { Database } from 'bun:sqlite'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ServiceError } from '../service-error.ts'
import type { Checksum } from './checksum.ts'

export interface S3Object {
  readonly key: string
  /** Name of the file that holds its bytes; never reused, so a reader keeps what it opened. */
  readonly blob: string
  readonly bytes: number
  /** Without its quotes. */
  readonly etag: string
  /** Milliseconds since 1970. */
  readonly modified: number
  /** Response headers recorded with it: content type, `x-amz-meta-*`, encryption. */
  readonly headers: Readonly<Record<string, string>>
  readonly checksum: Checksum | undefined
  /** The parts of a multipart upload, in their order. */
  readonly parts?: readonly { readonly bytes: number; readonly checksum: string | undefined }[]
}

export interface Bucket {
  readonly name: string
  readonly region: string
  /** Milliseconds since 1970. */
  readonly created: number
}

/** `If-None-Match` and `If-Match` as they arrived. */
export interface Condition {
  readonly ifNoneMatch: string | null
  readonly ifMatch: string | null
}

export const unconditional: Condition = { ifNoneMatch: null, ifMatch: null }

interface Row {
  readonly key: string
  readonly body: string
}

/** Greater than any character a key may go on with, in S3's order, which is that of UTF-8 bytes, as SQLite's. */
export const lastCharacter = '\u{10ffff}'

/** Buckets and objects: SQLite knows them, plain files hold their bytes. Every method is one atomic step. */
export class S3Store {
  readonly #database: Database
  readonly #blobs: string

  constructor(database: Database, folder: string) {
    this.#database = database
    this.#blobs = join(folder, 'objects')
    mkdirSync(this.#blobs, { recursive: true })
    database.run(
      'create table if not exists buckets (name text primary key, region text not null, created integer not null)',
    )
    database.run(
      'create table if not exists objects (bucket text, key text, body text not null, primary key (bucket, key)) without rowid',
    )
  }

  newBlob(): string {
    return crypto.randomUUID()
  }

  path(blob: string): string {
    return join(this.#blobs, blob)
  }

  dropBlob(blob: string): void {
    rmSync(this.path(blob), { force: true })
  }

  createBucket(name: string, region: string): void {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) {
      throw new ServiceError('InvalidBucketName', 'The specified bucket is not valid.', 400, {
        BucketName: name,
      })
    }
    const { changes } = this.#database.run('insert or ignore into buckets values (?, ?, ?)', [
      name,
      region,
      Date.now(),
    ])
    if (changes === 0) {
      throw new ServiceError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        409,
        { BucketName: name },
      )
    }
  }

  deleteBucket(name: string): void {
    if (this.#next(name, '', '') !== undefined) {
      throw new ServiceError('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409, {
        BucketName: name,
      })
    }
    this.#database.run('delete from buckets where name = ?', [name])
  }

  buckets(): Bucket[] {
    return this.#database.query<Bucket, []>('select * from buckets order by name').all()
  }

  hasBucket(name: string): boolean {
    return this.#database.query('select 1 from buckets where name = ?').get(name) !== null
  }

  /** @throws ServiceError NoSuchBucket */
  bucket(name: string): Bucket {
    const found = this.#database.query<Bucket, [string]>('select * from buckets where name = ?').get(name)
    if (found !== null) return found
    throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name })
  }

  find(bucket: string, key: string): S3Object | undefined {
    const row = this.#database
      .query<Row, [string, string]>('select key, body from objects where bucket = ? and key = ?')
      .get(bucket, key)
    return row === null ? undefined : parse(row)
  }

  /** @throws ServiceError PreconditionFailed, NoSuchKey */
  check(bucket: string, key: string, { ifNoneMatch, ifMatch }: Condition): void {
    if (ifNoneMatch === null && ifMatch === null) return
    const failed = (Condition: string) =>
      new ServiceError(
        'PreconditionFailed',
        'At least one of the pre-conditions you specified did not hold',
        412,
        { Condition },
      )
    const existing = this.find(bucket, key)
    if (ifNoneMatch !== null && existing !== undefined) throw failed('If-None-Match')
    if (ifMatch === null) return
    if (existing === undefined) throw noSuchKey(key)
    if (ifMatch !== '*' && existing.etag !== ifMatch.replaceAll('"', '')) throw failed('If-Match')
  }

  /** Makes the object visible, whole, if its condition holds now. */
  put(bucket: string, object: S3Object, condition: Condition): void {
    const { key, ...body } = object
    this.check(bucket, key, condition)
    const before = this.find(bucket, key)
    this.#database.run('insert or replace into objects values (?, ?, ?)', [bucket, key, JSON.stringify(body)])
    if (before !== undefined) this.dropBlob(before.blob)
  }

  remove(bucket: string, key: string, condition: Condition = unconditional): void {
    this.check(bucket, key, condition)
    const before = this.find(bucket, key)
    if (before === undefined) return
    this.#database.run('delete from objects where bucket = ? and key = ?', [bucket, key])
    this.dropBlob(before.blob)
  }

  /**
   * Objects and common prefixes in key order, `limit` of both together, after the key `after`.
   * `next` is where the following page goes on, undefined on the last one.
   */
  list(
    bucket: string,
    {
      prefix = '',
      delimiter = '',
      after = '',
      limit = Number.POSITIVE_INFINITY,
    }: { prefix?: string; delimiter?: string; after?: string; limit?: number } = {},
  ): { objects: S3Object[]; prefixes: string[]; next: string | undefined } {
    const objects: S3Object[] = []
    const prefixes: string[] = []
    let cursor = after
    for (;;) {
      const object = this.#next(bucket, prefix, cursor)
      if (object === undefined) return { objects, prefixes, next: undefined }
      if (objects.length + prefixes.length >= limit) return { objects, prefixes, next: cursor }
      const cut = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length)
      if (cut < 0) {
        objects.push(object)
        cursor = object.key
      } else {
        const common = object.key.slice(0, cut + delimiter.length)
        prefixes.push(common)
        cursor = common + lastCharacter
      }
    }
  }

  #next(bucket: string, prefix: string, cursor: string): S3Object | undefined {
    // SQLite seeks one lower bound: with two it would pass all keys up to the other.
    const row = this.#database
      .query<Row, [string, string, string]>(
        'select key, body from objects where bucket = ?1 and key >= max(?2, ?3) and key <> ?2 order by key limit 1',
      )
      .get(bucket, cursor, prefix)
    return row?.key.startsWith(prefix) ? parse(row) : undefined
  }
}

export function noSuchKey(key: string): ServiceError {
  return new ServiceError('NoSuchKey', 'The specified key does not exist.', 404, { Key: key })
}

function parse({ key, body }: Row): S3Object {
  const object: Omit<S3Object, 'key'> = JSON.parse(body)
  return { key, ...object }
}
