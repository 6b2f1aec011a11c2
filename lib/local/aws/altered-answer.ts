/** An answer of the stand-in that was asked to be another than it is. */
import type { Json } from './json/input.ts'

export interface Alteration {
  /** Members of a JSON answer, at any depth, in place of its own; null takes one away. */
  readonly with?: Json
  /** A part of the body's text, and what stands there instead. */
  readonly replace?: readonly [part: string, by: string]
}

export async function alteredAnswer(response: Response, alteration: Alteration): Promise<Response> {
  const text = await response.text()
  const { replace } = alteration
  const replaced = replace === undefined ? text : text.replaceAll(replace[0], () => replace[1])
  const body =
    alteration.with === undefined ? replaced : JSON.stringify(merged(JSON.parse(replaced), alteration.with))
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return new Response(body, { status: response.status, headers })
}

function merged(value: unknown, over: unknown): unknown {
  if (!isStructure(over) || !isStructure(value)) return over
  const all = Object.entries({ ...value, ...over }).map(([name, given]) => [
    name,
    name in over ? merged(value[name], given) : given,
  ])
  return Object.fromEntries(all.filter(([, given]) => given !== null))
}

function isStructure(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
