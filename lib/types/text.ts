/** `text` and `numericText`: any type of Postgres in its text form, and a numeric of any size in its own. */
import { asText, decodeBytes, describeText, textKey, utf8String } from './bytes.ts'
import { textReader } from './text-reader.ts'
import { type Column, column, type Type } from './type.ts'

const values: Type = {
  ...asText,
  // Their binary form is their text; char(n) keeps the padding that belongs to it. xml is none of them: its binary form
  // may differ from its text by the declaration of an encoding.
  sentAs: ['text', 'varchar', 'bpchar', 'name', 'json'],
  width: 0,
  decoder: () => decodeBytes,
  reader: textReader,
  describe: describeText,
  key: textKey,
  isSortedByText: true,
}

/** @param accepts whose text it holds */
export function textOf(accepts: Column['accepts'], script = 'text'): Column<string> {
  return column({ type: 'text', script, values, parquet: utf8String, athena: 'string', accepts })
}

/**
 * Any type of Postgres, in the form that its output function gives, as psql and `COPY` print it: a boolean is `t` or
 * `f`, an inet `10.0.0.1` without `/32`, a char(n) padded. (A cast to text may differ.) Elements of an array likewise.
 */
export const text = textOf('any')

/** A numeric of any size as Postgres prints it: exact, NaN and infinities included, and no number to Athena. */
export const numericText = textOf(['numeric'], 'numericText')
