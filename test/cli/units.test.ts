import { describe, expect, test } from 'bun:test'
import { formatDuration, parseAge, parseDuration } from '../../lib/cli/duration.ts'
import { publishedText } from '../../lib/cli/partitions-text.ts'
import { formatSize, parseSize } from '../../lib/cli/size.ts'
import { textTable } from '../../lib/cli/text-table.ts'

describe('durations', () => {
  test.each([
    ['200ms', 200],
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1.5h', 5_400_000],
    ['6h', 21_600_000],
    ['24d', 24 * 86_400_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '6', 'h', '-1h', '0s', '1w', '6 h', '25d', 'Infinity', 'toString'])(
    '"%s" is none',
    (text) => {
      expect(() => parseDuration(text)).toThrow('It is a time such as')
    },
  )

  test('an age may be longer than anybody waits', () => {
    expect([parseAge('90s'), parseAge('31d')]).toEqual([90_000, 31 * 86_400_000])
    for (const text of ['', '0d', '-1d', '1w', '999999999999d']) {
      expect(() => parseAge(text)).toThrow('It is a time such as 90s, 30m, 6h or 31d.')
    }
  })

  test.each([
    [-5, '0.0 s'],
    [40, '0.0 s'],
    [2_345, '2.3 s'],
    [59_949, '59.9 s'],
    [59_950, '1 min'],
    [200_000, '3 min 20 s'],
    [3_599_500, '1 h'],
    [6 * 3_600_000, '6 h'],
    [6 * 3_600_000 + 300_000, '6 h 5 min'],
    [86_399_999, '1 d'],
    [52 * 3_600_000, '2 d 4 h'],
  ])('%d ms reads %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text)
  })
})

describe('sizes', () => {
  test.each([
    ['1', 1],
    ['512MiB', 536_870_912],
    ['200MB', 200_000_000],
    ['0.5GiB', 536_870_912],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  test.each(['', '0', '-1', '1 MiB', '1mib', 'MiB', '1toString', '9999999999GiB'])('"%s" is none', (text) => {
    expect(() => parseSize(text)).toThrow('It is a size such as')
  })

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [21_300_000, '21.3 MB'],
    [1_234_000_000, '1.23 GB'],
  ])('%d bytes read %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text)
  })
})

test('tables align numbers to the right and wide characters by their width', () => {
  const rows = [
    ['table', 'rows'],
    ['注文', '12'],
    ['orders', '1,234'],
  ]
  expect(textTable(rows, [1])).toBe('  table     rows\n  注文        12\n  orders   1,234')
})

describe('what a load of some partitions has published is told', () => {
  const partitions = { which: 'these', because: null } as const

  test.each([
    [
      { ...partitions, kept: 1200, reasons: { changed: 3, gone: 1 } },
      '1,000 rows (3 changed, 1 gone; 1,200 stay as they were)',
    ],
    [{ ...partitions, kept: 1, reasons: {} }, '1,000 rows (none read; 1 stays as it was)'],
    [{ ...partitions, kept: null, reasons: { asked: 2 } }, '1,000 rows (2 asked for)'],
    [{ which: 'all', because: null, kept: 0, reasons: { all: 9 } } as const, '1,000 rows'],
    [null, '1,000 rows'],
  ])('%j', (given, text) => {
    expect(publishedText(1000, given)).toBe(text)
  })
})
