/** A browser without a screen, the distribution's Chromium, driven by the protocol of its developer tools. */
import { temporaryFolder } from './temporary.ts'

/** undefined: this machine has none. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome'].flatMap(
  (name) => Bun.which(name) ?? [],
)[0]

export interface Viewport {
  readonly width: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
}

export interface Page {
  /** Opens an address, and resolves when it is loaded. */
  open(url: string): Promise<void>
  resize(viewport: Viewport): Promise<void>
  /** What the expression gives there, as JSON carries it. @throws Error where it throws */
  evaluate(expression: string): Promise<unknown>
  /** Presses and releases a key: `Tab`, `Enter`, `/`. */
  press(key: string): Promise<void>
  /** A PNG of what is seen of it. */
  screenshot(): Promise<Uint8Array>
  /** Addresses that it has asked for. */
  readonly requests: readonly string[]
  /** What it has complained of: errors, what its policy refuses, and what scripts throw. */
  readonly complaints: readonly string[]
}

export interface Browser extends AsyncDisposable {
  page(viewport: Viewport): Promise<Page>
}

/** @param program see `chromium` */
export async function openBrowser(program: string): Promise<Browser> {
  const profile = await temporaryFolder()
  const child = Bun.spawn(
    [
      ...[program, '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run'],
      ...['--disable-background-networking', '--remote-debugging-port=0', `--user-data-dir=${profile.path}`],
    ],
    {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
      // It keeps a folder beside its profile, which it does not remove when it is killed.
      env: { ...process.env, TMPDIR: profile.path },
    },
  )
  const socket = new WebSocket(await addressIn(child.stderr))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  const { send, onEvent } = converse(socket)
  return {
    page: (viewport) => openPage(send, onEvent, viewport),
    async [Symbol.asyncDispose]() {
      socket.close()
      child.kill('SIGKILL')
      await child.exited
      await profile[Symbol.asyncDispose]()
    },
  }
}

async function addressIn(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stderr) {
    text += decoder.decode(chunk, { stream: true })
    const [, address] = /DevTools listening on (ws:\S+)/.exec(text) ?? []
    if (address !== undefined) return address
  }
  throw new Error(`The browser has not started: ${text}`)
}

type Fields = Readonly<Record<string, unknown>>
type Send = (method: string, params?: Fields, session?: string) => Promise<Fields>
type OnEvent = (session: string, listener: (method: string, params: Fields) => void) => void

function converse(socket: WebSocket): { readonly send: Send; readonly onEvent: OnEvent } {
  const waiting = new Map<number, { resolve: (value: Fields) => void; reject: (error: Error) => void }>()
  const listeners = new Map<string, (method: string, params: Fields) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error, method, params, sessionId } = JSON.parse(String(data))
    if (method !== undefined) return listeners.get(sessionId)?.(method, params)
    const { resolve, reject } = waiting.get(id) ?? {}
    waiting.delete(id)
    if (error === undefined) resolve?.(result)
    else reject?.(new Error(error.message))
  })
  let last = 0
  return {
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, { resolve, reject })
        socket.send(JSON.stringify({ id, method, params, sessionId }))
      }),
    onEvent: (session, listener) => listeners.set(session, listener),
  }
}

async function openPage(send: Send, onEvent: OnEvent, viewport: Viewport): Promise<Page> {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
  const session = String(sessionId)
  const tell: Send = (method, params) => send(method, params, session)
  const requests: string[] = []
  const complaints: string[] = []
  let loaded = Promise.withResolvers<void>()
  onEvent(session, (method, params) => {
    const of = (name: string): Fields => Object(params[name])
    if (method === 'Page.loadEventFired') loaded.resolve()
    if (method === 'Network.requestWillBeSent') requests.push(String(of('request')['url']))
    if (method === 'Log.entryAdded') complaints.push(String(of('entry')['text']))
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(of('exceptionDetails')))
    if (method === 'Runtime.consoleAPICalled') complaints.push(JSON.stringify(params['args']))
  })
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await tell(`${domain}.enable`)
  const resize = async ({ width, height = 900, scheme = 'light' }: Viewport) => {
    await tell('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
    const features = [{ name: 'prefers-color-scheme', value: scheme }]
    await tell('Emulation.setEmulatedMedia', { features })
  }
  await resize(viewport)
  return {
    requests,
    complaints,
    resize,
    async open(url) {
      loaded = Promise.withResolvers()
      await tell('Page.navigate', { url })
      await loaded.promise
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = await tell('Runtime.evaluate', {
        ...{ expression, returnByValue: true, awaitPromise: true },
      })
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
      return Object(result)['value']
    },
    async press(key) {
      const text = key.length === 1 ? { text: key } : key === 'Enter' ? { text: '\r' } : {}
      const code = { Tab: 9, Enter: 13, Escape: 27 }[key]
      const event = { key, code: key, ...text, ...(code !== undefined && { windowsVirtualKeyCode: code }) }
      await tell('Input.dispatchKeyEvent', { type: 'keyDown', ...event })
      await tell('Input.dispatchKeyEvent', { type: 'keyUp', ...event })
    },
    async screenshot() {
      const { data } = await tell('Page.captureScreenshot')
      return Buffer.from(String(data), 'base64')
    },
  }
}
