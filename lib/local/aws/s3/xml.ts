/** The XML that S3 writes and reads. */
import { XMLParser } from 'fast-xml-parser'
import { ServiceError } from '../service-error.ts'

export type Element = string | number | boolean | undefined | Element[] | { readonly [name: string]: Element }

/** An S3 document. A list repeats its element; undefined leaves it out. */
export function xml(root: string, content: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, content)}`
}

function element(name: string, content: Element): string {
  if (content === undefined) return ''
  if (Array.isArray(content)) return content.map((each) => element(name, each)).join('')
  const inner =
    typeof content === 'object'
      ? Object.entries(content)
          .map(([child, value]) => element(child, value))
          .join('')
      : escaped(String(content))
  return `<${name}>${inner}</${name}>`
}

/** Control characters too: a carriage return in a key would come back as a line feed. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped here
  return text.replace(/[&<>"\u0000-\u001f]/g, (character) => `&#${character.charCodeAt(0)};`)
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => name === 'Object' || name === 'Part',
})

/**
 * The children of `root` in an S3 request body; values are strings.
 * @throws ServiceError MalformedXML
 */
export function parseXml(body: Uint8Array, root: string): Record<string, unknown> {
  try {
    const document: Record<string, unknown> = parser.parse(new TextDecoder().decode(body), true)
    const content = document[root]
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>
  } catch {
    // Falls through to the answer S3 gives for both.
  }
  throw new ServiceError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  )
}
