/** A URL that something is sent to by HTTP. */

/** @returns what is wrong with it, after "it", and never any of it; undefined: nothing */
export function whyNoHttpUrl(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return 'is not a URL'
  if (!/^https?:$/.test(url.protocol)) return 'begins with neither https:// nor http://'
  // The parser would take some of it away without a word.
  if (/[\s\p{Cc}]/u.test(text)) return 'has white space in it'
  return undefined
}
