/** `bun run query`: what is asked, how the answer is shown, and what is refused. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { join } from 'node:path'
import { csvOf } from '../../lib/commands/query/csv.ts'
import { screenOf } from '../../lib/commands/query/screen.ts'
import { readingStatement } from '../../lib/commands/query/statement.ts'
import { openStandIn, type TestStandIn } from '../support/stand-in.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(300_000)

const command = 'lib/commands/query.ts'

let lake: TestStandIn
beforeAll(async () => {
  lake = await openStandIn({ scale: 0.001, tables: ['taxes'] })
  expect((await lake.run('taxes', ['--catalog', 'declared'])).exit).toBe(0)
})
afterEach(() => lake.faults.clear())
afterAll(() => lake?.close())

/** What a person has before them: without --json. */
async function ask(args: readonly string[], input?: string) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, '../..', command), ...args], {
    env: lake.env,
    stdin: input === undefined ? 'ignore' : new Blob([input]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [exit, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()])
  return { exit, stdout, stderr }
}

describe('bun run query', () => {
  test('prints what the lake answers, and what it scanned apart from that', async () => {
    const sql =
      "select count(*) as rows, min(id) as least, cast(null as varchar) as missing, 'a b' as words from taxes;"
    const { exit, stdout, stderr } = await ask([sql])
    const [{ count } = { count: 0 }] = await lake.sql`select count(*)::int as count from taxes`
    expect(exit).toBe(0)
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^ +rows {3}least {3}missing {3}words$/),
      expect.stringMatching(/^ {2}─+ {3}─{5} {3}─{7} {3}─{5}$/),
      expect.stringMatching(new RegExp(`^ +${count} {3} +\\d+ {3}NULL {6}a b$`)),
      '',
    ])
    const line = JSON.parse(stderr.trim())
    expect(line).toMatchObject({ level: 'info', rows: 1, exit: 0 })
    expect(line.message).toMatch(/^query: 1 row · [\d.]+ k?B scanned, about \$0\.00005 · [\d.]+ s$/)
  })

  test('at a terminal tells what it scanned below the rows, which stay on its lines', async () => {
    const chunks: Uint8Array[] = []
    const sql = "select 1 as id, 'many words that do not fit here' as text, cast(null as varchar) as nothing"
    const child = Bun.spawn([process.execPath, join(import.meta.dir, '../..', command), sql], {
      env: { ...lake.env, TERM: 'xterm' },
      terminal: { cols: 40, rows: 10, data: (_, chunk) => void chunks.push(chunk.slice()) },
    })
    expect(await child.exited).toBe(0)
    const raw = () => Buffer.concat(chunks).toString()
    await until(() => raw().includes('scanned'))
    const [, ...lines] = raw().replaceAll('\r\n', '\n').split('\n')
    expect(lines.slice(0, 3)).toEqual([
      '  id   text                      nothing',
      '  ──   ───────────────────────   ───────',
      '   1   many words that do not…   \u001b[2mNULL\u001b[22m',
    ])
    expect(lines[3]).toContain('query: 1 row · 0 B scanned')
  })

  test('reads the query from its input, and prints CSV whole', async () => {
    const sql =
      "-- two\nselect * from (values (1, 'a,\"b\"', null), (2, '', 'ä\nö')) t(id, text, more) order by 1\n"
    const { exit, stdout } = await ask(['-', '--csv'], sql)
    expect([exit, stdout]).toEqual([0, 'id,text,more\n1,"a,""b""",\n2,"","ä\nö"\n'])
  })

  test('gives machines every digit, and what it cost', async () => {
    const sql = 'select cast(12345678901234567890.123456 as decimal(38, 6)) as amount, null as nothing'
    const { exit, stdout } = await lake.run(command, [sql])
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      ...{ version: 1, command: 'query', ok: true, more: false, bytes_scanned: 0, estimated_usd: 0.00005 },
      query: expect.stringMatching(/^[\da-f-]{36}$/),
      seconds: expect.any(Number),
      columns: [
        { name: 'amount', type: 'decimal(38,6)' },
        { name: 'nothing', type: expect.any(String) },
      ],
      rows: [['12345678901234567890.123456', null]],
    })
  })

  test('shows people a thousand rows, and says that there are more', async () => {
    const sql = 'select * from range(1001)'
    const shown = await ask([sql])
    expect([shown.exit, shown.stdout.trimEnd().split('\n').length]).toEqual([0, 1_002])
    expect(shown.stderr).toContain('query: the first 1,000 rows, there are more (--max-rows) · ')
    const { stdout } = await lake.run(command, [sql])
    expect(JSON.parse(stdout)).toMatchObject({ more: false, rows: { length: 1_001 } })
    const two = await lake.run(command, [sql, '--max-rows', '2'])
    expect(JSON.parse(two.stdout)).toMatchObject({ more: true, rows: [['0'], ['1']] })
  })

  test.each([
    [
      ['select id from taxis'],
      2,
      /^query: no answer\. Cause: Cannot query Athena "select id from taxis": .*taxis.*\. Do: Correct the query\. Retry: no\.$/,
    ],
    [['select colour from taxes'], 2, /COLUMN_NOT_FOUND: .*Do: Correct the query\./],
    [['select from where'], 2, /line \d+:\d+: .*Do: Correct the query\./],
    [['select id\nfrom taxes where'], 2, /"select id from taxes where"/],
    [
      ['drop table taxes'],
      2,
      /"drop table taxes": DROP is not one of SELECT, WITH, .*\. Do: This only reads\./,
    ],
    [['select 1; select 2'], 2, /it is more than one statement/],
    [[' '], 2, /it is empty\. Do: Give it as one argument: bun run query 'select/],
    [['select', '1'], 2, /wrong flags: too many arguments/],
    [[], 2, /wrong flags: missing required argument 'sql'/],
    [['select 1', '--max-rows', '0'], 2, /--max-rows <n>' argument '0' is invalid/],
    [['select 1', '--max-rows', 'all'], 2, /greater than 0/],
  ] as const)('%j is refused in one line', async (args, code, message) => {
    const { exit, stdout, stderr, message: said } = await lake.run(command, args)
    expect([exit, said]).toEqual([code, expect.stringMatching(message)])
    expect(stderr.trimEnd()).not.toContain('\n')
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { exit: code } })
  })

  test('says so when Athena fails by itself, and that another try may help', async () => {
    const message = 'GENERIC_INTERNAL_ERROR: no workers'
    lake.faults.add({ operation: 'StartQueryExecution', action: { kind: 'query fails', message } })
    const { exit, message: said } = await lake.run(command, ['select 1'])
    expect([exit, said]).toEqual([1, expect.stringMatching(/no workers .*Retry: yes\.$/)])
  })

  test('that may not read is told who refuses it', async () => {
    const message = 'Insufficient permissions to execute the query. Access denied'
    lake.faults.add({ operation: 'StartQueryExecution', action: { kind: 'query fails', message } })
    expect((await lake.run(command, ['select 1'])).exit).toBe(2)
  })

  test('interrupted, it stops the query in Athena and ends', async () => {
    lake.faults.add({ operation: 'StartQueryExecution', action: { kind: 'query hangs' } })
    const stops = () => lake.faults.log.filter(({ operation }) => operation === 'StopQueryExecution').length
    const looks = () => lake.faults.log.filter(({ operation }) => operation === 'GetQueryExecution').length
    const [stopped, looked] = [stops(), looks()]
    const running = lake.begin(command, ['select 1'])
    await until(() => looks() !== looked)
    running.kill('SIGINT')
    const { exit, message } = await running.finished
    expect([exit, message]).toEqual([1, expect.stringContaining('interrupted by SIGINT')])
    expect(stops()).toBe(stopped + 1)
  })
})

