/** `json` and `jsonb`: a document as Postgres prints it. */

import type { Vector } from '../batch/vector.ts'
import {
  appendText,
  decodeBytes,
  decodeFrom,
  describeText,
  readText,
  textInLake,
  textKey,
  utf8String,
} from './bytes.ts'
import { given } from './given.ts'
import { column, type Type } from './type.ts'
import { int32, utf8 } from './wire.ts'

const document: Pick<Type, 'width' | 'kind' | 'appender' | 'describe' | 'isSortedByText' | 'inLake'> = {
  width: 0,
  kind: 'json',
  appender: () => appendDocument,
  describe: describeText,
  isSortedByText: true,
  inLake: textInLake,
}

const asJson: Type = {
  ...document,
  sentAs: ['json'],
  decoder: () => decodeBytes,
  reader: () => readText,
  key: textKey,
}

const asJsonb: Type = {
  ...document,
  sentAs: ['jsonb'],
  malformed: ofOtherVersion,
  decoder: () => decodeJsonb,
  reader: () => (wire, offset) => utf8(wire, offset + 1, offset + int32(wire, offset - 4)),
}

export const json = column<string>({
  type: 'json',
  values: asJson,
  parquet: utf8String,
  athena: 'string',
  accepts: ['json', 'jsonb'],
})

/** It takes no json: the cast drops repeated keys and refuses some escapes. */
export const jsonb = column<string>({
  type: 'jsonb',
  values: asJsonb,
  parquet: utf8String,
  athena: 'string',
  accepts: ['jsonb'],
})

function appendDocument(vector: Vector, value: unknown): string | undefined {
  return typeof value !== 'string' || isJson(value)
    ? appendText(vector, value)
    : given(value, 'a document of JSON')
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** jsonb is sent as a version byte, 1, and the text (jsonb_send); another version is another form. */
function ofOtherVersion(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
): number {
  for (let row = 0, k = at; row < rows; row++, k += stride) {
    const o = offsets[k]!
    if (o >= 0 && (int32(wire, o - 4) < 1 || wire[o] !== 1)) return row
  }
  return -1
}

function decodeJsonb(
  wire: Uint8Array,
  offsets: Int32Array,
  at: number,
  stride: number,
  rows: number,
  vector: Vector,
): number {
  return decodeFrom(wire, offsets, at, stride, rows, vector, 1)
}
