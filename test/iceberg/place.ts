/** Where a test's table keeps its objects: a folder, or a bucket of the stand-in. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import type { NewObject, ReadObject } from '../../lib/iceberg/read-object.ts'

export interface Place {
  /** Without a slash at its end. */
  readonly location: string
  readonly read: ReadObject
  write(object: NewObject): Promise<void>
  remove(path: string): Promise<void>
}

export async function inFolder(folder: string): Promise<Place> {
  await mkdir(join(folder, 'data'), { recursive: true })
  await mkdir(join(folder, 'metadata'), { recursive: true })
  const fileOf = (path: string) => Bun.file(path.slice('file://'.length))
  return {
    location: `file://${folder}`,
    read: async (path) => ((await fileOf(path).exists()) ? fileOf(path).bytes() : undefined),
    write: async ({ path, bytes }) => {
      await Bun.write(fileOf(path), bytes)
    },
    remove: (path) => fileOf(path).delete(),
  }
}

/** @param prefix without a slash at its end */
export function inBucket(s3: S3Client, bucket: string, prefix: string): Place {
  const at = (path: string) => ({ Bucket: bucket, Key: path.slice(`s3://${bucket}/`.length) })
  return {
    location: `s3://${bucket}/${prefix}`,
    read: async (path) => {
      try {
        const { Body } = await s3.send(new GetObjectCommand(at(path)))
        return await Body?.transformToByteArray()
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        throw error
      }
    },
    write: async ({ path, bytes }) => {
      await s3.send(new PutObjectCommand({ ...at(path), Body: bytes }))
    },
    remove: async (path) => {
      await s3.send(new DeleteObjectCommand(at(path)))
    },
  }
}
