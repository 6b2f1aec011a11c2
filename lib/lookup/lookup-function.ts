/** The function a script looks rows up by, and the rows it finds. */

import type { Lookup } from '../declare/lookup.ts'
import { isChangeable } from '../view/changeable.ts'
import { prototypeOf } from '../view/known-names.ts'
import { mistake } from '../view/mistake.ts'
import { rowMaker } from './found-row.ts'
import { keyRequirement } from './key-requirement.ts'
import { noteNotFound } from './not-found.ts'
import type { LookupRows } from './rows.ts'
import { tenantAtHand } from './tenant-at-hand.ts'

export type LookupFunction = (...key: readonly unknown[]) => unknown

const arrayNames = Object.getOwnPropertyNames(Array.prototype)

/** @param name of the lookup in its script, for messages */
export function createLookupFunction(name: string, lookup: Lookup, rows: LookupRows): LookupFunction {
  const { loose, frozen } = rowMaker(name, lookup, rows.packed)
  const lists = listPrototype(name, lookup)
  const nothing = listOf([])
  const keys = lookup.key.map((column) => keyRequirement(name, column, lookup.columns[column]!))
  const { tenants } = lookup.source
  /** What a script asks by. */
  const askedKey = tenants === undefined ? lookup.key : lookup.key.slice(1)

  function listOf(list: object[]): readonly object[] {
    return Object.freeze(Object.setPrototypeOf(list, lists))
  }

  function all(first: number): readonly object[] {
    if (first < 0) return nothing
    const list: object[] = []
    for (let at = first; at >= 0; at = rows.next(at)) list.push(frozen(at))
    return listOf(list)
  }

  // Freezing costs as much as half of making a row. What one asker has for itself is frozen only so often that a
  // function which changes it is told.
  let untold = 1_000
  let isShared = false
  function one(at: number): object | undefined {
    if (at >= 0) {
      if (isShared) return frozen(at)
      if (untold === 0) return loose(at)
      untold--
      return frozen(at)
    }
    noteNotFound()
    return undefined
  }

  const answerOf = lookup.many ? all : one

  /** Only of keys that find nothing: what is found was of the right type. */
  function findBySeveral(...key: readonly unknown[]): unknown {
    if (key.length !== keys.length) throw wrongCount(name, askedKey, key.length)
    const at = rows.find(key)
    if (at < 0) for (const [place, require] of keys.entries()) require(key[place])
    return answerOf(at)
  }

  function findByOne(key: unknown, more?: unknown): unknown {
    if (more !== undefined) throw wrongCount(name, askedKey, 2)
    const at = rows.findOne(key)
    if (at < 0) keys[0]!(key)
    return answerOf(at)
  }

  // Several functions of a script ask for the row of one key, one after the other.
  let last: unknown
  let answer: unknown
  let asked = false
  function findByOneAgain(key: unknown, more?: unknown): unknown {
    if (asked && key === last && more === undefined) {
      if (!isShared) {
        isShared = true
        // Who had it first may have changed it.
        if (answer !== undefined && !Object.isFrozen(answer)) answer = findByOne(key)
      }
      if (answer === undefined) noteNotFound()
      return answer
    }
    answer = findByOne(key, more)
    last = key
    asked = true
    return answer
  }

  /** A row finds those of its own tenant, which no script names. */
  function findOfTenant(...key: readonly unknown[]): unknown {
    if (key.length !== askedKey.length) throw wrongCount(name, askedKey, key.length)
    return findBySeveral(tenantAtHand(), ...key)
  }

  if (tenants !== undefined) return nothingElse(name, askedKey, findOfTenant)
  if (lookup.key.length > 1) return nothingElse(name, askedKey, findBySeveral)
  const isChanging = Object.values(lookup.columns).some(isChangeable)
  return nothingElse(name, askedKey, isChanging ? findByOne : findByOneAgain)
}

function wrongCount(name: string, key: readonly string[], count: number): Error {
  const wanted = key.length === 1 ? `one key, ${key[0]}` : `${key.length} parts of a key: ${key.join(', ')}`
  return mistake(`${name} is asked with ${count === 1 ? '1 value' : `${count} values`}, and takes ${wanted}`)
}

/** A function that is to be called: `currency.rate`, meant for `currency(id)?.rate`, is an error. */
function nothingElse(name: string, key: readonly string[], find: LookupFunction): LookupFunction {
  const uncalled = () => `${name} is a function: what it finds is ${name}(${key.join(', ')})`
  const prototype = prototypeOf({ thing: name, names: [], after: Function.prototype, explain: uncalled })
  const get = () => {
    throw mistake(uncalled())
  }
  Object.defineProperties(find, { name: { get }, length: { get } })
  return Object.freeze(Object.setPrototypeOf(find, prototype))
}

/** A list has no columns, its rows have: so `readonly Row[]` is typed. */
function listPrototype(name: string, { columns }: Lookup): object {
  const prototype = prototypeOf({
    thing: `the list of ${name}`,
    names: arrayNames,
    isList: true,
    explain: (asked) =>
      Object.hasOwn(columns, asked)
        ? `${name} gives a list: ${asked} is what each of its rows has`
        : undefined,
  })
  const list = Object.create(prototype)
  for (const each of Reflect.ownKeys(Array.prototype)) {
    Object.defineProperty(list, each, Object.getOwnPropertyDescriptor(Array.prototype, each)!)
  }
  return list
}
