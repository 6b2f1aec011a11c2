/** A message to a webhook: as Slack takes it, or whole. */
import type { WebhookConfig } from '../config/config.ts'
import type { Message } from './message.ts'

/** @throws Error whose message says why it was not taken, without the URL */
export async function postToWebhook(
  { url, format }: WebhookConfig,
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(format === 'slack' ? { text: escaped(message.text) } : message)
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  let status: number
  try {
    // Whoever it is sent on to was never named: the message is not for them.
    const response = await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal })
    status = response.status
    await response.body?.cancel()
  } catch (error) {
    throw new Error(reasonOf(error))
  }
  if (status < 200 || status > 299) throw new Error(`it answered HTTP ${status}`)
}

/** What Slack would take for a link, a mention or markup (Slack documentation, "Formatting text for app surfaces"). */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The messages of `fetch` may have the URL in them; its codes have not. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be reached'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^[A-Za-z_]+$/.test(code) ? `it cannot be reached (${code})` : 'it cannot be reached'
}
