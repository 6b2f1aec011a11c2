import { describe, expect, test } from 'bun:test'
import { defaultLoadOptions } from '../support/load-options.ts'
import { logLines, runProcessToEnd, runToEnd } from './start.ts'

/** What the flags became; the fixture puts it into its warnings. */
async function optionsOf(...args: string[]): Promise<Record<string, unknown>> {
  const { exit, stdout } = await runToEnd([...args, '--json'])
  expect(exit).toBe(0)
  return JSON.parse(JSON.parse(stdout).warnings[0])
}

describe('without flags', () => {
  test('a load has the documented defaults', async () => {
    expect(await optionsOf()).toEqual({
      dryRun: false,
      catalog: 'auto',
      retain: 3,
      adopt: false,
      adoptChanges: false,
      newSource: false,
      newHashKey: false,
      allowEmpty: false,
      deadlineMs: 6 * 3_600_000,
      yieldAfterMs: 10_000,
      connectWithinMs: 30_000,
      connections: 'auto',
      full: false,
      evolve: false,
      codec: 'zstd',
      maxLookupBytes: 1024 ** 3,
      fingerprint: false,
      maxFileBytes: 512 * 1024 * 1024,
    })
  })

  test('which are those that other tests begin with', async () => {
    expect(await optionsOf()).toEqual(JSON.parse(JSON.stringify(defaultLoadOptions)))
  })
})

describe('flags', () => {
  test('all reach the load', async () => {
    const flags =
      '--dry-run --catalog declared --retain 7 --adopt --adopt-changes --new-source --new-hash-key --allow-empty --max-shrink 80% --deadline 90s --yield-after 1m --connect-within off --connections 4 --full --evolve --codec gzip --max-lookup-size 64MiB --max-file-size 1GiB'
    expect(await optionsOf(...flags.split(' '))).toEqual({
      dryRun: true,
      catalog: 'declared',
      retain: 7,
      adopt: true,
      adoptChanges: true,
      newSource: true,
      newHashKey: true,
      allowEmpty: true,
      maxShrink: 80,
      deadlineMs: 90_000,
      yieldAfterMs: 60_000,
      connectWithinMs: 0,
      connections: 4,
      full: true,
      evolve: true,
      codec: 'gzip',
      maxLookupBytes: 64 * 1024 ** 2,
      fingerprint: false,
      maxFileBytes: 1024 * 1024 * 1024,
    })
  })

  test('--fingerprint reaches a load', async () => {
    expect(await optionsOf('--fingerprint')).toMatchObject({ fingerprint: true, dryRun: false })
  })

  test.each(['off', '0'])('--yield-after %s means never', async (time) => {
    expect(await optionsOf('--yield-after', time)).not.toHaveProperty('yieldAfterMs')
  })

  test('--max-shrink takes a share with its sign or without', async () => {
    expect(await optionsOf('--max-shrink', '99.5')).toMatchObject({ maxShrink: 99.5 })
    expect(await optionsOf('--max-shrink', '0%')).toMatchObject({ maxShrink: 0 })
  })

  test('--partitions reaches a load, and is nothing beside --full or --limit', async () => {
    expect(await optionsOf('--partitions', '2026-03-01..2026-03-07')).toMatchObject({
      partitions: '2026-03-01..2026-03-07',
    })
    await expect(optionsOf('--partitions', 'null', '--full')).rejects.toThrow()
    await expect(optionsOf('--partitions', 'null', '--limit', '5')).rejects.toThrow()
  })

  test('--limit implies --dry-run', async () => {
    expect(await optionsOf('--limit', '5')).toMatchObject({ limit: 5, dryRun: true })
  })

  test.each(
    [
      ['--limit', '0'],
      ['--limit', '-1'],
      ['--limit=-1'],
      ['--limit', '1e3'],
      ['--limit', ''],
      ['--limit'],
      ['--retain', '0'],
      ['--retain', '2.5'],
      ['--deadline', '0s'],
      ['--deadline', '6'],
      ['--deadline', '25d'],
      ['--yield-after', '10'],
      ['--yield-after', 'never'],
      ['--codec', 'lzo'],
      ['--catalog', 'none'],
      ['--max-file-size', '0'],
      ['--max-file-size', '5 parsecs'],
      ['--fingerprint', '--dry-run'],
      ['--fingerprint', '--out', 'files'],
      ['--limit', '1', '--fingerprint'],
      ['--no-such-flag'],
      ['a-table'],
    ].map((flags) => [flags.join(' '), flags] as const),
  )('%s is refused in one line with exit code 2', async (_, flags) => {
    const { exit, stdout, stderr } = await runToEnd(flags)
    expect(exit).toBe(2)
    expect(stdout).toBe('')
    const lines = logLines({ stderr })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.['message']).toMatch(/^orders: not published\. Cause: wrong flags: .+ Retry: no\.$/)
  })

  test('wrong ones fail as JSON where JSON was asked for', async () => {
    const { exit, stdout } = await runToEnd(['--no-such-flag', '--json'])
    expect(exit).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ table: 'orders', published: false, error: { exit: 2 } })
  })

  test('--help lists every exit code and the environment, on stdout', async () => {
    const { exit, stdout, stderr } = await runProcessToEnd(['--help'])
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
    for (const code of [
      '0  done',
      '1  failed',
      '2  wrong',
      '3  the declaration',
      '4  a check',
      '5  unknown',
    ]) {
      expect(stdout).toContain(code)
    }
    expect(stdout).toContain('DATABASE_URL')
    expect(stdout).toContain('DRACULA_S3_URI')
  })

  test('--version prints that of the package', async () => {
    const { version } = await Bun.file('package.json').json()
    expect(await runProcessToEnd(['--version'])).toEqual({ exit: 0, stdout: `${version}\n`, stderr: '' })
  })
})

describe('the environment', () => {
  test('is refused in one line with exit code 2 when settings are missing', async () => {
    const missing = { DATABASE_URL: undefined, DRACULA_S3_URI: undefined }
    const started = await runToEnd([], undefined, missing)
    expect(started.exit).toBe(2)
    const lines = logLines(started)
    expect(lines).toHaveLength(1)
    expect(lines[0]?.['message']).toMatch(
      /^orders: not published\. .*DATABASE_URL.*DRACULA_S3_URI.* Retry: no\.$/,
    )
  })

  test('of a dry run need not name a lake', async () => {
    const { exit } = await runToEnd(['--dry-run'], undefined, {
      DRACULA_S3_URI: undefined,
      DRACULA_GLUE_DATABASE: undefined,
    })
    expect(exit).toBe(0)
  })
})
