import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { fileURLToPath } from 'node:url'
import {
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena'
import {
  CreateCrawlerCommand,
  DeleteCrawlerCommand,
  GetCrawlerCommand,
  GetTableCommand,
  StartCrawlerCommand,
  StopCrawlerCommand,
} from '@aws-sdk/client-glue'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { Faults, Rule } from '../../lib/local/aws/faults.ts'
import { until } from '../support/until.ts'
import { openTarget, refusal, type Target } from './aws-target.ts'

const real = process.env['DRACULA_TEST_S3_URI'] !== undefined

describe.skipIf(real)('the stand-in, told to,', () => {
  let target: Target
  let faults: Faults
  let url: string
  beforeAll(async () => {
    target = await openTarget()
    if (target.local === undefined) throw new Error('Faults are the stand-in’s alone.')
    ;({ faults, url } = target.local)
  })
  afterEach(() => {
    faults.clear()
    faults.release()
  })
  afterAll(() => target.close())

  const at = (key: string) => ({ Bucket: target.bucket, Key: `${target.prefix}${key}` })
  const put = (key: string) => target.s3.send(new PutObjectCommand({ ...at(key), Body: 'x' }))
  const there = async (key: string) => {
    try {
      await target.s3.send(new HeadObjectCommand(at(key)))
      return true
    } catch {
      return false
    }
  }

  test('answers with errors, for as long as the rule says and for what it names', async () => {
    faults.add({
      operation: 'PutObject',
      match: 'slow/',
      after: 1,
      times: 2,
      action: { kind: 'error', code: 'SlowDown' },
    })
    await put('other')
    await put('slow/1')
    expect(await refusal(put('slow/2'))).toEqual(['SlowDown', 503])
    expect(await refusal(put('slow/3'))).toEqual(['SlowDown', 503])
    await put('slow/4')
    expect([await there('slow/1'), await there('slow/2')]).toEqual([true, false])
    faults.add({
      operation: '*',
      action: { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded' },
    })
    const get = new GetTableCommand({ DatabaseName: target.database, Name: 't' })
    expect(await refusal(target.glue.send(get))).toEqual(['ThrottlingException', 400])
  })

  test('misbehaves to one access key alone, and sends half of an answer', async () => {
    const authorization = (key: string) => ({
      authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0`,
    })
    await put('halved')
    const read = async (key: string) => {
      const { Bucket, Key } = at('halved')
      const answer = await fetch(`${url}/${Bucket}/${Key}`, { headers: authorization(key) })
      return answer.text()
    }
    faults.add({ operation: 'GetObject', by: 'one', action: { kind: 'half an answer' } })
    expect(await read('other')).toBe('x')
    await expect(read('one')).rejects.toThrow()
    expect(faults.log.filter(({ operation }) => operation === 'GetObject').at(-1)?.by).toBe('one')
    faults.clear()
    faults.add({ operation: 'GetObject', action: { kind: 'half an answer', stalls: true } })
    const stalled = read('one').then(
      () => 'all of it',
      () => 'a part',
    )
    await faults.held('GetObject')
    faults.clear()
    faults.release()
    expect(await stalled).toBe('a part')
  })

  test('is an error the SDK gets over by trying again', async () => {
    faults.add({ operation: 'PutObject', times: 2, action: { kind: 'error', code: 'SlowDown' } })
    const patient = new S3Client({
      endpoint: url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    })
    await patient.send(new PutObjectCommand({ ...at('retried'), Body: 'x' }))
    patient.destroy()
    expect(await there('retried')).toBe(true)
  })

  test('drops the connection before acting, or after', async () => {
    faults.add(
      { operation: 'PutObject', match: 'never', action: { kind: 'drop' } },
      { operation: 'PutObject', match: 'lost', action: { kind: 'lost answer' } },
    )
    expect((await refusal(put('never')))[1]).toBeUndefined()
    expect((await refusal(put('lost')))[1]).toBeUndefined()
    expect([await there('never'), await there('lost')]).toEqual([false, true])
    expect(faults.log.find(({ subject }) => subject.endsWith('lost'))?.status).toBe('dropped')
  })

  test('takes its time', async () => {
    faults.add({ operation: 'PutObject', action: { kind: 'latency', ms: 80 } })
    const before = performance.now()
    await put('late')
    expect(performance.now() - before).toBeGreaterThan(75)
  })

  test('holds a request until it is released, before it acts or before it answers', async () => {
    faults.add(
      { operation: 'PutObject', match: 'before', action: { kind: 'hold' } },
      { operation: 'PutObject', match: 'answer', action: { kind: 'hold answer' } },
    )
    for (const [key, acted] of [
      ['before', false],
      ['answer', true],
    ] as const) {
      const writing = put(key)
      const entry = await faults.held('PutObject')
      expect(entry).toMatchObject({
        subject: at(key).Key && `${target.bucket}/${at(key).Key}`,
        status: 'held',
      })
      expect(await there(key)).toBe(acted)
      faults.release()
      await writing
      expect(await there(key)).toBe(true)
      expect(entry.status).toBe(200)
    }
  })

  test('does nothing for a process that was killed while it was held', async () => {
    faults.add({ operation: 'PutObject', action: { kind: 'hold' } })
    const script = `
      import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
      const s3 = new S3Client({ endpoint: '${url}', region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } })
      await s3.send(new PutObjectCommand(${JSON.stringify({ ...at('killed'), Body: 'x' })}))`
    const writer = Bun.spawn([process.execPath, '-e', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
    })
    const entry = await faults.held('PutObject')
    writer.kill('SIGKILL')
    await writer.exited
    await until(() => entry.status !== 'held')
    faults.release()
    expect(entry.status).toBe('gone')
    expect(await there('killed')).toBe(false)
  })

  test('does nothing for a caller that gave up on a large body while it was held', async () => {
    faults.add({ operation: 'PutObject', action: { kind: 'hold' } })
    const giveUp = new AbortController()
    const writing = target.s3.send(new PutObjectCommand({ ...at('large'), Body: Buffer.alloc(8 << 20) }), {
      abortSignal: giveUp.signal,
    })
    const entry = await faults.held('PutObject')
    giveUp.abort()
    expect((await refusal(writing))[0]).toBe('AbortError')
    await until(() => entry.status !== 'held')
    faults.release()
    expect(entry.status).toBe('gone')
    expect(await there('large')).toBe(false)
  })

  test('answers or hangs up before a large body has arrived', async () => {
    const large = (key: string) =>
      target.s3.send(new PutObjectCommand({ ...at(key), Body: Buffer.alloc(8 << 20) }))
    faults.add({ operation: 'PutObject', times: 1, action: { kind: 'error', code: 'SlowDown' } })
    expect(await refusal(large('large'))).toEqual(['SlowDown', 503])
    faults.add({ operation: 'PutObject', times: 1, action: { kind: 'drop' } })
    expect((await refusal(large('large')))[1]).toBeUndefined()
    await large('large')
    expect(await there('large')).toBe(true)
  })

  test('obeys over HTTP too, and shows its log there', async () => {
    const rules: Rule[] = [{ operation: 'PutObject', match: 'remote', action: { kind: 'hold' } }]
    const told = await fetch(`${url}/__faults`, { method: 'POST', body: JSON.stringify(rules) })
    expect(told.status).toBe(204)
    const writing = put('remote')
    const log = async (): Promise<{ subject: string; status: unknown }[]> =>
      (await fetch(`${url}/__log`)).json() as Promise<{ subject: string; status: unknown }[]>
    await until(async () => (await log()).at(-1)?.status === 'held')
    await fetch(`${url}/__release`, { method: 'POST' })
    await writing
    expect((await log()).at(-1)).toMatchObject({
      operation: 'PutObject',
      subject: `${target.bucket}/${at('remote').Key}`,
      status: 200,
    })
    await fetch(`${url}/__faults`, { method: 'DELETE' })
    await put('remote')
  })

  test('refuses a rule it does not understand', async () => {
    const body = JSON.stringify({ operation: 'PutObject', action: { kind: 'explode' } })
    const answer = await fetch(`${url}/__faults`, { method: 'POST', body })
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('lost answer')])
    expect((await fetch(`${url}/__nothing`)).status).toBe(404)
  })

  describe('crawls badly:', () => {
    const crawl = async (name: string, stopAt?: string) => {
      await target.putParquet(`${at(`${name}/`).Key}a.parquet`, 'select 1 as id')
      await target.glue.send(
        new CreateCrawlerCommand({
          Name: name,
          Role: target.role,
          DatabaseName: target.database,
          Targets: { S3Targets: [{ Path: `s3://${target.bucket}/${at(`${name}/`).Key}` }] },
        }),
      )
      await target.glue.send(new StartCrawlerCommand({ Name: name }))
      for (;;) {
        const { Crawler } = await target.glue.send(new GetCrawlerCommand({ Name: name }))
        if (Crawler?.State === 'READY' || Crawler?.State === stopAt) return Crawler
        await Bun.sleep(5)
      }
    }

    test('a crawl that fails says why', async () => {
      faults.add({
        operation: 'StartCrawler',
        match: 'fails',
        action: { kind: 'crawl fails', message: 'Told so.' },
      })
      expect((await crawl('fails'))?.LastCrawl).toMatchObject({ Status: 'FAILED', ErrorMessage: 'Told so.' })
    })

    test('a crawl that never ends runs until it is stopped', async () => {
      faults.add({ operation: 'StartCrawler', match: 'hangs', action: { kind: 'crawl hangs' } })
      await crawl('hangs', 'RUNNING')
      // One that does not hang has come and gone meanwhile.
      await crawl('passes')
      const { Crawler } = await target.glue.send(new GetCrawlerCommand({ Name: 'hangs' }))
      expect(Crawler?.State).toBe('RUNNING')
      await target.glue.send(new StopCrawlerCommand({ Name: 'hangs' }))
      const states = new Set<string | undefined>()
      while (!states.has('READY')) {
        states.add((await target.glue.send(new GetCrawlerCommand({ Name: 'hangs' }))).Crawler?.State)
      }
      await target.glue.send(new DeleteCrawlerCommand({ Name: 'hangs' }))
    })

    test('a crawl may infer what is not there', async () => {
      const columns = [{ name: 'id', type: 'double' }]
      faults.add({ operation: 'StartCrawler', action: { kind: 'crawl infers', columns } })
      expect((await crawl('infers'))?.LastCrawl?.Status).toBe('SUCCEEDED')
      const { Table } = await target.glue.send(
        new GetTableCommand({ DatabaseName: target.database, Name: 'infers' }),
      )
      expect(Table?.StorageDescriptor?.Columns).toEqual([{ Name: 'id', Type: 'double' }])
    })
  })

  describe('queries badly:', () => {
    const start = async (QueryString: string) => {
      const { QueryExecutionId = '' } = await target.athena.send(
        new StartQueryExecutionCommand({
          QueryString,
          ResultConfiguration: { OutputLocation: `s3://${target.bucket}/${target.prefix}` },
        }),
      )
      return QueryExecutionId
    }
    const status = async (QueryExecutionId: string) =>
      (await target.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }))).QueryExecution?.Status
    const end = async (id: string) => {
      for (;;) {
        const current = await status(id)
        if (current?.State !== 'QUEUED' && current?.State !== 'RUNNING') return current
        await Bun.sleep(5)
      }
    }

    test('a query that fails says why', async () => {
      faults.add({
        operation: 'StartQueryExecution',
        match: 'count',
        action: { kind: 'query fails', message: 'Told so.' },
      })
      expect(await end(await start('select count(*)'))).toMatchObject({
        State: 'FAILED',
        StateChangeReason: 'Told so.',
      })
      expect((await end(await start('select 1')))?.State).toBe('SUCCEEDED')
    })

    test('a query that hangs runs until it is stopped', async () => {
      faults.add({ operation: 'StartQueryExecution', action: { kind: 'query hangs' } })
      const id = await start('select 1')
      faults.clear()
      // One that does not hang has come and gone meanwhile.
      await end(await start('select 1'))
      expect((await status(id))?.State).toBe('RUNNING')
      await target.athena.send(new StopQueryExecutionCommand({ QueryExecutionId: id }))
      expect((await end(id))?.State).toBe('CANCELLED')
    })

    test('a count may be wrong', async () => {
      faults.add({
        operation: 'StartQueryExecution',
        match: 'count',
        action: { kind: 'wrong count', by: -1 },
      })
      const id = await start('select count(*) as n from (values (1), (2)) t (x)')
      await end(id)
      const { ResultSet } = await target.athena.send(new GetQueryResultsCommand({ QueryExecutionId: id }))
      expect(ResultSet?.Rows?.map(({ Data }) => Data?.[0]?.VarCharValue)).toEqual(['n', '1'])
    })
  })

  test('reads back what it wrote while it misbehaved', async () => {
    await put('after')
    const { Body } = await target.s3.send(new GetObjectCommand(at('after')))
    expect(await Body?.transformToString()).toBe('x')
  })
})
