import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { ListBucketsCommand } from '@aws-sdk/client-s3'
import { openLake } from '../support/aws.ts'
import { readSettings } from './settings.ts'

const { PATH = '', HOME = '/tmp', TMPDIR = '/tmp', DRACULA_TEST_TEMPLATE = '' } = process.env
const shell = { PATH, HOME, TMPDIR, DRACULA_TEST_TEMPLATE }

async function conformance(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'conformance.ts'), ...args], {
    env: { ...shell, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr }
}

test('conformance loads into an S3 that is not the stand-in’s, twice, and leaves nothing there', async () => {
  const other = await openLake()
  try {
    const env = { AWS_ENDPOINT_URL_S3: other.env.AWS_ENDPOINT_URL }
    const { exit, stdout, stderr } = await conformance(['--json', '--steps', 'again'], env)
    expect({ exit, stderr: exit === 0 ? '' : stderr }).toEqual({ exit: 0, stderr: '' })
    const { outcomes, left, servedBy } = JSON.parse(stdout)
    expect(left).toEqual([])
    expect(servedBy).toMatchObject({ glue: 'the stand-in', athena: 'the stand-in' })
    const endings = Object.fromEntries(
      outcomes.map(({ step, ending }: { step: string; ending: string }) => [step.split(':')[0], ending]),
    )
    expect(endings).toMatchObject({ declared: 'passed', again: 'passed' })
    expect(Object.values(endings).filter((ending) => ending !== 'passed')).toEqual([])
    // The bucket that it made there is gone, and those that were there are not.
    const { Buckets } = await other.aws.s3.send(new ListBucketsCommand())
    expect(Buckets?.map(({ Name }) => Name)).toEqual(['lake', 'lake-results'])
    expect(other.calls('PutObject')).toBeGreaterThan(5)
    expect(other.calls('CreateTable')).toBe(0)
  } finally {
    await other.close()
  }
}, 300_000)

test('conformance refuses a step that there is none of in one line, before it starts anything', async () => {
  const { exit, stdout, stderr } = await conformance(['--steps', 'everything'])
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
  expect(stderr).toMatch(
    /^Cannot run the step "everything": there is none of that name\. Choose of doctor, [^\n]+\n$/,
  )
}, 300_000)

test.each([
  [true, {}, 'Cannot run conformance with "DRACULA_S3_URI": it is not set. Name a bucket for tests'],
  [false, { DRACULA_S3_URI: 'lake' }, 'Cannot run conformance with "DRACULA_S3_URI": it is "lake". Name'],
  [
    false,
    { AWS_ENDPOINT_URL_S3: 'moto' },
    'Cannot run conformance with "AWS_ENDPOINT_URL_S3": "moto" is no URL. ',
  ],
] as const)('conformance refuses settings that are wrong: AWS %p, %p', (aws, env, said) => {
  expect(() => readSettings(env, aws)).toThrow(said)
})

test('conformance leads to no real account where none is meant, whatever the environment has', () => {
  const keys = { AWS_PROFILE: 'production', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' }
  const { endpoints, variables } = readSettings(keys, false)
  expect(Object.values(endpoints)).toEqual([undefined, undefined, undefined])
  expect(variables).toMatchObject({ AWS_ACCESS_KEY_ID: 'local', AWS_CONFIG_FILE: '/dev/null' })
  expect(variables['AWS_PROFILE']).toBeUndefined()
})
