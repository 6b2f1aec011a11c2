/**
 * How requests to AWS leave: through Bun's own `fetch`, which heeds HTTPS_PROXY and NO_PROXY.
 * The SDK's Node handler works under Bun too, but heeds no proxy, and copies a part's bytes several times on its way:
 * about 10 ms of CPU and 50 MB more resident memory for parts of 8 MiB, against 6 ms here.
 */
import type { NodeHttpHandler } from '@smithy/node-http-handler'

type RequestHandler = Pick<
  NodeHttpHandler,
  'metadata' | 'handle' | 'destroy' | 'updateHttpClientConfig' | 'httpHandlerConfigs'
>
type Query = Parameters<RequestHandler['handle']>[0]['query']

/**
 * A request handler for an SDK client. The timeout (ms) covers the whole exchange, from connecting to the last byte
 * of the answer, and really cancels it; `send(command, { requestTimeout })` sets another for one call.
 * Answers are held whole in memory: nothing a load fetches is large.
 * @throws Error named TimeoutError (which the SDK retries) or AbortError (which it does not)
 */
export function fetchHandler({ requestTimeout }: { readonly requestTimeout: number }): RequestHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),

    async handle(request, options = {}) {
      const { protocol, hostname, port, path, query, method, headers, body } = request
      const limit = options.requestTimeout ?? requestTimeout
      const abortSignal = options.abortSignal as AbortSignal | undefined
      if (abortSignal?.aborted) throw named('AbortError', 'Request aborted')

      const controller = new AbortController()
      const cancel = () => controller.abort()
      let timedOut = false
      const timer = setTimeout(() => {
        timedOut = true
        cancel()
      }, limit)
      abortSignal?.addEventListener('abort', cancel, { once: true })
      try {
        const url = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}${path}${search(query)}`
        const sent = method === 'GET' || method === 'HEAD' ? null : body
        const { signal } = controller
        const response = await fetch(url, { method, headers, body: sent, signal, redirect: 'manual' })
        const bytes = await response.arrayBuffer()
        return {
          response: {
            statusCode: response.status,
            reason: response.statusText,
            headers: Object.fromEntries(response.headers),
            body: new Blob([bytes]).stream(),
          },
        }
      } catch (error) {
        if (timedOut) throw named('TimeoutError', `${hostname} did not answer within ${limit} ms`)
        if (abortSignal?.aborted) throw named('AbortError', 'Request aborted')
        throw error
      } finally {
        clearTimeout(timer)
        abortSignal?.removeEventListener('abort', cancel)
      }
    },
  }
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

/** Encoded as the request was signed: RFC 3986, which encodes five characters more than encodeURIComponent. */
function search(query: Query): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    [value ?? ''].flat().map((each) => `${encoded(name)}=${encoded(each)}`),
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
