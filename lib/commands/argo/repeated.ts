/** Flags that may be given more than once. */
import { InvalidArgumentError } from 'commander'

/** Said of all tables, and of some by name. */
export interface ByTable<Value> {
  readonly all: Value | undefined
  readonly of: ReadonlyMap<string, Value>
}

type Parse<Value> = (text: string) => Value

/** `4Gi`, or `invoices=4Gi`; a flag's own `=` follows a hyphen. */
export function ofTables<Value>(parse: Parse<Value>) {
  return (text: string, before?: ByTable<Value>): ByTable<Value> => {
    const { all, of } = before ?? { all: undefined, of: new Map() }
    const [, table, said = text] = /^([^-\s=][^\s=]*)=(.*)$/s.exec(text) ?? []
    if (table === undefined) {
      refuseTwice(all !== undefined, 'all tables')
      return { all: parse(said), of }
    }
    refuseTwice(of.has(table), table)
    return { all, of: new Map([...of, [table, parse(said)]]) }
  }
}

export function named(parse: Parse<readonly [key: string, value: string]>) {
  return (text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> => {
    const [key, value] = parse(text)
    refuseTwice(before.has(key), key)
    return new Map([...before, [key, value]])
  }
}

export function several<Value>(parse: Parse<Value>) {
  return (text: string, before: readonly Value[] = []): readonly Value[] => [...before, parse(text)]
}

function refuseTwice(given: boolean, what: string): void {
  if (given) throw new InvalidArgumentError(`It is given twice for ${what}.`)
}
