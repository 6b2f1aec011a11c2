/** The error of a field that does not fit its column. */
import { wideLine } from '../postgres/wide-line.ts'
import type { Column } from '../types/type.ts'

/** A field that a function of a script asked for, and that does not fit the column it is declared as. */
export class UnfitField extends RangeError {
  /** The line that has a place for it. */
  readonly paste: string
  /** Where that line belongs: with the table's own columns, or with those of a lookup. */
  readonly belongsTo: 'table' | 'lookup'

  constructor(
    message: string,
    { paste, belongsTo }: Pick<UnfitField, 'paste' | 'belongsTo'>,
    cause?: unknown,
  ) {
    super(message, { cause })
    this.paste = paste
    this.belongsTo = belongsTo
  }
}

/** Where a field is: its offset is −1 for null. */
export interface Field {
  readonly name: string
  readonly column: Column
  readonly wire: Uint8Array
  readonly offset: number
  readonly belongsTo: UnfitField['belongsTo']
}

/** @param error of what read it; anything but a RangeError is none of the field's */
export function unfitField({ name, column, wire, offset, belongsTo }: Field, error?: unknown): unknown {
  const paste = () => ({ paste: wideLine(name, column, wire, offset), belongsTo })
  if (offset < 0) {
    const where = belongsTo === 'lookup' ? `${name} of the row found` : name
    return new UnfitField(`${where} is null where ${column.type} NOT NULL is declared`, paste())
  }
  return error instanceof RangeError ? new UnfitField(`${error.message} (of ${name})`, paste(), error) : error
}
