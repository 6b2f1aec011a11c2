/** How the tests of each file ended, by the report that `bun test` writes. */
import { XMLParser } from 'fast-xml-parser'

export interface FileResult {
  readonly passed: number
  readonly failed: number
  /** What each test was skipped for: what this Postgres has not, or else undefined. */
  readonly skipped: readonly (string | undefined)[]
}

interface Suite {
  readonly file: string
  readonly name: string
  readonly testsuite?: readonly Suite[]
  readonly testcase?: readonly Case[]
}

interface Case {
  readonly name: string
  readonly failure?: unknown
  readonly error?: unknown
  readonly skipped?: unknown
}

interface Ended extends Case {
  readonly titles: readonly string[]
}

/** What `needsPostgres` of test/support ends the title of such a test with, or of the group it is in. */
const lack = / \(PostgreSQL \d+ has no (.+)\)$/

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: { enabled: true, maxExpandedLength: Number.POSITIVE_INFINITY },
  isArray: (name) => name === 'testsuite' || name === 'testcase',
})

/** @param junit the report @returns by file */
export function readResults(junit: string): ReadonlyMap<string, FileResult> {
  const { testsuites } = parser.parse(junit) as { testsuites?: { testsuite?: readonly Suite[] } }
  return new Map((testsuites?.testsuite ?? []).map((suite) => [suite.file, resultOf(casesOf(suite))]))
}

/** @param groups the titles it is under */
function casesOf({ testcase = [], testsuite = [] }: Suite, groups: readonly string[] = []): Ended[] {
  return [
    ...testcase.map((each) => ({ ...each, titles: [...groups, each.name] })),
    ...testsuite.flatMap((each) => casesOf(each, [...groups, each.name])),
  ]
}

function resultOf(cases: readonly Ended[]): FileResult {
  const skipped = cases.filter((each) => 'skipped' in each)
  const failed = cases.filter((each) => 'failure' in each || 'error' in each).length
  return {
    passed: cases.length - skipped.length - failed,
    failed,
    skipped: skipped.map(({ titles }) =>
      titles.map((title) => lack.exec(title)?.[1]).find((reason) => reason !== undefined),
    ),
  }
}
