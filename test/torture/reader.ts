/**
 * A reader of the lake, as an engine is one: from the catalog's table to its files and their rows, by plain HTTP and by
 * readers of Parquet and Avro that nobody here wrote. It shares no code with what it reads after.
 */
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { readWithAvsc } from '../iceberg/avsc.ts'
import { type Digest, digestOf, noRows, together } from './digest.ts'

/** What readers see at a moment. */
export interface Look {
  /** What the catalog points at: the load's folder, or the metadata; undefined: there is no table. */
  readonly pointer: string | undefined
  readonly digest: Digest
  /** The files that were read. */
  readonly files: readonly string[]
  readonly parameters: Readonly<Record<string, string>>
}

export interface Reader {
  /** @throws Error when anything that the catalog leads to is not there, or cannot be read */
  look(table: string): Promise<Look>
  /** Every key below a prefix of a bucket. */
  list(bucket: string, prefix: string): Promise<readonly { readonly key: string; readonly modified: Date }[]>
  uploads(bucket: string): Promise<readonly string[]>
  tables(database: string): Promise<readonly string[]>
  metadata(pointer: string): Promise<IcebergMetadata>
  /** Every object that a version of an Iceberg table leads to, of all snapshots it keeps. */
  reached(pointer: string): Promise<ReadonlySet<string>>
}

interface IcebergSnapshot {
  readonly 'snapshot-id': string
  readonly 'timestamp-ms': number
  readonly 'manifest-list': string
  readonly summary: Readonly<Record<string, string>>
}

export interface IcebergMetadata {
  readonly 'current-snapshot-id': string
  readonly 'last-updated-ms': number
  readonly snapshots: readonly IcebergSnapshot[]
  readonly 'snapshot-log': readonly { readonly 'timestamp-ms': number; readonly 'snapshot-id': string }[]
  readonly 'metadata-log': readonly { readonly 'metadata-file': string }[]
}

/** It has an access key of its own, so that no fault meant for a load meets it. */
const accessKey = 'reader'
const authorization = `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0`

const deleted = 2

