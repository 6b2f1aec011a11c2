/** What a new script should say of each column. Pure. */

import { type Sensitivity, sensitivityOf } from '../../declare/personal-data.ts'
import type { ColumnAnnotation } from '../../postgres/annotations.ts'
import { declarationLine, renamed, stringLiteral, typeOfSource } from '../../postgres/declaration-of.ts'
import type { Measured } from '../../postgres/measure.ts'
import type { SourceColumn } from '../../postgres/source.ts'
import { hiddenScript } from '../../types/hidden.ts'

export interface Draft {
  /** In Postgres. */
  readonly column: string
  /** In the lake. */
  readonly name: string
  /** The expression less its `nullable()` and `named()`: `numeric(18, 6)`. */
  readonly type: string
  readonly mayBeNull: boolean
  /** `created_at: nullable(timestamp),` */
  readonly line: string
  /** Comment lines above it. */
  readonly notes: readonly string[]
  /** Why it is text and nothing better; undefined: it is what it was in Postgres. */
  readonly unmapped: string | undefined
  /** What its name or comment says of it. */
  readonly sensitivity: Sensitivity | undefined
}

export interface Known {
  readonly annotation: ColumnAnnotation | undefined
  /** Undefined: nobody looked. */
  readonly measured: Measured | undefined
}

interface Proposal {
  readonly type: string
  readonly note?: string
  readonly unmapped?: string
}

export function draftColumn(column: SourceColumn, name: string, { annotation, measured }: Known): Draft {
  const { type, note, unmapped } = propose(column, annotation, measured)
  // Where nobody enforces that there are no nulls there may be some.
  const mayBeNull = column.notNull !== true
  const source = name === column.name ? undefined : column.name
  const line = declarationLine(name, renamed(type, source), mayBeNull)
  const { typname } = column.element ?? column
  return {
    column: column.name,
    name,
    type,
    mayBeNull,
    line: line === `${name}: ${name},` ? `${name},` : line,
    notes: [
      ...(annotation?.comment === undefined ? [] : [annotation.comment]),
      ...(annotation?.labels === undefined ? [] : [enumNote(annotation.labels)]),
      ...(note === undefined ? [] : [note]),
    ],
    unmapped,
    sensitivity: sensitivityOf(column.name, { comment: annotation?.comment, typname }),
  }
}

/** How `--personal` has columns of personal data. */
export const personalChoices = ['out', 'hashed', 'masked', 'plain'] as const
export type PersonalChoice = (typeof personalChoices)[number]

export interface Placed extends Draft {
  /** It is in the script as a comment alone, and under `ignore`. */
  readonly isOut: boolean
}

/** A secret is left out whatever is chosen: hashed, it is as good as it was to whoever has the key. */
export function placePersonal(draft: Draft, choice: PersonalChoice): Placed {
  const { sensitivity, name, column, type, mayBeNull } = draft
  if (sensitivity === undefined || (sensitivity === 'personal' && choice === 'plain'))
    return { ...draft, isOut: false }
  const by = choice === 'masked' ? 'masked' : 'hashed'
  const hidden = renamed(hiddenScript({ by, after: '' }, type), name === column ? undefined : column)
  return {
    ...draft,
    line: declarationLine(name, hidden, mayBeNull),
    isOut: sensitivity === 'secret' || choice === 'out',
  }
}

function enumNote(labels: readonly string[]): string {
  return labels.length === 0 ? 'An enum without values.' : `One of ${labels.map(stringLiteral).join(', ')}.`
}

function propose(
  column: SourceColumn,
  annotation: ColumnAnnotation | undefined,
  measured: Measured | undefined,
): Proposal {
  const dimensions = measured?.dimensions ?? 0
  if (dimensions > 1) {
    const note = `${column.type}, with values of ${dimensions} dimensions: as Postgres prints it.`
    return { type: 'text', note, unmapped: `it has arrays of ${dimensions} dimensions` }
  }
  const typname = column.element?.typname ?? column.typname
  const inArray = (type: string) => (column.element === undefined ? type : `array(${type})`)
  if (typname === 'numeric') return proposeNumeric(column, measured, inArray)

  const type = typeOfSource(column)
  const placeless = measured?.placeless ?? 0
  if (placeless > 0) return proposeLossy(type.replace(/^array\((.*)\)$/, '$1'), placeless, inArray)
  return /\btext\b/.test(type) && !isCharacter(typname, annotation)
    ? { type, unmapped: reasonFor(typname, annotation) }
    : { type }
}

