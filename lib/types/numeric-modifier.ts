/** What Postgres says of a numeric column's digits, and what a script should say of them. */

export interface NumericModifier {
  readonly precision: number
  /** May be negative, or greater than the precision. */
  readonly scale: number
}

/** `numeric_typmod_precision` and `numeric_typmod_scale` of numeric.c: 16 bits and 11 signed bits, after 4 of header. */
export function numericModifier(typmod: number): NumericModifier | undefined {
  if (typmod < 4) return undefined
  const packed = typmod - 4
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 }
}

/**
 * Digits before and after the point; undefined for a bare numeric. A negative scale rounds before the point,
 * one above the precision leaves zeros after it (PostgreSQL manual, "Arbitrary Precision Numbers").
 */
export function numericDigits({ precision, scale }: Partial<NumericModifier>) {
  if (precision === undefined || scale === undefined) return undefined
  return { integer: Math.max(0, precision - scale), scale: Math.max(0, scale) }
}

/** `numeric(18, 6)`; for a bare numeric one with room on both sides, as a value that does not fit stops the load. */
export function numericScript(modifier: Partial<NumericModifier>): string {
  const digits = numericDigits(modifier)
  if (digits === undefined) return 'numeric(38, 9)'
  if (digits.integer + digits.scale > 38) return 'text'
  return `numeric(${Math.max(1, digits.integer + digits.scale)}, ${digits.scale})`
}
