/** What a load sends to Glue of a user's own words, held against AWS' model: at each limit, beyond it, and at random. */
import { describe, expect, test } from 'bun:test'
import { type TableContent, tableInput } from '../../lib/aws/table-input.ts'
import { DeclarationError } from '../../lib/declare/declaration.ts'
import {
  type DocumentationOptions,
  declaredDocumentation,
  documentationOf,
} from '../../lib/declare/documentation.ts'
import { requireLegalNames } from '../../lib/declare/legal-names.ts'
import { documentedOver } from '../../lib/lake/documentation.ts'
import { stagedName } from '../../lib/lake/layout.ts'
import { newLoadId } from '../../lib/lake/load-id.ts'
import { models } from '../../lib/local/aws/model/models.ts'
import { problemsOf } from '../../lib/local/aws/model/problems.ts'
import { subjectLine, testMessage } from '../../lib/notify/message.ts'
import { randomFrom } from '../support/random.ts'

const glue = await models.glue()

/** Letters of 1 to 4 bytes, what no line has, what no text has, and what turns it around. */
const letters = [
  ...[
    'x',
    ' ',
    '\t',
    'ü',
    '…',
    '😀',
    '👩🏽‍🚀',
    '\u00a0',
    '\u0000',
    '\u0007',
    '\n',
    '\r\n',
    '\u007f',
    '\u0085',
  ],
  ...['\u2028', '\ufeff', '\ufffe', '\uffff', '\ud83d', '\udc00', '\u202e', '\u2066', '"', '<', '&', '\\'],
]
const limits = [1, 128, 255, 256, 2048]

/** A text of about that many bytes of one letter, whole, one more, one less, with an edge of blanks, and with a break in it. */
function textsOf(letter: string, bytes: number): string[] {
  const fits = Math.floor(bytes / Buffer.byteLength(letter))
  const whole = letter.repeat(fits)
  return [
    whole,
    whole + letter,
    letter.repeat(Math.max(0, fits - 1)),
    ` ${whole} `,
    `${whole}\n${letter}`,
    `x${whole}`,
  ]
}
const texts = ['', ...letters.flatMap((letter) => limits.flatMap((bytes) => textsOf(letter, bytes)))]

/** The problems of the request that makes the table; `refused`: it is never sent. */
function sentOf(options: DocumentationOptions, written: { table?: string; column?: string } = {}): unknown {
  try {
    const declared = declaredDocumentation('t', options, ['id'])
    const column = {} as never
    const documentation = documentationOf(
      { output: { id: column }, columns: { id: column }, ...declared },
      {
        table: written.table,
        columns: new Map(Object.entries(written.column === undefined ? {} : { id: written.column })),
      },
      undefined,
    )
    const content: TableContent = {
      ...{ name: 't', location: 's3://lake/tables/t/1/', columns: [{ name: 'id', type: 'int' }] },
      ...documentedOver(undefined, documentation),
    }
    return problemsOf(glue, 'CreateTable', 'input', {
      DatabaseName: 'lake',
      TableInput: tableInput(content, undefined),
    }).map(({ path, constraint }) => `${path}: ${constraint}`)
  } catch (error) {
    if (error instanceof DeclarationError) return 'refused'
    throw error
  }
}

const told = (text: string) => `${JSON.stringify(text.slice(0, 20))} of ${Buffer.byteLength(text)} bytes`

describe('Glue takes every word of a table that a load sends', () => {
  test.each([
    ['comment', (text: string) => sentOf({ comment: text })],
    ['comment of a column', (text: string) => sentOf({ comments: { id: text } })],
    ['doc comment', (text: string) => sentOf({}, { table: text })],
    ['doc comment of a column', (text: string) => sentOf({}, { column: text })],
  ] as const)('a %s is made to fit', (_, sent) => {
    expect(
      texts.flatMap((text) => (Bun.deepEquals(sent(text), []) ? [] : [[told(text), sent(text)]])),
    ).toEqual([])
  })

  test.each([
    ['owner', 255, (text: string) => sentOf({ owner: text })],
    ['name of a tag', 128, (text: string) => sentOf({ tags: { [text]: 'x' } })],
    ['value of a tag', 256, (text: string) => sentOf({ tags: { x: text } })],
  ] as const)('an %s is sent as it is, or refused before anything is', (_, most, sent) => {
    const wrong = texts.filter((text) => !Bun.deepEquals(sent(text), []) && sent(text) !== 'refused')
    expect(wrong.map(told)).toEqual([])
    for (const letter of ['x', 'ü', '😀']) {
      const fits = letter.repeat(Math.floor(most / Buffer.byteLength(letter)))
      expect([sent(fits), sent(fits + letter)]).toEqual([[], 'refused'])
    }
  })

  test('words made of any letters too', () => {
    const random = randomFrom(15)
    const words = Array.from({ length: 500 }, () =>
      Array.from({ length: random.integer(600) }, () => random.pick(letters)).join(''),
    )
    expect(
      words
        .filter((text) => !Bun.deepEquals(sentOf({ comment: text, comments: { id: text } }), []))
        .map(told),
    ).toEqual([])
    const labelled = words.map((text) =>
      sentOf({ owner: text.slice(0, 20), tags: { [text.slice(0, 9)]: text } }),
    )
    expect(labelled.filter((each) => each !== 'refused' && !Bun.deepEquals(each, []))).toEqual([])
  })
})

test('every name that a table may have, the crawler takes before its load, and Athena and Glue after', async () => {
  const athena = await models.athena()
  const longest = 'x'.repeat(126)
  requireLegalNames(longest, ['y'.repeat(128)])
  expect(() => requireLegalNames(`${longest}x`, [])).toThrow(DeclarationError)
  expect(() => requireLegalNames('t', ['y'.repeat(129)])).toThrow(DeclarationError)
  const crawler = {
    Name: 'c',
    Role: 'r',
    Targets: { S3Targets: [{ Path: 's3://lake/t/' }] },
    TablePrefix: `${longest}__`,
  }
  expect(problemsOf(glue, 'CreateCrawler', 'input', crawler)).toEqual([])
  const staged = stagedName(longest, newLoadId())
  const columns = [{ Name: 'y'.repeat(128), Type: 'int' }]
  const TableInput = { Name: staged, StorageDescriptor: { Columns: columns } }
  expect(problemsOf(glue, 'CreateTable', 'input', { DatabaseName: 'l', TableInput })).toEqual([])
  // Athena shows columns whose names have no more.
  const TableMetadata = { Name: longest, Columns: columns }
  expect(problemsOf(athena, 'GetTableMetadata', 'output', { TableMetadata })).toEqual([])
})

test('SNS takes every subject', () => {
  for (const letter of letters) {
    const subject = subjectLine({ ...testMessage('production', 0), environment: letter.repeat(200) })
    expect(subject).toMatch(/^\[[ -~]{1,99}$/)
  }
})
