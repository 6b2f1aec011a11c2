/**
 * Answers that do not come from AWS or anything that speaks as it does: the page of a proxy or load balancer, of a
 * captive portal, or of the web server that an endpoint names by mistake. Read as an answer of AWS, such a page is a
 * riddle at best (`JSON Parse error`), and an upload or a list without rows at worst.
 */
export interface Answer {
  /** `https://glue.eu-west-1.amazonaws.com`, for messages. */
  readonly from: string
  /** Glue and Athena answer in JSON, S3 in XML, with an object or with nothing. */
  readonly protocol: 'json' | 's3'
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

/** Enough to know what a text is and to quote from it. */
const headBytes = 4_096
const quotedLetters = 80

/** @returns the error to throw, named ForeignAnswer or, where the answer is only a part of one, with code ECONNRESET */
export function foreignAnswer(answer: Answer): Error | undefined {
  const head = new TextDecoder().decode(answer.body.subarray(0, headBytes)).trimStart()
  const foreign = answer.protocol === 'json' ? isForeignJson(answer, head) : isForeignToS3(answer, head)
  if (foreign) return asError(answer, head)
  return isCut(answer, head) ? cutError(answer) : undefined
}

function isForeignJson({ status, headers, body }: Answer, head: string): boolean {
  if (status >= 300 && status < 400) return true
  if (body.length === 0) {
    return isWebPage(headers, head) || (status >= 400 && !headers.has('x-amzn-errortype'))
  }
  if (!head.startsWith('{')) return true
  // An error of AWS has a type; a gateway's, such as {"message": "no Route matched"}, has none.
  return status >= 400 && !headers.has('x-amzn-errortype') && !/"(__type|code)"\s*:/.test(head)
}

/** Who sends one of them speaks as S3 does; moto has the last alone, with `text/html` where it says nothing more. */
const spokenHeaders = ['etag', 'x-amz-request-id', 'x-amz-bucket-region', 'x-amzn-requestid']

function isForeignToS3({ status, headers, body }: Answer, head: string): boolean {
  const spoken = spokenHeaders.some((name) => headers.has(name))
  if (status < 300) return isWebPage(headers, head) && !(spoken && body.length === 0)
  // S3 says nothing more than a status where it was asked for the head alone.
  if (body.length === 0) {
    return !spoken && (status >= 500 || isWebPage(headers, head) || headers.has('location'))
  }
  return !head.includes('<Error')
}

function isWebPage(headers: Headers, head: string): boolean {
  if (head === '') return headers.get('content-type')?.startsWith('text/html') === true
  return /^(<!doctype html|<html|<head|<body|<title|<h1)/i.test(head.replace(/^(<!--[\s\S]*?-->\s*)+/, ''))
}

/** An HTTP answer that ends with its connection has no length to be short of. */
function isCut({ protocol, headers, body }: Answer, head: string): boolean {
  if (body.length === 0) return false
  const end = new TextDecoder().decode(body.subarray(-headBytes)).trimEnd()
  if (protocol === 'json') return !end.endsWith('}')
  if (headers.get('content-type')?.includes('xml') !== true) return false
  const [, root = ''] = /^(?:<\?.*?\?>)?\s*<([\w:]+)/s.exec(head) ?? []
  return !end.endsWith(`</${root}>`) && !end.endsWith('/>')
}

function asError({ from, status, headers }: Answer, head: string): Error {
  const redirected = redirection(headers.get('location'), from)
  const words = redirected === undefined ? firstWords(head) : ''
  const what = redirected ?? (words === '' ? 'nothing that AWS would answer' : `"${words}"`)
  return Object.assign(new Error(`${from} answers with HTTP ${status} and ${what}`), {
    name: 'ForeignAnswer',
    $metadata: { httpStatusCode: status },
  })
}

function cutError({ from, status }: Answer): Error {
  return Object.assign(new Error(`ECONNRESET: ${from} broke off its answer`), {
    code: 'ECONNRESET',
    $metadata: { httpStatusCode: status },
  })
}

/** Where it sends us, less what may be a session's secret. */
function redirection(location: string | null, from: string): string | undefined {
  if (location === null) return undefined
  const url = URL.parse(location, from)
  return url === null ? undefined : `sends on to ${url.origin}${url.pathname}`
}

/** What a person would read first. */
function firstWords(head: string): string {
  const text = head
    .replace(/<(script|style)\b[\s\S]*?(<\/\1>|$)/gi, ' ')
    .replace(/<!--[\s\S]*?(-->|$)/g, ' ')
    .replace(/<[^>]*(>|$)/g, ' ')
    .replace(/&(nbsp|#160);/g, ' ')
    .replace(/&amp;/g, '&')
    .replace(/[\p{C}\s"]+/gu, ' ')
    .trim()
  return text.length <= quotedLetters ? text : `${text.slice(0, quotedLetters).trimEnd()} …`
}
