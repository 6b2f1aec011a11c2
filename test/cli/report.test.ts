import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { FailureDetail } from '../../lib/failure/failure.ts'
import packageFile from '../../package.json' with { type: 'json' }
import { temporaryFolder } from '../support/temporary.ts'
import type { Behaviour } from './fixture.ts'
import { lastMessage, logLines, runProcessToEnd, runToEnd, secret, start } from './start.ts'

const before = { load: '20261122t041200000z_aaaaaa', snapshotAt: '2026-11-22T04:12:00.000000Z' }
const detail: FailureDetail = {
  exit: 1,
  act: 'upload',
  thing: 'orders-00000.parquet',
  reason: 'S3 is busy',
  advice: 'Run it again.',
}

describe('a load that succeeds', () => {
  test('prints its summary for people on stdout', async () => {
    const { exit, stdout } = await runProcessToEnd([])
    expect(exit).toBe(0)
    expect(stdout).toStartWith('orders: published 1,234,567 rows\n')
    expect(stdout).toContain('Postgres 1,234,567 = files 1,234,567 = lake 1,234,567')
    expect(stdout).toContain('s3://lake/tables/orders/')
  })

  test('says there which columns have let values pass that have no place in the lake', async () => {
    const summary = { softened: { paid_at: 1_234, amount: 2 } }
    const { stdout } = await runToEnd([], { end: { kind: 'succeed', summary } })
    expect(stdout).toMatch(/touched +1,234 of paid_at, 2 of amount, which have no place in the lake\n/)
  })

  test('prints exactly one JSON object with --json', async () => {
    const { stdout } = await runToEnd(['--json'])
    expect(stdout.trimEnd()).not.toContain('\n')
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      table: 'orders',
      published: true,
      rows: 1_234_567,
    })
  })

  test('says of a dry run that nothing is anywhere', async () => {
    const { stdout } = await runToEnd(['--dry-run', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ dry_run: true, published: false, location: '' })
    expect((await runToEnd(['--dry-run'])).stdout).toStartWith('orders: dry run, nothing written\n')
  })

  test('leaves the same object in --summary-file', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'summary.json')
    const { stdout } = await runToEnd(['--json', '--summary-file', path])
    expect(await Bun.file(path).text()).toBe(stdout)
  })

  test('ends well though nobody reads its output to the end', async () => {
    const child = start(['--json'])
    await child.stdout.cancel()
    expect(await child.exited).toBe(0)
  })

  test('waits for a slow reader of a long summary', async () => {
    const warnings = ['x'.repeat(100_000)]
    const child = start(['--json'], { end: { kind: 'succeed', summary: { warnings } } })
    await Bun.sleep(300)
    expect(JSON.parse(await child.stdout.text()).warnings).toEqual(warnings)
  })
})

describe('a load that fails', () => {
  test('says on its last line what readers still see, why, what to do and whether to retry', async () => {
    const started = await runProcessToEnd([], { end: { kind: 'fail', detail, published: before } })
    expect(started.exit).toBe(1)
    expect(started.stdout).toBe('')
    expect(lastMessage(started)).toMatch(
      /^orders: not published; readers still see load 20261122t041200000z_aaaaaa \(.+ old\)\. Cause: Cannot upload "orders-00000\.parquet": S3 is busy\. Do: Run it again\. Retry: yes\.$/,
    )
  })

  test.each([
    [1, 'yes'],
    [3, 'no'],
    [5, 'settles it'],
  ] as const)('says the same in fields of that line, for machines: exit code %i', async (exit, retry) => {
    const end = { kind: 'fail', detail: { ...detail, exit }, published: before } as const
    const started = await runToEnd([], { end }, { DRACULA_ENVIRONMENT: 'staging' })
    expect(logLines(started).at(-1)).toMatchObject({
      ...{ level: 'error', table: 'orders', environment: 'staging', exit, retry },
      cause: 'Cannot upload "orders-00000.parquet": S3 is busy',
      remedy: 'Run it again.',
      version: packageFile.version,
    })
  })

  test('says that nothing is published yet', async () => {
    const started = await runToEnd([], { end: { kind: 'fail', detail, published: null } })
    expect(lastMessage(started)).toStartWith('orders: not published; nothing is published yet. Cause: ')
  })

  test('says that it could not see what is published', async () => {
    const started = await runToEnd([], { end: { kind: 'fail', detail, published: 'unknown' } })
    expect(lastMessage(started)).toStartWith(
      'orders: not published; what readers see could not be read. Cause: ',
    )
  })

  test('of unknown outcome claims nothing', async () => {
    const unknown: FailureDetail = { ...detail, exit: 5, act: 'publish' }
    const end = { kind: 'fail', detail: unknown, published: before } as const
    const started = await runToEnd(['--json'], { end })
    expect(started.exit).toBe(5)
    expect(lastMessage(started)).toMatch(
      /^orders: not known whether it was published; readers may see load 20261122t041233123z_x7k2q9, or still load 20261122t041200000z_aaaaaa \(.+ old\)\. .* Retry: yes\.$/,
    )
    expect(JSON.parse(started.stdout)).toMatchObject({ published: null, error: { exit: 5, retry: true } })
  })

  test.each([1, 2, 3, 4, 5] as const)(
    'ends with its own exit code %d, and only 1 and 5 are worth a retry',
    async (code) => {
      const end = { kind: 'fail', detail: { ...detail, exit: code }, published: before } as const
      const { exit, stdout } = await runToEnd(['--json'], { end })
      expect(exit).toBe(code)
      expect(JSON.parse(stdout).error).toEqual({
        exit: code,
        summary: 'Cannot upload "orders-00000.parquet": S3 is busy',
        advice: 'Run it again.',
        retry: code === 1 || code === 5,
      })
    },
  )

  test('has every key of the summary in its JSON', async () => {
    const good = await runToEnd(['--json'])
    const bad = await runToEnd(['--json'], { end: { kind: 'fail', detail, published: before } })
    const contract =
      'table load snapshot_at published rows bytes location seconds xmin_held_s warnings'.split(' ')
    expect(Object.keys(JSON.parse(good.stdout))).toEqual(expect.arrayContaining(contract))
    expect(Object.keys(JSON.parse(bad.stdout))).toEqual(
      expect.arrayContaining([...contract, 'version', 'error']),
    )
  })

  test('keeps advice of several lines on the one last line', async () => {
    const advice = 'Paste:\n  a: text,\n  b: text,'
    const started = await runToEnd([], { end: { kind: 'fail', detail: { ...detail, exit: 3, advice } } })
    expect(lastMessage(started)).toEndWith('Do: Paste: a: text, b: text, Retry: no.')
  })

  test('replaces what an earlier run left in --summary-file', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'summary.json')
    await Bun.write(path, '{"published":true}')
    await runToEnd(['--summary-file', path], { end: { kind: 'fail', detail } })
    expect(await Bun.file(path).json()).toMatchObject({ published: false, error: { exit: 1 } })
  })

  test('does not begin when --summary-file cannot be written', async () => {
    const started = await runToEnd(['--summary-file', join(import.meta.path, 'summary.json')])
    expect(started.exit).toBe(2)
    expect(started.stdout).toBe('')
    expect(lastMessage(started)).toContain('Cannot write the summary file')
    expect(lastMessage(started)).toContain(': a part of the path is a file, not a folder. Do: ')
    expect(started.stderr.trimEnd()).not.toContain('\n')
    const folder = await runToEnd(['--summary-file', import.meta.dir])
    expect([folder.exit, lastMessage(folder)]).toEqual([2, expect.stringContaining(': it is a folder. Do: ')])
  })
})

