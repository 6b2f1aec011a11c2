/** Who is told how programs end: the name of the environment, a webhook, a topic of SNS, a folder of metrics. */
import { readFileSync } from 'node:fs'
import { whyNoHttpUrl } from './http-url.ts'
import { type Environment, setting, wrongSetting } from './setting.ts'

export interface NotifyConfig {
  /** What people call this installation: `production`. */
  readonly environment: string | undefined
  readonly webhook: WebhookConfig | undefined
  readonly topic: TopicConfig | undefined
  /** The folder of node exporter's textfile collector. */
  readonly metricsFolder: string | undefined
}

export interface WebhookConfig {
  /** A secret: whoever has it may write there. */
  readonly url: string
  readonly format: 'json' | 'slack'
}

export interface TopicConfig {
  readonly arn: string
  readonly region: string
}

/** A label in logs and messages, and part of the name of a file. */
const environmentName = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$/

/** AWS General Reference, "Amazon Resource Names"; SNS API, CreateTopic. */
const topicArn = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):\d{12}:[A-Za-z0-9_-]{1,256}$/

/** @throws Failure (2) naming the variable that is wrong, never the webhook */
export function parseNotify(env: Environment): NotifyConfig {
  return {
    environment: parseEnvironmentName(env),
    webhook: parseWebhook(env),
    topic: parseTopic(env),
    metricsFolder: parseMetricsFolder(env),
  }
}

/** What of it is right: one who can be told is told of what is wrong with the others. Never throws. */
export function findNotify(env: Environment): NotifyConfig {
  return {
    environment: ifRight(parseEnvironmentName, env),
    webhook: ifRight(parseWebhook, env),
    topic: ifRight(parseTopic, env),
    metricsFolder: ifRight(parseMetricsFolder, env),
  }
}

/** @returns undefined: it has no name, or none that can be */
export function findEnvironmentName(env: Environment): string | undefined {
  return ifRight(parseEnvironmentName, env)
}

function ifRight<T>(parse: (env: Environment) => T | undefined, env: Environment): T | undefined {
  try {
    return parse(env)
  } catch {
    return undefined
  }
}

/** @returns undefined: it has no name @throws Failure (2) for what is no name */
export function parseEnvironmentName(env: Environment): string | undefined {
  const name = setting(env, 'DRACULA_ENVIRONMENT')
  if (name === undefined || environmentName.test(name)) return name
  throw wrongSetting(
    'DRACULA_ENVIRONMENT',
    'is no name of an environment',
    'Use at most 63 letters, digits, blanks, points, hyphens and underscores, such as production.',
  )
}

function parseWebhook(env: Environment): WebhookConfig | undefined {
  const given = webhookText(env)
  const format = setting(env, 'DRACULA_WEBHOOK_FORMAT')
  if (format !== undefined && format !== 'json' && format !== 'slack') {
    throw wrongSetting('DRACULA_WEBHOOK_FORMAT', 'is neither json nor slack', 'Use one of them.')
  }
  if (given === undefined) return undefined
  const { name, text } = given
  const wrong = whyNoHttpUrl(text)
  if (wrong !== undefined) {
    throw wrongSetting(name, wrong, 'Write https://host/path, as whoever receives it gives it.')
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    throw wrongSetting(
      name,
      'has a user or a password in it, which no webhook is sent',
      'Use a URL that is secret by its path.',
    )
  }
  return { url: text, format: format ?? (isSlack(url) ? 'slack' : 'json') }
}

/** Whether the program was started by another one that is at a terminal. */
export function parseAtTerminal(env: Environment): boolean {
  return setting(env, 'DRACULA_AT_TERMINAL') === '1'
}

function webhookText(env: Environment): { readonly name: string; readonly text: string } | undefined {
  const text = setting(env, 'DRACULA_WEBHOOK')?.trim()
  const path = setting(env, 'DRACULA_WEBHOOK_FILE')
  if (path === undefined) return text === undefined ? undefined : { name: 'DRACULA_WEBHOOK', text }
  if (text !== undefined) {
    throw wrongSetting('DRACULA_WEBHOOK_FILE', 'is set beside DRACULA_WEBHOOK', 'Unset one of them.')
  }
  try {
    return { name: 'DRACULA_WEBHOOK_FILE', text: readFileSync(path, 'utf8').trim() }
  } catch (cause) {
    throw wrongSetting(
      'DRACULA_WEBHOOK_FILE',
      `names the file ${path}, which cannot be read`,
      'Name a file that holds the URL, and nothing else.',
      cause,
    )
  }
}

/** Slack's own hosts (Slack documentation, "Sending messages using incoming webhooks"). */
function isSlack({ hostname }: URL): boolean {
  return hostname === 'hooks.slack.com' || hostname === 'hooks.slack-gov.com'
}

function parseTopic(env: Environment): TopicConfig | undefined {
  const arn = setting(env, 'DRACULA_SNS_TOPIC')
  if (arn === undefined) return undefined
  const [, region] = topicArn.exec(arn) ?? []
  if (region !== undefined) return { arn, region }
  throw wrongSetting(
    'DRACULA_SNS_TOPIC',
    arn.endsWith('.fifo') ? 'is a FIFO topic' : 'is not the ARN of a topic',
    'Write that of a standard topic: arn:aws:sns:eu-central-1:123456789012:alerts.',
  )
}

function parseMetricsFolder(env: Environment): string | undefined {
  const folder = setting(env, 'DRACULA_METRICS_DIRECTORY')
  if (folder === undefined || folder.startsWith('/')) return folder
  throw wrongSetting(
    'DRACULA_METRICS_DIRECTORY',
    'does not begin with a slash',
    'Write the whole path, as --collector.textfile.directory of node exporter has it.',
  )
}
