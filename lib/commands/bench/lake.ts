/** The stand-in that a bench loads into, in a process of its own. */
import { join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'

export interface Lake {
  /** The environment of a script: the database, and this lake. */
  readonly env: Record<string, string>
  /** The newest load's files of a table. */
  files(table: string): Promise<Uint8Array[]>
  stop(): Promise<void>
}

/** `bun run local` beside that database: in a process of its own, as S3 is, so that its work is not counted as the load's. */
export async function startLake(databaseUrl: string): Promise<Lake> {
  const child = Bun.spawn([process.execPath, join(import.meta.dirname, '../local.ts')], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/tmp', DATABASE_URL: databaseUrl },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'ignore',
  })
  const env: Record<string, string> = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/tmp' }
  const decoder = new TextDecoder()
  let printed = ''
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk, { stream: true })
    for (const [, name = '', value = ''] of printed.matchAll(/^export (\w+)='(.*)'$/gm)) env[name] = value
    if (env['DRACULA_ATHENA_OUTPUT'] !== undefined) break
  }
  env['DATABASE_URL'] = databaseUrl
  const s3 = new S3Client({
    endpoint: env['AWS_ENDPOINT_URL'] ?? '',
    region: env['AWS_REGION'] ?? '',
    credentials: {
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
    },
    forcePathStyle: true,
  })
  return {
    env,
    async files(table) {
      const { Contents = [] } = await s3.send(
        new ListObjectsV2Command({ Bucket: 'lake', Prefix: `tables/${table}/` }),
      )
      const keys = Contents.flatMap(({ Key = '' }) => (Key.endsWith('.parquet') ? [Key] : [])).sort()
      const newest = keys.at(-1)?.split('/').slice(0, -1).join('/') ?? ''
      const files: Uint8Array[] = []
      for (const Key of keys.filter((key) => key.startsWith(newest))) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lake', Key }))
        files.push((await Body?.transformToByteArray()) ?? new Uint8Array())
      }
      return files
    },
    async stop() {
      s3.destroy()
      child.kill('SIGTERM')
      await child.exited
    },
  }
}
