/** A column's type in Hive's words, as Glue spells it. */
export type HiveType =
  | { readonly kind: 'plain'; readonly name: string; readonly sizes: readonly number[] }
  | { readonly kind: 'array'; readonly element: HiveType }
  | { readonly kind: 'map'; readonly key: HiveType; readonly value: HiveType }
  | {
      readonly kind: 'struct'
      readonly fields: readonly { readonly name: string; readonly type: HiveType }[]
    }

const duckNames: Record<string, string> = {
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  char: 'VARCHAR',
  varchar: 'VARCHAR',
  binary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  decimal: 'DECIMAL',
}

/** @throws RangeError for what is not a type Athena knows */
export function parseHiveType(text: string): HiveType {
  let rest = text.trim().toLowerCase()
  const unknown = () => new RangeError(`Unknown type ${text}`)
  const take = (symbol: string) => {
    if (!rest.startsWith(symbol)) throw unknown()
    rest = rest.slice(symbol.length).trimStart()
  }
  const word = (pattern: RegExp) => {
    const found = pattern.exec(rest)?.[0]
    if (found === undefined) throw unknown()
    rest = rest.slice(found.length).trimStart()
    return found
  }
  const type = (): HiveType => {
    const name = word(/^[a-z]+/)
    if (name === 'array') {
      take('<')
      const element = type()
      take('>')
      return { kind: 'array', element }
    }
    if (name === 'map') {
      take('<')
      const key = type()
      take(',')
      const value = type()
      take('>')
      return { kind: 'map', key, value }
    }
    if (name === 'struct') {
      const fields: { name: string; type: HiveType }[] = []
      take('<')
      do {
        if (fields.length > 0) take(',')
        const field = word(/^[^:,<>]+/)
        take(':')
        fields.push({ name: field, type: type() })
      } while (rest.startsWith(','))
      take('>')
      return { kind: 'struct', fields }
    }
    if (duckNames[name] === undefined) throw unknown()
    const sizes = rest.startsWith('(') ? word(/^\([\d\s,]+\)/).match(/\d+/g) : null
    const decimal = name === 'decimal' ? [10, 0] : []
    return { kind: 'plain', name: name === 'integer' ? 'int' : name, sizes: sizes?.map(Number) ?? decimal }
  }
  const parsed = type()
  if (rest !== '') throw unknown()
  return parsed
}

export function duckType(type: HiveType): string {
  switch (type.kind) {
    case 'array':
      return `${duckType(type.element)}[]`
    case 'map':
      return `MAP(${duckType(type.key)}, ${duckType(type.value)})`
    case 'struct':
      return `STRUCT(${type.fields.map((field) => `${identifier(field.name)} ${duckType(field.type)}`).join(', ')})`
    case 'plain': {
      const name = duckNames[type.name] ?? type.name
      return name === 'DECIMAL' ? `DECIMAL(${type.sizes[0] ?? 10}, ${type.sizes[1] ?? 0})` : name
    }
  }
}

const integers = ['tinyint', 'smallint', 'int', 'bigint']
const texts = ['string', 'char', 'varchar', 'binary']

/** Whether Athena reads a Parquet column of one type as the other; wider is fine, anything else is bad data. */
export function readableAs(file: HiveType, declared: HiveType): boolean {
  if (file.kind === 'array' && declared.kind === 'array') return readableAs(file.element, declared.element)
  if (file.kind === 'map' && declared.kind === 'map') {
    return readableAs(file.key, declared.key) && readableAs(file.value, declared.value)
  }
  if (file.kind === 'struct' && declared.kind === 'struct') {
    return declared.fields.every(({ name, type }) => {
      const found = file.fields.find((field) => field.name === name)
      return found === undefined || readableAs(found.type, type)
    })
  }
  if (file.kind !== 'plain' || declared.kind !== 'plain') return false
  if (file.name === 'decimal' && declared.name === 'decimal') {
    const [precision = 0, scale = 0] = file.sizes
    const [wider = 0, declaredScale = 0] = declared.sizes
    return declaredScale >= scale && wider - declaredScale >= precision - scale
  }
  if (integers.includes(file.name)) return integers.indexOf(declared.name) >= integers.indexOf(file.name)
  if (texts.includes(file.name)) return texts.includes(declared.name)
  return file.name === declared.name || (file.name === 'float' && declared.name === 'double')
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
