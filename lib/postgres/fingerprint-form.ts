/** The form of a column's fingerprint in a load record, the same whichever engine has measured it. Pure. */
import type { Column, Kind as ValueKind } from '../types/type.ts'

/** What can be measured of a column depends on this. */
export type Kind = ValueKind | 'array'

/**
 * `values`: that are not null. `nan`: floats that are none, which `min` and `max` leave out. `true`: booleans that are.
 * `length`: of all values together, in characters, or bytes of binary. `min` and `max` of text are those of its
 * beginnings, see {@link prefixLength}. A timestamp's have microseconds.
 */
export type Measure = 'values' | 'nulls' | 'nan' | 'true' | 'min' | 'max' | 'sum' | 'length'

/** Characters of a text that are compared: a prefix keeps the order, and a value may be 100 MB. */
export const prefixLength = 256

export interface Fingerprint {
  readonly kind: Kind
  /** The declared scale of a decimal. */
  readonly scale?: number
  /** In {@link normalForm}; null where there is no value. */
  readonly measures: Readonly<Partial<Record<Measure, string | null>>>
  /** All elements of all rows, if the column is an array. */
  readonly elements?: Fingerprint
  /**
   * Postgres gave other measures when it was asked again in the same snapshot, as of a view over `random()` or
   * `clock_timestamp()`: nothing of it can be compared.
   */
  readonly unstable?: true
}

/** Fingerprints by column, in the lake's names. */
export type Fingerprints = Readonly<Record<string, Fingerprint>>

export function kindOf({ element, values }: Column): Kind {
  return element === undefined ? values.kind : 'array'
}

/** One text for one value: decimals without zeros at their end, floats in JavaScript's shortest, all else as it is. */
export function normalForm(kind: Kind, measure: Measure, text: string | null): string | null {
  if (text === null || (measure !== 'min' && measure !== 'max' && measure !== 'sum')) return text
  switch (kind) {
    case 'decimal': {
      const short = text.includes('.') ? text.replace(/\.?0+$/, '') : text
      return short === '-0' || short === '' ? '0' : short
    }
    case 'real':
      // Adding zero makes one of the two zeros.
      return String(Math.fround(Number(text)) + 0)
    case 'double':
      return String(Number(text) + 0)
    default:
      return text
  }
}
