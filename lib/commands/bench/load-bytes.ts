#!/usr/bin/env bun
/**
 * `bun load-bytes.ts <table> <load>…`: what each load of an Iceberg table has left in S3, rows apart from what tells of them.
 * A program of its own, as the others: what a parent holds counts as its children's peak.
 */
import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3'

const [table = '', ...loads] = process.argv.slice(2)
const client = new S3Client({ forcePathStyle: true })

const found = loads.map((load) => ({ load, data: 0, files: 0, metadata: 0, objects: 0 }))
for await (const { Contents = [] } of paginateListObjectsV2(
  { client },
  { Bucket: 'lake', Prefix: `tables/${table}/` },
)) {
  for (const { Key = '', Size = 0 } of Contents) {
    const of = found.find(({ load }) => Key.includes(load))
    if (of === undefined) continue
    if (Key.endsWith('.parquet')) {
      of.data += Size
      of.files++
    } else {
      of.metadata += Size
      of.objects++
    }
  }
}
console.log(JSON.stringify(found))
