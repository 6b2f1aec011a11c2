/**
 * How Smithy's REST protocol in XML says a structure: in the path, the query, the headers and the body. What is read
 * here is a structure as AWS JSON would say it, so that it can be held against the model.
 */
import type { Json } from '../json/input.ts'
import type { Element } from '../s3/xml.ts'
import type { Member, Schema, Structure } from './schema.ts'

/** A request or an answer without what is the protocol's own; its body as far as it is a document. */
export interface Sent {
  readonly labels?: Readonly<Record<string, string>>
  readonly query?: Iterable<readonly [string, string]>
  readonly headers: Iterable<readonly [string, string]>
  readonly body?: { readonly root: string; readonly content: Element }
}

/**
 * The structure that was sent. What the schema has no place for (of headers those of `x-amz-`) is a member by its own
 * name, and what is no value of its type stays a text: the model then refuses both.
 */
export function restStructure(structure: Structure, { labels, query = [], headers, body }: Sent): Json {
  const places = placesOf(structure)
  const found: Record<string, unknown> = {}
  for (const name of places.labels) found[name] = labels?.[name]
  for (const [word, value] of query) put(found, places.queries.get(word) ?? word, value)
  for (const [given, value] of headers) {
    const header = given.toLowerCase()
    const place = places.headers.get(header)
    const prefix = place === undefined ? places.prefixes.find(([each]) => header.startsWith(each)) : undefined
    if (prefix !== undefined) {
      const [begin, name] = prefix
      found[name] = { ...(found[name] as Json | undefined), [header.slice(begin.length)]: value }
    } else if (place !== undefined || header.startsWith('x-amz-')) put(found, place ?? header, value)
  }
  if (body === undefined) return found
  const { payload, document } = places
  if (payload !== undefined) found[payload[0]] = payloadOf(...payload, body)
  return document.size === 0 ? found : { ...found, ...documentOf(document, structure.xmlName, body) }
}

/** @param place a member, or the name of what is none */
function put(found: Record<string, unknown>, place: readonly [string, Member] | string, text: string): void {
  if (typeof place === 'string') found[place] = text
  else found[place[0]] = textValue(place[1].schema(), text)
}

/** Which member is where. */
interface Places {
  readonly labels: readonly string[]
  readonly queries: ReadonlyMap<string, readonly [string, Member]>
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, readonly [string, Member]>
  readonly prefixes: readonly (readonly [prefix: string, member: string])[]
  readonly payload: readonly [string, Member] | undefined
  readonly document: Structure['members']
}

const known = new WeakMap<Structure, Places>()

function placesOf(structure: Structure): Places {
  const found = known.get(structure)
  if (found !== undefined) return found
  const all = [...structure.members]
  const made: Places = {
    labels: all.flatMap(([name, { label }]) => (label === true ? [name] : [])),
    queries: new Map(
      all.flatMap((each) => (each[1].query === undefined ? [] : [[each[1].query, each] as const])),
    ),
    headers: new Map(
      all.flatMap((each) =>
        each[1].header === undefined ? [] : [[each[1].header.toLowerCase(), each] as const],
      ),
    ),
    prefixes: all.flatMap(([name, { headerPrefix }]) =>
      headerPrefix === undefined ? [] : [[headerPrefix, name] as const],
    ),
    payload: all.find(([, { payload }]) => payload === true),
    document: new Map(all.filter(([, member]) => isInDocument(member))),
  }
  known.set(structure, made)
  return made
}

function isInDocument({ label, query, header, headerPrefix, payload }: Member): boolean {
  return (
    label !== true &&
    payload !== true &&
    query === undefined &&
    header === undefined &&
    headerPrefix === undefined
  )
}

type Body = NonNullable<Sent['body']>

function payloadOf(name: string, { schema, xmlName }: Member, body: Body): unknown {
  const payload = schema()
  if (payload.kind === 'anything') return undefined
  const root =
    xmlName ?? (payload.kind === 'structure' ? payload.xmlName : undefined) ?? payloadName(payload, name)
  return body.root === root ? elementValue(payload, body.content) : { [body.root]: '' }
}

/** A payload without a name is called as its structure is. */
function payloadName(payload: Schema, name: string): string {
  return payload.kind === 'structure' ? payload.name : name
}

function documentOf(
  members: Structure['members'],
  xmlName: string | undefined,
  { root, content }: Body,
): Json {
  if (xmlName !== undefined && root !== xmlName) return { [root]: '' }
  // S3 says a bucket's place without an element around it.
  if (members.has(root) && !isParent(content)) return { [root]: content === '' ? undefined : content }
  return elementStructure(members, content)
}

function elementValue(schema: Schema, content: Element): unknown {
  if (schema.kind === 'structure')
    return isParent(content) || content === '' ? elementStructure(schema.members, content) : content
  if (schema.kind === 'list') {
    const { xmlName = 'member', schema: element } = schema.element
    if (!isParent(content)) return content === '' ? [] : content
    return [content[xmlName] ?? []].flat().map((each) => elementValue(element(), each))
  }
  return content === undefined || typeof content === 'object' ? content : textValue(schema, String(content))
}

function elementStructure(members: Structure['members'], content: Element): Json {
  const elements = new Map(Object.entries(isParent(content) ? content : {}))
  const found: Record<string, unknown> = {}
  for (const [name, { xmlName = name, flattened, schema }] of members) {
    const element = elements.get(xmlName)
    elements.delete(xmlName)
    if (element === undefined) continue
    const value = schema()
    found[name] =
      flattened === true && value.kind === 'list'
        ? [element].flat().map((each) => elementValue(value.element.schema(), each))
        : elementValue(value, element)
  }
  // White space between elements, and the declaration, as a parser gives them.
  for (const name of ['#text', '?xml']) elements.delete(name)
  return { ...found, ...Object.fromEntries(elements) }
}

/** @returns undefined for undefined */
function textValue(schema: Schema, text: string | undefined): unknown {
  if (text === undefined) return undefined
  switch (schema.kind) {
    case 'list':
      return text.split(',').map((each) => textValue(schema.element.schema(), each.trim()))
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text
    case 'number':
      return /^-?\d+$/.test(text) ? Number(text) : text
    case 'time':
      return Number.isNaN(Date.parse(text)) ? text : Date.parse(text) / 1000
    default:
      return text
  }
}

function isParent(content: Element): content is { readonly [name: string]: Element } {
  return typeof content === 'object' && !Array.isArray(content)
}
