import { expect, test } from 'bun:test'
import { notStarted } from '../../lib/commands/all/loaded-table.ts'
import { allReport } from '../../lib/commands/all/report.ts'

function lastLineOf(tables: number): string {
  const failed = Array.from({ length: tables }, (_, at) => notStarted(`table_${at + 1}`))
  return allReport(failed, { seconds: 1, dryRun: false, scrub: (text) => text }).line ?? ''
}

test('the last line names what has failed, and of thousands so many as a log takes', () => {
  expect(lastLineOf(3)).toContain('3 of 3 failed: table_1 (1), table_2 (1), table_3 (1)')
  const thousands = lastLineOf(10_000)
  expect(thousands).toContain('table_50 (1), and 9,950 more')
  expect(thousands.length).toBeLessThan(4_000)
})
