/** Files of `scripts/` that are no tables: no command takes them for one, and each says which, where and why. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { examineScripts } from '../../lib/declare/examine.ts'
import { tableNames } from '../../lib/declare/find-tables.ts'
import { openProject, type Project, scriptOf } from '../support/project.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { openWebhook } from '../support/webhook.ts'

const broken: Readonly<Record<string, readonly [text: string, told: string]>> = {
  // Were it run, it would end the process.
  program: ['process.exit(0)\n', 'it has no default export. It is to end with: export default program'],
  helper: [
    'export const rateOf = () => 1\n',
    'it has no default export. It is to end with: export default helper',
  ],
  constants: ['export default { usd: 1 }\n', 'its default export is no table'],
  syntax: [
    'export default {\n  x: 1,\n  y = 2,\n}\n',
    'Unexpected "=" (line 3 of scripts/syntax.ts). Correct scripts/syntax.ts.',
  ],
  copied: [scriptOf('taxes'), 'it declares "taxes". It is to end with: export default copied'],
  altered: [
    scriptOf('altered').replace('export default', 'export default { ...altered, filter: () => false };'),
    'its default export is a copy of a table, which table() has not made',
  ],
  no_default: [
    scriptOf('no_default').replace('export default', 'export const made ='),
    'it has no default export',
  ],
  misspelt: [
    scriptOf('misspelt', { options: '\n  filtr: () => true' }),
    'table() has no option "filtr", the nearest is "filter" (line 6 of scripts/misspelt.ts)',
  ],
  unknown: [
    scriptOf('unknown', { behind: 'nothing.of.it' }),
    'nothing is not defined (line 7 of scripts/unknown.ts)',
  ],
  not_exported: [
    `import { txt } from '../lib/table.ts'\nexport default txt\n`,
    `Export named 'txt' not found`,
  ],
  not_there: [`import it from './it.ts'\nexport default it\n`, `Cannot find module './it.ts'`],
  throws: ['export default 1\nthrow null\n', 'null. Correct scripts/throws.ts.'],
  ends: [
    'export default 1\nprocess.exit(0)\n',
    'it ends the process while it is imported. While it is imported, scripts/ends.ts is to',
  ],
  loses: [
    `Promise.reject(new Error('nobody hears'))\nexport default 1\n`,
    'importing it failed: nobody hears',
  ],
  unguarded: [
    scriptOf('unguarded').replace('if (import.meta.main) ', ''),
    'it would load its table, though it is only asked what it declares. Let it end with: if (import.meta.main)',
  ],
}

const names = Object.keys(broken).toSorted()

test('a file that is no table is found so, whatever it does, and the tables beside it are found', async () => {
  await using project = await openProject({
    ...Object.fromEntries(Object.entries(broken).map(([name, [text]]) => [`${name}.ts`, text])),
    'taxes.ts': scriptOf('taxes'),
    'shared/rates.ts': broken['helper']![0],
    'README.md': 'no script',
  })
  const folder = join(project.path, 'scripts')
  const code = `
    const { brokenScripts, tableNames } = await import('${project.path}/lib/declare/find-tables.ts')
    const names = await tableNames()
    const broken = await brokenScripts(names)
    console.log(JSON.stringify([names, [...broken].map(([name, { exit, message }]) => [name, exit, message])]))`
  await Bun.write(join(project.path, 'lib/commands/list.ts'), code)
  const { stdout } = await project.run('lib/commands/list.ts')
  expect(await tableNames(folder)).toEqual([...names, 'taxes'].toSorted())
  const [listed, found] = JSON.parse(stdout)
  expect(listed).toEqual([...names, 'taxes'].toSorted())
  expect(found.map(([name]: string[]) => name)).toEqual(names)
  for (const [name, exit, message] of found) {
    expect([name, exit]).toEqual([name, 3])
    expect(message).toContain(name === 'unguarded' ? '"unguarded"' : `"scripts/${name}.ts"`)
    expect(message).toContain(broken[name]![1])
    expect(message).not.toContain('\n')
  }
})

test('a script in a folder of its own is refused where it is started, as no command finds it', async () => {
  const text = scriptOf('taxes').replaceAll("'../lib", "'../../lib")
  await using project = await openProject({ 'taxes.ts': scriptOf('taxes'), 'finance/taxes.ts': text })
  const { exit, stderr } = await project.run('scripts/finance/taxes.ts', ['--dry-run'])
  expect([exit, JSON.parse(stderr.trim()).cause, JSON.parse(stderr.trim()).remedy]).toEqual([
    3,
    'Cannot use the script "scripts/finance/taxes.ts": it lies in a folder of its own, where no command finds it',
    'Move it to scripts/taxes.ts: what lies in folders is shared by scripts, and declares no table.',
  ])
})

test('one that never ends is found so after a while, and does not hold up the others', async () => {
  await using folder = await temporaryFolder()
  await Bun.write(join(folder.path, 'loops.ts'), 'export default 1\nwhile (true);\n')
  await Bun.write(join(folder.path, 'waits.ts'), 'await new Promise(() => {})\nexport default 1\n')
  await Bun.write(join(folder.path, 'zero.ts'), 'export default 0\n')
  const found = await examineScripts(['loops', 'waits', 'zero'], folder.path, 1_000)
  expect([...found].map(([name, { detail }]) => [name, detail.reason])).toEqual([
    ['loops', 'importing it has not ended after 1 s'],
    ['waits', 'importing it has not ended after 1 s'],
    ['zero', 'its default export is no table'],
  ])
})

describe('with a helper and a script that does not parse in scripts/', () => {
  let project: Project
  const helper = 'Cannot use the script "scripts/helper.ts": it has no default export'
  const syntax = 'Cannot use the script "scripts/syntax.ts": Unexpected "=" (line 3 of scripts/syntax.ts)'

  beforeAll(async () => {
    project = await openProject({
      'helper.ts': broken['helper']![0],
      'syntax.ts': broken['syntax']![0],
      'taxes.ts': scriptOf('taxes'),
      'shared/rates.ts': broken['helper']![0],
    })
  })
  afterAll(() => project?.[Symbol.asyncDispose]())

  test('argo schedules nothing, and tells of both', async () => {
    expect(await project.run('lib/commands/argo.ts')).toEqual({
      exit: 3,
      stdout: '',
      stderr: `${helper}; ${syntax}. It is to end with: export default helper, a table() of that name. What scripts share belongs in scripts/shared/.\n`,
    })
  })

  test('all starts the tables, and tells of each other file what is wrong with it', async () => {
    await using webhook = openWebhook()
    const env = { DRACULA_WEBHOOK: webhook.url }
    const { exit, stdout } = await project.run('lib/commands/all.ts', ['--json'], env)
    expect(exit).toBe(3)
    expect(JSON.parse(stdout).tables).toMatchObject([
      { table: 'helper', exit: 3, error: { summary: helper } },
      { table: 'syntax', exit: 3, error: { summary: syntax, advice: 'Correct scripts/syntax.ts.' } },
      // It was started, and found no configuration.
      { table: 'taxes', exit: 2, error: { summary: expect.stringContaining('DATABASE_URL') } },
    ])
    expect(webhook.received.map((each) => each.json()['events'])).toMatchObject([
      [{ event: 'failing', table: 'taxes', exit: 2 }],
      [
        { event: 'failing', table: 'helper', exit: 3, cause: helper },
        { event: 'failing', table: 'syntax', exit: 3, cause: syntax },
      ],
    ])
  })

  test('check checks the tables, and tells of the others', async () => {
    await using webhook = openWebhook()
    const env = { DRACULA_WEBHOOK: webhook.url }
    const { exit, stdout } = await project.run('lib/commands/check.ts', ['--json'], env)
    expect(exit).toBe(3)
    const { checks, error } = JSON.parse(stdout)
    expect(checks.scripts.tables).toEqual([
      { table: 'helper', status: 'broken', findings: [helper] },
      { table: 'syntax', status: 'broken', findings: [syntax] },
    ])
    expect(error.summary).toContain(`scripts: ${helper}; ${syntax}`)
    expect(webhook.received.map((each) => each.json()['events'])).toContainEqual([
      expect.objectContaining({ event: 'failing', table: 'helper', check: 'scripts', cause: helper }),
      expect.objectContaining({ event: 'failing', table: 'syntax', check: 'scripts', cause: syntax }),
    ])
    const people = await project.run('lib/commands/check.ts')
    expect(people.stdout).toMatch(/^ *helper +broken +broken +broken +broken$/m)
    expect(people.stdout).toContain(`  syntax (scripts): ${syntax}`)
  })

  test('a check of all tables, doctor and policies name them', async () => {
    for (const program of ['checks/schema.ts', 'checks/row-counts.ts', 'lib/commands/doctor.ts']) {
      const { exit, stdout, stderr } = await project.run(program, ['--json'])
      expect([program, exit]).toEqual([program, program.includes('doctor') ? 2 : 3])
      expect(stdout + stderr).toContain(JSON.stringify(`${helper}; ${syntax}`).slice(1, -1))
    }
  })

  test('a table is checked alone as ever', async () => {
    const { exit, stderr } = await project.run('checks/schema.ts', ['taxes'])
    expect([exit, stderr]).toEqual([2, expect.stringContaining('DATABASE_URL')])
  })
})

test('a script that calls no run() loads nothing, and does not pass for one that did', async () => {
  await using project = await openProject({
    'forgotten.ts': scriptOf('forgotten').replace('if (import.meta.main) await run(forgotten)', 'void run'),
  })
  const { exit, stdout, stderr } = await project.run('scripts/forgotten.ts')
  expect({ exit, stdout }).toEqual({ exit: 3, stdout: '' })
  expect(JSON.parse(stderr.trimEnd()).message).toBe(
    'forgotten: not published. Cause: Cannot use the script "scripts/forgotten.ts": it does not call run(), so nothing is loaded. Do: Let it end with: if (import.meta.main) await run(forgotten). Retry: no.',
  )
})
