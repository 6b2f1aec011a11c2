#!/usr/bin/env bun
/**
 * `bun file-sizes.ts <table> <folder>`: how large the newest load's files of a table are, and how large the same rows are
 * when DuckDB writes them. A program of its own: DuckDB makes a process large, and Linux counts what a parent holds when
 * it starts a child as the child's peak.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { DuckDBInstance } from '@duckdb/node-api'

const [table = '', folder = ''] = process.argv.slice(2)
const s3 = new S3Client({ forcePathStyle: true })

/** Paths of the newest load's files, downloaded. */
async function download(): Promise<string[]> {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: 'lake', Prefix: `tables/${table}/` }),
  )
  const keys = Contents.flatMap(({ Key = '' }) => (Key.endsWith('.parquet') ? [Key] : [])).sort()
  const newest = keys.at(-1)?.split('/').slice(0, -1).join('/') ?? ''
  const paths: string[] = []
  for (const Key of keys.filter((key) => key.startsWith(newest))) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key }))
    const path = join(folder, `source-${paths.length}.parquet`)
    await Bun.write(path, (await Body?.transformToByteArray()) ?? new Uint8Array())
    paths.push(path)
  }
  return paths
}

/** Bytes that DuckDB writes, with zstd and otherwise as it is, for the rows of these files in their order. */
async function duckdbBytes(paths: readonly string[]): Promise<number> {
  const target = join(folder, 'duckdb.parquet')
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const list = paths.map((path) => `'${path}'`).join(', ')
    await connection.run(
      `copy (from read_parquet([${list}])) to '${target}' (format parquet, compression zstd)`,
    )
    return (await stat(target)).size
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

const paths = await download()
const bytes = paths.reduce((sum, path) => sum + Bun.file(path).size, 0)
console.log(JSON.stringify({ files_mb: bytes / 1e6, duckdb_mb: (await duckdbBytes(paths)) / 1e6 }))
