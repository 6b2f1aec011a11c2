/**
 * The form in which the values of two columns are compared whose types may differ. No form hides what it changes: `how`
 * says it, and a value that has no place in the form is different from every other.
 */

/** A column as Athena knows it. */
export interface AthenaType {
  /** In Athena's words: `decimal(14,2)`, `varchar`, `timestamp with time zone`. */
  readonly type: string
  /** Whether its timestamps have microseconds, which they have in tables of Iceberg. */
  readonly micros: boolean
}

/** What may be measured of values in the form. Floats have no sums: these differ by the order of rows. */
export type Kind = 'integer' | 'decimal' | 'float' | 'time' | 'flag' | 'text' | 'bytes'

export interface Form {
  readonly kind: Kind
  /** What is done to values before they are compared; undefined: nothing. */
  readonly how: string | undefined
  /** SQL of the form, of SQL of a value; null for a value that has no place in it. */
  readonly ours: (value: string) => string
  readonly theirs: (value: string) => string
}

/** One way round: what to do with values of the first type and of the second. */
interface Rule {
  readonly kind: Kind
  readonly how?: string
  readonly first?: (value: string) => string
  readonly second?: (value: string) => string
}

const asIs = (value: string) => value

/** @returns undefined: there is no form in which values of the two types are the same */
export function formOf(ours: AthenaType, theirs: AthenaType): Form | undefined {
  const rule = ruleOf(ours, theirs)
  if (rule !== undefined) {
    return { kind: rule.kind, how: rule.how, ours: rule.first ?? asIs, theirs: rule.second ?? asIs }
  }
  const turned = ruleOf(theirs, ours)
  if (turned === undefined) return undefined
  return { kind: turned.kind, how: turned.how, ours: turned.second ?? asIs, theirs: turned.first ?? asIs }
}

/** A value as people read it, null for null. */
export function textOf({ type }: AthenaType, value: string): string {
  if (type === 'varbinary') return `to_hex(${value})`
  return isNested(type) ? json(value) : `cast(${value} as varchar)`
}

const integers = ['tinyint', 'smallint', 'integer', 'bigint']
const floats = ['float', 'double']
const texts = ['varchar', 'char', 'uuid']
const moments = ['timestamp', 'timestamp with time zone']

function ruleOf(first: AthenaType, second: AthenaType): Rule | undefined {
  const [a, b] = [first.type, second.type]
  if (moments.includes(a)) return momentRule(first, second)
  if (integers.includes(a) && integers.includes(b)) return { kind: 'integer' }
  if (digitsOf(a) !== undefined) return numberRule(a, b)
  if (floats.includes(a)) return floatRule(a, b)
  if (a === 'boolean') return flagRule(b)
  if (texts.includes(a) && texts.includes(b)) return textRule(a, b)
  if (a === 'date' && b === 'date') return { kind: 'time' }
  if (a === 'date' && texts.includes(b)) return { kind: 'text', how: 'as text', first: text }
  if (a === 'varbinary' && b === 'varbinary') return { kind: 'bytes' }
  if (a === 'varbinary' && b === 'varchar') {
    return { kind: 'bytes', how: 'as bytes of UTF-8', second: (value) => `to_utf8(${value})` }
  }
  if (a !== b) return undefined
  return isNested(a)
    ? { kind: 'text', how: 'as JSON', first: json, second: json }
    : { kind: 'text', how: 'as text', first: text, second: text }
}

interface Digits {
  readonly whole: number
  readonly scale: number
}

/** @returns undefined: it is neither an integer nor a decimal */
function digitsOf(type: string): Digits | undefined {
  if (integers.includes(type)) return { whole: 19, scale: 0 }
  const [, precision, scale] = /^decimal\((\d+),(\d+)\)$/.exec(type) ?? []
  if (precision === undefined) return undefined
  return { whole: Number(precision) - Number(scale), scale: Number(scale) }
}

const mostDigits = 38

function numberRule(a: string, b: string): Rule | undefined {
  const own = digitsOf(a)
  const other = digitsOf(b)
  if (own === undefined) return undefined
  if (other !== undefined) return a === b ? { kind: 'decimal' } : decimalRule(own, other)
  if (floats.includes(b)) {
    // A fraction has no place among whole numbers, so none is rounded away there.
    const isWhole = own.scale === 0
    const precise = decimal(mostDigits, own.scale)
    const fits = (value: string) =>
      `abs(${value}) < 1E${mostDigits - own.scale}${isWhole ? ` and ${value} = floor(${value})` : ''}`
    return {
      kind: 'decimal',
      how: isWhole ? 'as whole numbers' : `rounded to ${own.scale} decimals`,
      first: precise,
      second: (value) => `case when ${fits(value)} then ${precise(value)} end`,
    }
  }
  if (!texts.includes(b)) return undefined
  if (integers.includes(a)) return { kind: 'text', how: 'as text', first: text }
  // Decimals beyond those of the type are looked at too, as far as there is room for them.
  const scale = Math.min(mostDigits - own.whole, own.scale + 6)
  const form = decimal(mostDigits, scale)
  return {
    kind: 'decimal',
    how: `text read as decimal(${mostDigits},${scale})`,
    first: form,
    second: (value) => `try_${form(value)}`,
  }
}

