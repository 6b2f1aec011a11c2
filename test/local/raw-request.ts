import type { LocalAws } from '../../lib/local/aws/server.ts'

/** The stand-in's answer to one HTTP request, as a client that nobody here wrote sends it. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export const signed =
  'AWS4-HMAC-SHA256 Credential=local/20261126/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0'

/** @param path with its query */
export async function send(
  { url }: Pick<LocalAws, 'url'>,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Uint8Array,
): Promise<Answer> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: signed, ...headers },
    redirect: 'manual',
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

/** One request in AWS JSON 1.1: its status, and the answer. */
export async function sendJson(
  aws: Pick<LocalAws, 'url'>,
  target: string,
  input: unknown,
): Promise<{ readonly status: number; readonly answer: Record<string, unknown> }> {
  const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }
  const { status, text } = await send(aws, 'POST', '/', headers, JSON.stringify(input))
  return { status, answer: JSON.parse(text) }
}

/** The text of every element of that name in an S3 document. */
export function elements(document: string, name: string): string[] {
  return [...document.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) => text)
}
