import { expect, test } from 'bun:test'
import { estimatedUsd } from '../../lib/load/cost.ts'

test.each([
  ['nothing', [], undefined, 0, 0],
  ['a count, which scans nothing, as 10 MB', [0], undefined, 0.00005, 0],
  ['a query by whole megabytes', [999_999_999_001], undefined, 5, 0],
  ['each query by itself', [0, 0, 20e6], undefined, 0.0002, 0],
  ['a short crawl as ten minutes', [0], 45, 0.00005, 0.146667],
  ['a long crawl by the second', [0], 3_600, 0.00005, 0.88],
] as const)('AWS bills %s', (_, scanned, crawlSeconds, athena, crawler) => {
  expect(estimatedUsd({ scanned, crawlSeconds })).toEqual({ athena, crawler })
})
