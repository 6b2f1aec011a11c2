/** A location in S3, `s3://bucket/prefix`: only what every client and server takes literally, so that all mean one place. */
import { wrongSetting } from './setting.ts'

export interface S3Location {
  readonly bucket: string
  /** Without slashes at its ends; may be empty. */
  readonly prefix: string
}

/**
 * A key of S3 has at most 1,024 bytes (S3 User Guide, "Naming Amazon S3 objects"). The rest is for what follows the
 * prefix: a table twice, a load, and a file's number.
 */
const mostPrefixLetters = 700

const scheme = 's3://'

/**
 * One slash at the end counts as none.
 * @param name of the variable it comes by
 * @throws Failure (2) naming the variable and which part of it is wrong
 */
export function parseS3Location(name: string, text: string): S3Location {
  const [bucket = '', ...path] = text.replace(scheme, '').split('/')
  const segments = path.at(-1) === '' ? path.slice(0, -1) : path
  const reason =
    (text.startsWith(scheme) ? undefined : `it does not begin with ${scheme}`) ??
    strayCharacter(text.slice(scheme.length)) ??
    wrongBucket(bucket) ??
    wrongPrefix(segments)
  if (reason === undefined) return { bucket, prefix: segments.join('/') }
  throw wrongSetting(
    name,
    `is not an S3 location: ${reason}`,
    'Write s3://bucket/prefix, the prefix of letters, digits, dots, hyphens, underscores and single slashes.',
  )
}

/**
 * S3 User Guide, "Safe characters", less what a crawler takes for a partition (`=`) and what URLs escape or cut off. The
 * character is told and not the text around it, which may be a secret that was pasted into the wrong variable.
 */
function strayCharacter(text: string): string | undefined {
  const [stray] = /[^A-Za-z0-9_./-]/u.exec(text) ?? []
  if (stray === undefined) return undefined
  if (/\s/.test(stray)) return 'it has white space'
  const code = stray.codePointAt(0) ?? 0
  const spelt = /[!-~]/.test(stray) ? stray : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  return `it has the character ${spelt}`
}

/** S3 User Guide, "General purpose bucket naming rules"; other kinds of bucket have these endings, and Athena reads none. */
function wrongBucket(bucket: string): string | undefined {
  if (bucket === '') return 'it names no bucket'
  const its = `its bucket "${bucket}"`
  if (bucket.length < 3 || bucket.length > 63) {
    return `its bucket's name has ${bucket.length} letters, and S3 takes 3 to 63`
  }
  if (!/^[a-z0-9.-]+$/.test(bucket))
    return `${its} has other than lower-case letters, digits, dots and hyphens`
  if (!/^[a-z0-9].*[a-z0-9]$/.test(bucket)) return `${its} does not begin and end with a letter or digit`
  if (/\.\.|\.-|-\./.test(bucket)) return `${its} has a dot beside a dot or hyphen`
  if (/^\d+\.\d+\.\d+\.\d+$/.test(bucket)) return `${its} is an IP address`
  if (/^(xn--|sthree-|amzn-s3-demo-)/.test(bucket)) return `${its} begins as S3 lets no bucket begin`
  if (/(--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(bucket)) return `${its} is no general purpose bucket`
  return undefined
}

/** What a client or server rewrites: `s3://lake/../x` is another bucket's key to some, and `//` one slash. */
function wrongPrefix(segments: readonly string[]): string | undefined {
  if (segments.includes('')) return 'its prefix has two slashes in a row'
  const dots = segments.find((segment) => /^\.+$/.test(segment))
  if (dots !== undefined) return `its prefix has the segment "${dots}"`
  const { length } = segments.join('/')
  return length > mostPrefixLetters
    ? `its prefix has ${length} letters, and tables and loads leave room for ${mostPrefixLetters}`
    : undefined
}