describe('an unexpected error', () => {
  test('is one line and exit code 1', async () => {
    const started = await runToEnd([], { end: { kind: 'throw', message: 'x is not a function' } })
    expect(started.exit).toBe(1)
    expect(started.stderr.trimEnd()).not.toContain('\n')
    expect(lastMessage(started)).toMatch(
      /Cause: unexpected error, TypeError: x is not a function. Do: Set DRACULA_DEBUG=1.*dracula-etl [\d.]+ with Bun /,
    )
  })

  test('shows its stack when that is asked for', async () => {
    const behaviour = { end: { kind: 'throw', message: 'x is not a function' } } as const
    const { stderr } = await runToEnd([], behaviour, { DRACULA_DEBUG: '1' })
    expect(stderr).toContain('fixture.ts')
  })

  test('fails the load also when it was thrown where nobody awaits it', async () => {
    const started = await runProcessToEnd([], { end: { kind: 'lose a promise', message: 'socket gone' } })
    expect(started.exit).toBe(1)
    expect(lastMessage(started)).toContain('TypeError: socket gone')
  })

  test('leaves the outcome unknown while publishing', async () => {
    const events = [{ kind: 'phase', phase: 'publish' }] as const
    const started = await runToEnd([], { events: [...events], end: { kind: 'throw', message: 'boom' } })
    expect(started.exit).toBe(5)
    expect(lastMessage(started)).toContain('not known whether it was published')
  })
})

describe('the password', () => {
  test.each([
    ['as it is', secret],
    ['as an URL has it', encodeURIComponent(secret)],
    ['in an URL of another', `postgres://reader:${encodeURIComponent('what-ever')}@h/db`],
  ])('reaches neither stdout nor stderr %s', async (_, told) => {
    const failing = { ...detail, reason: `refused "${told}"`, advice: `Mind ${told}` }
    const behaviour = {
      events: [{ kind: 'warning', message: `saw ${told}` } as const],
      end: { kind: 'fail', detail: failing } as const,
    }
    const warned: Behaviour = { end: { kind: 'succeed', summary: { warnings: [`saw ${told}`] } } }
    expect(JSON.parse((await runToEnd(['--json'], warned)).stdout).warnings).toEqual([
      expect.stringContaining('***'),
    ])
    for (const flags of [[], ['--json']]) {
      const { stdout, stderr } = await runToEnd(flags, behaviour, { DRACULA_DEBUG: '1' })
      expect(stderr).toContain('***')
      for (const text of [stdout, stderr]) {
        expect(text).not.toContain(secret)
        expect(text).not.toContain(encodeURIComponent(secret))
        expect(text).not.toContain('what-ever')
      }
    }
  })
})

describe('a message of a server', () => {
  const told = async (reason: string) => {
    return lastMessage(await runToEnd([], { end: { kind: 'fail', detail: { ...detail, reason } } }))
  }

  test.each([
    ['could not connect to host=db password=hunter2 port=1', 'host=db password=*** port=1'],
    ["dblink('host=db password = ''hunter2''')", 'password = ***'],
    [`password='hunter\\'2 and more' host=db`, 'password=*** host=db'],
    [`select 'password=''hunter''''2'' host=db'`, 'password=*** host=db'],
  ])('has no password of a connection string: %s', async (reason, says) => {
    const message = await told(reason)
    expect(message).toContain(says)
    expect(message).not.toContain('hunter')
  })

  test('shows what a terminal would obey, and is one line', async () => {
    expect(await told('a\x1b[31m\x07b\vc\x85d\te')).toContain('a\\x1b[31m\\x07b c d\te')
  })
})
