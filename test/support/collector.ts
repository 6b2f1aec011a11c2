/** Somebody who is told by HTTP: a real server that keeps what it is sent, and answers as told. */

export interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export function openCollector(answer: () => Response | Promise<Response> = () => Response.json({})) {
  const received: Received[] = []
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const text = await request.text()
      const { pathname, search } = new URL(request.url)
      received.push({ path: pathname + search, headers: Object.fromEntries(request.headers), text })
      return answer()
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    received,
    /** What it was sent since it was last looked at, parsed. @throws SyntaxError when it is no JSON */
    taken: () => received.splice(0).map(({ text }) => JSON.parse(text)),
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}
