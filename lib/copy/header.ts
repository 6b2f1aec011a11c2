/** What a binary COPY begins with (PostgreSQL manual, COPY, "File Header"). */
import { brokenStream } from './broken-stream.ts'

const signature = Uint8Array.from('PGCOPY\n\xff\r\n\0', (character) => character.charCodeAt(0))
/** Signature (11 bytes), flags (4), length of the header extension (4). */
const headerBytes = 19
/** No extension is known, and a reader may skip one: what is longer is damage, and would be waited for. */
const mostExtension = 64 * 1024

/** Where the first row begins; −1 while more bytes are to come. @throws Failure (1) for what is no such header */
export function headerEnd(bytes: Uint8Array, thing: string): number {
  if (bytes.length < headerBytes) return -1
  for (let i = 0; i < signature.length; i++)
    if (bytes[i] !== signature[i]) throw brokenStream(thing, 'does not begin with its signature', { byte: i })
  if ((bytes[11]! | bytes[12]! | bytes[13]! | bytes[14]!) !== 0)
    throw brokenStream(thing, 'has flags that are not known', { byte: 11 })
  const extension = (bytes[15]! << 24) | (bytes[16]! << 16) | (bytes[17]! << 8) | bytes[18]!
  if (extension < 0 || extension > mostExtension)
    throw brokenStream(thing, `has a header extension of ${extension} bytes`, { byte: 15 })
  const end = headerBytes + extension
  return bytes.length < end ? -1 : end
}
