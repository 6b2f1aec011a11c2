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
export function restStructure({ members, xmlName }: Structure, sent: Sent): Json {
  const headers = new Map([...sent.headers].map(([name, value]) => [name.toLowerCase(), value]))
  const query = new Map(sent.query ?? [])
  const found: Record<string, unknown> = {}
  const inDocument = new Map<string, Member>()
  for (const [name, member] of members) {
    const { label, header, headerPrefix, query: word, payload, schema } = member
    if (label === true) found[name] = sent.labels?.[name]
    else if (header !== undefined) found[name] = textValue(schema(), taken(headers, header.toLowerCase()))
    else if (word !== undefined) found[name] = textValue(schema(), taken(query, word))
    else if (headerPrefix !== undefined) found[name] = prefixed(headers, headerPrefix)
    else if (payload === true) found[name] = payloadOf(name, member, sent.body)
    else inDocument.set(name, member)
  }
  const strange = [...[...headers].filter(([name]) => name.startsWith('x-amz-')), ...query]
  return {
    ...found,
    ...(sent.body === undefined || inDocument.size === 0 ? {} : documentOf(inDocument, xmlName, sent.body)),
    ...Object.fromEntries(strange),
  }
}

function taken(all: Map<string, string>, name: string): string | undefined {
  const value = all.get(name)
  all.delete(name)
  return value
}

function prefixed(headers: Map<string, string>, prefix: string): Json {
  const names = [...headers.keys()].filter((name) => name.startsWith(prefix))
  return Object.fromEntries(names.map((name) => [name.slice(prefix.length), taken(headers, name)]))
}

type Body = NonNullable<Sent['body']>

function payloadOf(name: string, { schema, xmlName }: Member, body: Body | undefined): unknown {
  const payload = schema()
  if (body === undefined || payload.kind === 'anything') return undefined
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