describe('a statement that is asked', () => {
  test.each([
    ['  (select 1) ;; ', true],
    ["with a as (select ';' as b) select * from a", true],
    ['-- drop table a;\n/* drop; */ values 1', true],
    ['table "drop"', true],
    ['SHOW tables', false],
    ['describe taxes', false],
    ['explain select 1', false],
    ['explain (type distributed, format json) select 1', false],
    ['Explain Analyze verbose select 1', true],
  ])('%j only reads', (text, billed) => {
    expect(readingStatement(text).billed).toBe(billed)
  })

  test.each([
    'insert into taxes select 1',
    'create table a as select 1',
    "unload (select 1) to 's3://lake/'",
    'explain analyze insert into taxes select 1',
    'explain (type io) drop table taxes',
    '/* select */ drop table taxes',
    "-- '\ndrop table taxes",
    "using external function f(a int) returns int lambda 'f' select f(1)",
    "select ';' ; drop table taxes",
    'execute a',
    '(',
    ';',
  ])('%j is not sent', (text) => {
    expect(() => readingStatement(text)).toThrow('Cannot ask "')
  })

  test('keeps its own text, but for the semicolon at its end', () => {
    expect(readingStatement("\n select ';' -- why\n; -- so").sql).toBe("select ';' -- why")
  })
})

describe('on a screen', () => {
  const shown = {
    columns: ['id', 'name', 'note'],
    types: ['bigint', 'varchar', 'varchar'],
    rows: [
      ['9007199254740993', '東京タワー', 'a long note of many words that does not fit'],
      [null, 'line\nbreak\u001b[2J\u202e', ''],
    ],
  } as const

  test('texts are cut to its width, and numbers never are', () => {
    const lines = screenOf(shown, { width: 60, colours: false }).split('\n')
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(60)
    expect(lines[2]).toBe('  9007199254740993   東京タワー           a long note of ma…')
    expect(screenOf(shown, { width: undefined, colours: false })).toContain('words that does not fit')
  })

  test('where columns have no room each value has a line of its own', () => {
    const lines = screenOf(shown, { width: 38, colours: false }).split('\n')
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(38)
    expect(lines.slice(0, 4)).toEqual([
      'row 1',
      '  id     9007199254740993',
      '  name   東京タワー',
      '  note   a long note of many words th…',
    ])
  })

  test('nothing of a value reaches the terminal as a command', () => {
    const text = screenOf(shown, { width: undefined, colours: false })
    expect(text).toContain('line\\nbreak\\u001b[2J\\u202e')
    for (const command of ['\u001b', '\u202e']) expect(text).not.toContain(command)
  })

  test('null is dim where there are colours, so that nobody takes it for a text', () => {
    expect(screenOf(shown, { width: 80, colours: true })).toContain('\u001b[2mNULL\u001b[22m')
  })

  test('no rows and no columns are shown too', () => {
    const none = { columns: ['id'], types: ['bigint'], rows: [] }
    expect(screenOf(none, { width: 80, colours: false })).toBe('  id\n  ──')
    expect(screenOf({ columns: [], types: [], rows: [] }, { width: 3, colours: false })).toBe('\n')
    const wide = { columns: ['a'.repeat(90), 'b'], types: ['varchar', 'varchar'], rows: [] }
    expect(screenOf(wide, { width: 12, colours: false })).toBe(`  ${'a'.repeat(9)}…\n  b`)
  })

  test('as CSV a row of one null is an empty line, and one of an empty text is not', () => {
    expect(csvOf(['a'], [[null], ['']])).toBe('a\n\n""')
  })
})