function decimalRule(own: Digits, other: Digits): Rule {
  const scale = Math.max(own.scale, other.scale)
  const whole = Math.max(own.whole, other.whole)
  if (whole + scale <= mostDigits) {
    const form = decimal(whole + scale, scale)
    return { kind: 'decimal', first: form, second: form }
  }
  // No decimal has room for both, so zeros are added to their digits.
  const padded = (from: number) => (value: string) =>
    `${text(value)} || '${from === 0 && scale > 0 ? '.' : ''}${'0'.repeat(scale - from)}'`
  return { kind: 'text', how: 'digit by digit', first: padded(own.scale), second: padded(other.scale) }
}

function floatRule(a: string, b: string): Rule | undefined {
  if (a === b) return { kind: 'float' }
  if (floats.includes(b)) {
    const real = (value: string) => `cast(${value} as real)`
    return { kind: 'float', how: 'as numbers of 32 bits', first: real, second: real }
  }
  if (!texts.includes(b)) return undefined
  const how = `text read as a number of ${a === 'float' ? 32 : 64} bits`
  return {
    kind: 'float',
    how,
    second: (value) => `try_cast(${value} as ${a === 'float' ? 'real' : 'double'})`,
  }
}

function flagRule(b: string): Rule | undefined {
  if (b === 'boolean') return { kind: 'flag' }
  if (integers.includes(b) || floats.includes(b) || digitsOf(b) !== undefined) {
    const isFloat = floats.includes(b)
    const number = isFloat ? double : decimal(mostDigits, digitsOf(b)?.scale ?? 0)
    const first = (value: string) => number(`case when ${value} then 1 when not ${value} then 0 end`)
    return { kind: isFloat ? 'float' : 'decimal', how: 'true is 1, false is 0', first, second: number }
  }
  if (!texts.includes(b)) return undefined
  const second = (value: string) =>
    `case when lower(${value}) in ('true', 't', 'yes', 'y', 'on', '1') then 'true' when lower(${value}) in ('false', 'f', 'no', 'n', 'off', '0') then 'false' else ${value} end`
  return { kind: 'text', how: 'text read as true and false', first: text, second }
}

function textRule(a: string, b: string): Rule {
  if (a === b) return { kind: 'text', first: text, second: text }
  if (a !== 'char' && b !== 'char') return { kind: 'text', first: text, second: text }
  const trimmed = (value: string) => `rtrim(${text(value)})`
  return { kind: 'text', how: 'without spaces at the end', first: trimmed, second: trimmed }
}

function momentRule(first: AthenaType, second: AthenaType): Rule | undefined {
  const { type: b } = second
  const isPrecise = first.micros && (second.micros || b === 'date' || texts.includes(b))
  const zoned = (type: string) => type === 'timestamp with time zone'
  const form = (type: string) => (value: string) =>
    `cast(${zoned(type) ? `${value} at time zone 'UTC'` : value} as timestamp(${isPrecise ? 6 : 3}))`
  const rule = { kind: 'time', first: form(first.type), second: form(b) } as const
  if (b === 'date') return { ...rule, how: 'a date is its midnight' }
  if (texts.includes(b)) {
    return { ...rule, how: 'text read as a timestamp of UTC', second: (value) => form(b)(moment(value)) }
  }
  if (!moments.includes(b)) return undefined
  const words = [
    ...(zoned(first.type) === zoned(b) ? [] : ['in UTC']),
    ...(first.micros === second.micros ? [] : ['to the millisecond']),
  ]
  return words.length === 0 ? rule : { ...rule, how: words.join(', ') }
}

/** A timestamp in a text, by ISO 8601 or SQL. One that has another offset than UTC's is none. */
function moment(value: string): string {
  // The letter of UTC goes before the one between date and time.
  const plain = [' UTC', 'T', 'Z', '+00:00', '+00'].reduce(
    (sql, each) => `replace(${sql}, '${each}', '${each === 'T' ? ' ' : ''}')`,
    value,
  )
  return `case when strpos(${plain}, '+') = 0 and strpos(substr(${plain}, 12), '-') = 0 then try_cast(${plain} as timestamp(6)) end`
}

function decimal(precision: number, scale: number): (value: string) => string {
  return (value) => `cast(${value} as decimal(${precision}, ${scale}))`
}

function double(value: string): string {
  return `cast(${value} as double)`
}

function text(value: string): string {
  return `cast(${value} as varchar)`
}

function json(value: string): string {
  return `json_format(cast(${value} as json))`
}

function isNested(type: string): boolean {
  return type === 'array' || type === 'map' || type === 'row'
}
