import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { findTables, tableNames } from '../../lib/declare/find-tables.ts'
import { Failure } from '../../lib/failure/failure.ts'
import { temporaryFolder } from '../support/temporary.ts'

describe('tables', () => {
  test('are found in scripts/, in the order asked for and each once', async () => {
    const found = await findTables(['taxes', 'currencies', 'taxes'])
    expect(found.map(({ name }) => name)).toEqual(['taxes', 'currencies'])
  })

  test('are all found when none is named', async () => {
    const found = await findTables([])
    expect(found.map(({ name }) => name)).toEqual(await tableNames())
  })

  test('that no script has are refused with those that are', async () => {
    const failure = await findTables(['taxis']).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Failure)
    expect(failure).toMatchObject({
      exit: 2,
      message: expect.stringContaining('Known are: addresses, currencies, '),
    })
  })

  test.each([
    ['export const prices = {}', /it has no default export/],
    ['export default {}', /its default export is no table/],
    [
      'export default Object.freeze({ name: "costs", columns: {}, source: {}, output: {} })',
      /it declares "costs"/,
    ],
    [
      'export default { name: "prices", columns: {}, source: {}, output: {} }',
      /its default export is a copy of a table, which table\(\) has not made/,
    ],
    [
      'export default 1; throw new Error("of its own.")',
      /of its own \(line 1 of \S+prices\.ts\)\. Correct scripts\/prices\.ts\./,
    ],
  ])('declared by %s are refused', async (source, reason) => {
    await using folder = await temporaryFolder()
    await Bun.write(join(folder.path, 'prices.ts'), source)
    const failure = await findTables(['prices'], folder.path).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Failure)
    expect(failure).toMatchObject({ exit: 3, message: expect.stringMatching(reason) })
  })
})
