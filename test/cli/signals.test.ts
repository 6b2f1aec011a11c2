import { describe, expect, test } from 'bun:test'
import { lastMessage, start } from './start.ts'

/** Starts a load that waits, and sends the signal when it does. */
async function interrupted(signal: NodeJS.Signals, deaf: boolean) {
  const child = start([], { end: { kind: 'wait', deaf } })
  const reader = child.stderr.getReader()
  const decoder = new TextDecoder()
  let stderr = ''
  async function read(until: string): Promise<void> {
    while (!stderr.includes(until)) {
      const { value, done } = await reader.read()
      if (done) return
      stderr += decoder.decode(value, { stream: true })
    }
  }
  await read('waiting')
  child.kill(signal)
  return { child, rest: () => read('nothing that is ever written').then(() => stderr) }
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test('stops the load, which cleans up, says so and exits with 1', async () => {
    const { child, rest } = await interrupted(signal, false)
    expect(await child.exited).toBe(1)
    const message = lastMessage({ stderr: await rest() })
    expect(message).toStartWith('orders: not published; readers still see load 20261121t041200000z_aaaaaa')
    expect(message).toContain(`interrupted by ${signal}`)
    expect(message).toEndWith('Retry: yes.')
  })
})

test('a second signal ends the process at once', async () => {
  const { child } = await interrupted('SIGTERM', true)
  // What comes within half a second is the same signal, passed on by a package runner.
  await Bun.sleep(700)
  expect(child.exitCode).toBeNull()
  child.kill('SIGINT')
  expect(await child.exited).toBe(130)
})

test('the deadline stops the load', async () => {
  const child = start(['--deadline', '200ms'], { end: { kind: 'wait' } })
  expect(await child.exited).toBe(1)
  expect(lastMessage({ stderr: await child.stderr.text() })).toContain('it did not end within 0.2 s')
})
