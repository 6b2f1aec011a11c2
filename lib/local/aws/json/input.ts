/** What an operation of AWS JSON 1.1 is, and how it reads the fields of its input. */
import { ServiceError } from '../service-error.ts'

/** A structure of AWS JSON 1.1, as it came. */
export type Json = { readonly [name: string]: unknown }

/** One operation: what it is about, for the log, and what it does. */
export interface Operation {
  readonly subject: (input: Json) => string
  /** The members of its input that it heeds, apart from `CatalogId`; others that AWS has are refused. */
  readonly takes: string
  /** @param caller the access key of whoever asks */
  readonly perform: (input: Json, orders: Orders, caller: string) => Json | Promise<Json>
}

/** Misbehaviour a test asked for, which the operation carries out itself. */
export interface Orders {
  readonly crawl?:
    | { readonly kind: 'fails'; readonly message: string }
    | { readonly kind: 'hangs' }
    | Inferred
  readonly query?:
    | { readonly kind: 'fails'; readonly message: string }
    | { readonly kind: 'hangs' }
    | { readonly kind: 'off'; readonly by: number }
}

export interface Inferred {
  readonly kind: 'infers'
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** @throws ServiceError ValidationException if it is missing */
export function text(input: Json, name: string): string {
  const value = input[name]
  if (typeof value === 'string' && value !== '') return value
  const member = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
  throw new ServiceError(
    'ValidationException',
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  )
}

export function optionalText(input: Json, name: string): string | undefined {
  const value = input[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** An absent one reads as an empty one. */
export function structure(input: Json, name: string): Json {
  const value = input[name]
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

/** An absent one reads as an empty one. */
export function list(input: Json, name: string): readonly Json[] {
  const value = input[name]
  return Array.isArray(value) ? value : []
}

/**
 * A page of `all`, as Glue and Athena cut them: the token is where the next one begins.
 * @throws ServiceError for a token that no page ended with
 */
export function page<T>(
  all: readonly T[],
  input: Json,
  largest: number,
  invalid = 'InvalidInputException',
): { items: readonly T[]; NextToken?: string } {
  const token = optionalText(input, 'NextToken') ?? '0'
  if (!/^\d+$/.test(token)) throw new ServiceError(invalid, 'Invalid NextToken')
  const from = Number(token)
  const asked = typeof input['MaxResults'] === 'number' ? Math.trunc(input['MaxResults']) : 0
  const size = asked > 0 ? Math.min(asked, largest) : largest
  const items = all.slice(from, from + size)
  return from + size < all.length ? { items, NextToken: String(from + size) } : { items }
}

/** AWS JSON 1.1 writes times as seconds since 1970, with a fraction. */
export function epochSeconds(ms: number): number {
  return ms / 1000
}
