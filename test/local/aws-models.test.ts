/** What is known of AWS' models, held against what the AWS SDK ships of them; and what becomes of a violation. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as athenaSdk from '@aws-sdk/client-athena'
import * as glueSdk from '@aws-sdk/client-glue'
import * as s3Sdk from '@aws-sdk/client-s3'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import * as snsSdk from '@aws-sdk/client-sns'
import athena from '../../lib/local/aws/model/athena.json' with { type: 'json' }
import type { Constraints } from '../../lib/local/aws/model/constraints.ts'
import glue from '../../lib/local/aws/model/glue.json' with { type: 'json' }
import { javaPattern } from '../../lib/local/aws/model/java-pattern.ts'
import s3 from '../../lib/local/aws/model/s3.json' with { type: 'json' }
import { structuresOf } from '../../lib/local/aws/model/schema.ts'
import sns from '../../lib/local/aws/model/sns.json' with { type: 'json' }
import { Violations } from '../../lib/local/aws/model/violations.ts'
import { document, empty } from '../../lib/local/aws/s3/answer.ts'
import type { S3Call } from '../../lib/local/aws/s3/operation.ts'
import { answeringAsModel } from '../../lib/local/aws/s3/validated.ts'
import { type LocalAws, startLocalAws } from '../../lib/local/aws/server.ts'
import { openLake } from '../support/aws.ts'
import { send, sendJson } from './raw-request.ts'

const services: Readonly<
  Record<'glue' | 'athena' | 's3' | 'sns', readonly [Readonly<Record<string, unknown>>, Constraints]>
> = {
  glue: [glueSdk, glue as unknown as Constraints],
  athena: [athenaSdk, athena as unknown as Constraints],
  s3: [s3Sdk, s3 as unknown as Constraints],
  sns: [snsSdk, sns as unknown as Constraints],
}
const names = ['glue', 'athena', 's3', 'sns'] as const

let aws: LocalAws
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dracula-aws-models-'))
  aws = await startLocalAws({ folder })
  await send(aws, 'PUT', '/lake')
})
afterAll(async () => {
  await aws.stop()
  await rm(folder, { recursive: true, force: true })
})

describe.each(names)('what is known of %s', (service) => {
  const [sdk, { operations, structures, shapes }] = services[service]

  test('is of exactly the operations that the stand-in has', () => {
    expect(Object.keys(operations)).toEqual(aws.operations[service].toSorted())
  })

  test('is of structures and members that the SDK has too', () => {
    const shipped = structuresOf(sdk, Object.keys(operations))
    const strange = Object.entries(structures).flatMap(([structure, members]) =>
      Object.keys(members).flatMap((member) =>
        shipped.get(structure)?.members.has(member) === true ? [] : [`${structure}.${member}`],
      ),
    )
    expect(strange).toEqual([])
  })

  test('limits texts, numbers, lists and maps where the SDK has one of these', () => {
    const shipped = structuresOf(sdk, Object.keys(operations))
    const wrong = Object.entries(structures).flatMap(([structure, members]) =>
      Object.entries(members).flatMap(([member, name]) => {
        const kind = shipped.get(structure)?.members.get(member)?.schema().kind
        const { each, keys, values, pattern, oneOf } = shapes[name] ?? {}
        const expected = each
          ? ['list']
          : (keys ?? values)
            ? ['map']
            : (pattern ?? oneOf)
              ? ['string']
              : undefined
        const fits =
          expected?.includes(String(kind)) ?? ['string', 'number', 'list', 'map'].includes(String(kind))
        return fits ? [] : [`${structure}.${member} is ${kind}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  test('has the enums that the SDK has', () => {
    const shared = Object.entries(shapes).filter(
      ([name, { oneOf }]) => oneOf !== undefined && typeof sdk[name] === 'object',
    )
    const values = shared.map(([name]) => [
      name,
      Object.values(sdk[name] as Record<string, string>).toSorted(),
    ])
    expect(shared.map(([name, { oneOf }]) => [name, oneOf?.toSorted()])).toEqual(values)
  })

  test('has patterns that JavaScript takes', () => {
    for (const { pattern } of Object.values(shapes)) if (pattern !== undefined) javaPattern(pattern)
  })
})

test('no service has so few enums in common with its SDK that nothing is held against it', () => {
  const counts = names.map((name) => {
    const [sdk, { shapes }] = services[name]
    return Object.entries(shapes).filter(([shape, { oneOf }]) => oneOf !== undefined && shape in sdk).length
  })
  expect(counts).toEqual([expect.any(Number), expect.any(Number), expect.any(Number), 0])
  expect(Math.min(...counts.slice(0, 3))).toBeGreaterThan(5)
})

describe('a pattern of Java', () => {
  const line = javaPattern('[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\t]*')

  test('has to fit the whole value', () => {
    expect(javaPattern('[a-z]+').test('a1')).toBe(false)
    expect(javaPattern('^$|a.*').test('')).toBe(true)
    expect(javaPattern('a|b').test('xb')).toBe(false)
  })

  test('has pairs of surrogates as one character, and no half of one', () => {
    expect(line.test('a\t😀 \u{10ffff}')).toBe(true)
    expect(line.test('\ud83d')).toBe(false)
    expect(['\n', '\r', '\u0000', '\u001f', '\uffff'].map((text) => line.test(text))).toEqual(
      Array(5).fill(false),
    )
    // Glue too takes these, which no C0 control is.
    expect(line.test('\u007f\u0085\u2028')).toBe(true)
  })

  test('has white space of ASCII alone', () => {
    expect(javaPattern('\\S+').test('a\u00a0b')).toBe(true)
    expect(javaPattern('\\S+').test('a b')).toBe(false)
    expect(javaPattern('\\s+').test('\u2003')).toBe(false)
    expect(javaPattern('[\\s\\S]*').test('\u00a0 \n')).toBe(true)
  })

  test('may hold back what JavaScript does not', () => {
    expect(javaPattern('[\\:\\_\\-]\\_\\-').test(':_-')).toBe(true)
    expect(javaPattern('\\p{L}\\.\\/').test('ü./')).toBe(true)
  })
})

describe('a request to S3 that its model forbids', () => {
  const put = (headers: Record<string, string>) => send(aws, 'PUT', '/lake/a', headers, 'x')
  const told = () => aws.violations.all.splice(0).map(({ side, path }) => `${side} ${path}`)

  test('is refused for a value that is none of an enum', async () => {
    const answer = await put({ 'x-amz-request-payer': 'me' })
    expect([answer.status, answer.text]).toEqual([
      400,
      expect.stringContaining('<Code>InvalidArgument</Code>'),
    ])
    expect(answer.text).toContain('Member must satisfy enum value set: [requester]')
    expect(told()).toEqual(['request requestPayer'])
  })

  test('is refused for a number that is none, and a member that is missing in a document', async () => {
    expect((await send(aws, 'GET', '/lake?list-type=2&max-keys=many')).status).toBe(400)
    expect(told()).toEqual(['request maxKeys'])
    const body = '<Delete><Object><VersionId>1</VersionId></Object></Delete>'
    const md5 = new Bun.CryptoHasher('md5').update(body).digest('base64')
    expect((await send(aws, 'POST', '/lake?delete=', { 'content-md5': md5 }, body)).status).toBe(400)
    expect(told()).toEqual(['request delete.objects.1.member.key'])
  })

  test('is taken, as S3 does, but noted where it says what the operation has no place for', async () => {
    expect((await put({ 'x-amz-copy-source-range': 'bytes=0-1' })).status).toBe(200)
    expect(told()).toEqual(['request x-amz-copy-source-range'])
  })

  test('is none where it says all an upload may', async () => {
    const headers = { 'x-amz-meta-a': 'b', 'x-amz-storage-class': 'STANDARD', 'x-amz-acl': 'private' }
    expect((await put({ ...headers, 'x-amz-checksum-crc32': 'jNW4cw==' })).text).not.toContain(
      'InvalidArgument',
    )
    expect(told()).toEqual([])
  })
})

describe('an answer of S3 that its model does not have', () => {
  const asked = (operation: string, answer: ReturnType<typeof empty>) => {
    const violations = new Violations()
    const call = { operation } as unknown as S3Call
    const answered = Promise.resolve(answeringAsModel(() => answer, violations)(call))
    return answered.then(
      () => [],
      () => violations.all.map(({ path, constraint }) => `${path}: ${constraint}`),
    )
  }
  const listing = { Name: 'lake', IsTruncated: false, KeyCount: 1 }
  const object = { Key: 'a', Size: 1, LastModified: '2026-11-26T00:00:00.000Z', StorageClass: 'STANDARD' }

  test('is found in a document', async () => {
    const answer = (more: object, root = 'ListBucketResult') =>
      asked('ListObjectsV2', document(root, { ...listing, Contents: [{ ...object, ...more }] }))
    expect(await answer({})).toEqual([])
    expect(await answer({ Size: 'much' })).toEqual(['contents.1.member.size: Expected number.'])
    expect(await answer({ LastModified: 'now' })).toEqual([
      'contents.1.member.lastModified: Expected number.',
    ])
    expect(await answer({ StorageClass: 'COLD' })).toEqual([
      expect.stringContaining('contents.1.member.storageClass: Member must satisfy enum'),
    ])
    expect(await answer({ Colour: 'red' })).toEqual(['contents.1.member.colour: Object has no such member'])
    expect(await answer({}, 'ListResult')).toEqual(['listResult: ListObjectsV2Output has no such member'])
  })

  test('is found in headers', async () => {
    const answer = (headers: Record<string, string>) => asked('HeadObject', empty(200, headers))
    expect(await answer({ 'content-length': '7', 'x-amz-meta-any': 'x', etag: '"a"' })).toEqual([])
    expect(await answer({ 'content-length': 'seven' })).toEqual(['contentLength: Expected number.'])
    expect(await answer({ 'x-amz-any': 'x' })).toEqual(['x-amz-any: HeadObjectOutput has no such member'])
  })
})

test('a test ends badly that has left a violation', async () => {
  const lake = await openLake()
  await sendJson({ url: lake.env.AWS_ENDPOINT_URL }, 'AWSGlue.GetTable', { DatabaseName: '', Nmae: 'x' })
  await lake.aws.s3.send(new PutObjectCommand({ Bucket: 'lake', Key: 'a', Body: 'x' }))
  await expect(lake.close()).rejects.toThrow(
    'AWS\' models forbid the request of GetTable at "name": Member must not be null; the request of GetTable at "databaseName": Member must have length greater than or equal to 1; the request of GetTable at "nmae": GetTableRequest has no such member',
  )
})