export function openReader(url: string): Reader {
  /** Files never change: each is read once, and looked for each time. */
  const digests = new Map<string, Digest>()
  const parsed = new Map<string, unknown>()

  async function get(uri: string, method: 'GET' | 'HEAD' = 'GET'): Promise<Response> {
    const answer = await fetch(`${url}/${uri.replace('s3://', '')}`, { method, headers: { authorization } })
    if (!answer.ok) throw new Error(`${method} ${uri} gave ${answer.status}`)
    return answer
  }

  async function bytesOf(uri: string): Promise<Uint8Array> {
    return (await get(uri)).bytes()
  }

  async function once<T>(uri: string, read: (bytes: Uint8Array) => Promise<T> | T): Promise<T> {
    if (parsed.has(uri)) await get(uri, 'HEAD')
    else parsed.set(uri, await read(await bytesOf(uri)))
    return parsed.get(uri) as T
  }

  async function glue(operation: string, input: object): Promise<Record<string, unknown> | undefined> {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        authorization,
        'x-amz-target': `AWSGlue.${operation}`,
        'content-type': 'application/x-amz-json-1.1',
      },
      body: JSON.stringify(input),
    })
    const body = (await answer.json()) as Record<string, unknown>
    if (String(body['__type']).includes('EntityNotFoundException')) return undefined
    if (!answer.ok) throw new Error(`${operation} gave ${answer.status}`)
    return body
  }

  async function digestOfFile(uri: string): Promise<Digest> {
    const etag = (await get(uri, 'HEAD')).headers.get('etag')
    const name = `${uri} ${etag}`
    const known = digests.get(name)
    if (known !== undefined) return known
    const file = await bytesOf(uri)
    const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer
    const rows = await parquetReadObjects({ file: buffer, compressors })
    const digest = digestOf(rows.map(wordsOf))
    digests.set(name, digest)
    return digest
  }

  async function list(bucket: string, prefix: string) {
    const query = new URLSearchParams({ 'list-type': '2', prefix, 'max-keys': '1000' })
    const all: { key: string; modified: Date }[] = []
    for (let token: string | undefined; ; ) {
      if (token !== undefined) query.set('continuation-token', token)
      const text = await (await get(`s3://${bucket}?${query}`)).text()
      for (const [, key = '', at = ''] of text.matchAll(
        /<Key>(.*?)<\/Key>.*?<LastModified>(.*?)<\/LastModified>/gs,
      ))
        all.push({ key, modified: new Date(at) })
      token = /<NextContinuationToken>(.*?)<\/NextContinuationToken>/.exec(text)?.[1]
      if (token === undefined) return all
    }
  }

  /** Ids of snapshots are longer than a number holds. */
  const metadata = (pointer: string) =>
    once<IcebergMetadata>(pointer, (bytes) =>
      JSON.parse(new TextDecoder().decode(bytes).replace(/("[\w-]*snapshot-id"\s*:\s*)(-?\d+)/g, '$1"$2"')),
    )

  const manifestsOf = async (snapshot: IcebergSnapshot): Promise<string[]> => {
    const found = await once(snapshot['manifest-list'], readWithAvsc)
    return found.records.map(({ manifest_path }) => String(manifest_path))
  }

  async function filesOf(manifest: string): Promise<string[]> {
    const { records } = await once(manifest, readWithAvsc)
    return records.flatMap(({ status, data_file }) => {
      if (status === deleted) return []
      return [String((data_file as Readonly<Record<string, unknown>>)['file_path'])]
    })
  }

  return {
    async look(table) {
      const answer = await glue('GetTable', { DatabaseName: 'lake', Name: table })
      if (answer === undefined) return { pointer: undefined, digest: noRows, files: [], parameters: {} }
      const { Parameters: parameters = {}, StorageDescriptor } = answer['Table'] as {
        readonly Parameters?: Readonly<Record<string, string>>
        readonly StorageDescriptor?: { readonly Location?: string }
      }
      const version = parameters['metadata_location']
      const pointer = version ?? StorageDescriptor?.Location ?? ''
      const files = version === undefined ? await filesBelow(pointer) : await filesAt(version)
      const digest = (await Promise.all(files.map(digestOfFile))).reduce(together, noRows)
      return { pointer, digest, files, parameters }
    },
    list,
    async uploads(bucket) {
      const text = await (await get(`s3://${bucket}?uploads`)).text()
      return [...text.matchAll(/<Upload>.*?<Key>(.*?)<\/Key>/gs)].map(([, key = '']) => key)
    },
    async tables(database) {
      const answer = await glue('GetTables', { DatabaseName: database, MaxResults: 100 })
      return ((answer?.['TableList'] ?? []) as { readonly Name: string }[]).map(({ Name }) => Name)
    },
    metadata,
    async reached(pointer) {
      const { snapshots, 'metadata-log': log } = await metadata(pointer)
      const found = new Set([pointer, ...log.map((each) => each['metadata-file'])])
      for (const snapshot of snapshots) {
        found.add(snapshot['manifest-list'])
        for (const manifest of await manifestsOf(snapshot)) {
          found.add(manifest)
          for (const file of await filesOf(manifest)) found.add(file)
        }
      }
      return found
    },
  }

  async function filesBelow(location: string): Promise<string[]> {
    const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(location) ?? []
    return (await list(bucket, prefix)).map(({ key }) => `s3://${bucket}/${key}`)
  }

  async function filesAt(pointer: string): Promise<string[]> {
    const { snapshots, 'current-snapshot-id': current } = await metadata(pointer)
    const snapshot = snapshots.find((each) => each['snapshot-id'] === current)
    if (snapshot === undefined) return []
    return (await Promise.all((await manifestsOf(snapshot)).map(filesOf))).flat()
  }
}

/** A row's values as Postgres would say them; a column that only partitions need is no part of it. */
export function wordsOf(row: Readonly<Record<string, unknown>>): (string | null)[] {
  return Object.entries(row).flatMap(([column, value]) => {
    if (column === 'changed_at') return []
    if (value === null || value === undefined) return [null]
    return [value instanceof Date ? String(value.getTime()) : String(value)]
  })
}
