/** A webhook: a real server that keeps what it is sent, and answers as told. */

export interface Received {
  readonly path: string
  readonly type: string | null
  readonly text: string
  /** @throws SyntaxError when it is no JSON */
  json(): Record<string, unknown>
}

export function openWebhook(answer: () => Response | Promise<Response> = () => new Response('ok')) {
  const received: Received[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const text = await request.text()
      const { pathname } = new URL(request.url)
      const type = request.headers.get('content-type')
      received.push({ path: pathname, type, text, json: () => JSON.parse(text) })
      return answer()
    },
  })
  const token = 'Zx81secretTokenOfAWebhook'
  return {
    url: `http://127.0.0.1:${server.port}/services/T01/B02/${token}`,
    /** What is secret of the URL. */
    token,
    received,
    /** The only message so far that is looked at. @throws Error when there are more or none */
    taken(): Record<string, unknown> {
      const [first, ...more] = received.splice(0)
      if (first === undefined || more.length > 0)
        throw new Error(`It got ${more.length + (first ? 1 : 0)} messages`)
      return first.json()
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}