function proposeNumeric(
  column: SourceColumn,
  measured: Measured | undefined,
  inArray: (type: string) => string,
): Proposal {
  const placeless = measured?.placeless ?? 0
  if (placeless > 0) {
    return {
      type: inArray('numericText'),
      note: `${values(placeless)} NaN or infinite, for which Athena has no decimal: as Postgres prints it.`,
      unmapped: `${values(placeless)} NaN or infinite`,
    }
  }
  if (column.precision !== undefined) {
    const type = typeOfSource(column)
    return /\btext\b/.test(type) ? { type, unmapped: tooManyDigits } : { type }
  }
  const digits = measured?.digits
  if (digits === undefined) {
    const type = typeOfSource(column)
    const why = measured === undefined ? 'nobody looked at its values' : 'there are no values to measure'
    return { type, note: `numeric without precision; ${why}, so this is a guess.` }
  }
  const { integer, scale } = digits
  const measure = `numeric without precision; the data has at most ${integer} digits before the point and ${scale} after.`
  if (integer + scale > 38) {
    return { type: inArray('numericText'), note: measure, unmapped: tooManyDigits }
  }
  const room = roomFor(digits)
  return {
    type: inArray(`numeric(${room.precision}, ${room.scale})`),
    note: `${measure}\nThere is room for ${room.precision - room.scale} and ${room.scale}.`,
  }
}

/**
 * Room for values to come, as Postgres sets no bound to them: four digits more before the point, and at least six
 * after it. 18 digits cost no more to store than fewer with a point (lib/types, `decimal`); beyond them are 38,
 * where the point moves as far to the left as what is there leaves it.
 */
function roomFor({ integer, scale }: Digits): { readonly precision: number; readonly scale: number } {
  const after = Math.max(6, scale + 2)
  if (integer + 4 + after <= 18) return { precision: 18, scale: after }
  const roomy = Math.max(10, scale + 4)
  return { precision: 38, scale: Math.max(scale, Math.min(roomy, 38 - integer - 4)) }
}

type Digits = NonNullable<Measured['digits']>

const tooManyDigits = "Athena's decimals have 38 digits at most"

function proposeLossy(type: string, placeless: number, inArray: (type: string) => string): Proposal {
  const isArray = inArray('') !== ''
  const others = isArray
    ? inArray(`lossy(${type}, 'clamp')`)
    : `lossy(${type}, 'null') or lossy(${type}, 'clamp')`
  return {
    type: inArray(`lossy(${type}, 'text')`),
    note: `${values(placeless)} infinite or outside the years 0001 to 9999, for which Athena has no ${type}: as Postgres prints it.\nTo have ${isArray ? `a list of ${type}` : `a ${type}`}, write ${others}.`,
    unmapped: `${values(placeless)} infinite or outside the years 0001 to 9999`,
  }
}

function values(count: number): string {
  return count === 1 ? '1 value is' : `${count} values are`
}

/** What is text in Postgres too, or has no better place anywhere. */
const characterTypes = new Set(['text', 'varchar', 'bpchar', 'char', 'name'])

function isCharacter(typname: string, annotation: ColumnAnnotation | undefined): boolean {
  return characterTypes.has(typname) || annotation?.kind === 'e' || typname.endsWith('.citext')
}

const reasons: Readonly<Record<string, string>> = {
  a: 'the elements are arrays themselves',
  c: 'a composite type is nothing a column of Athena can be here',
  m: 'Athena has no ranges',
  r: 'Athena has no ranges',
}

function reasonFor(typname: string, annotation: ColumnAnnotation | undefined): string {
  return reasons[annotation?.kind ?? ''] ?? `Athena has no ${typname.split('.').at(-1)}`
}
