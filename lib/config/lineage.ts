/** Where OpenLineage's events are sent: the variables that all of its clients read. */
import { whyNoHttpUrl } from './http-url.ts'
import { type Environment, setting, wrongSetting } from './setting.ts'

export interface LineageConfig {
  /** The endpoint, whole. */
  readonly url: string
  /** A secret. */
  readonly apiKey: string | undefined
  /** That of jobs. */
  readonly namespace: string
  /** The run that has started this one; undefined: none has, or what it says of itself is no run. */
  readonly parent: ParentRun | undefined
  /** Whatever the parent says is above it; undefined: nothing. */
  readonly root: ParentRun | undefined
}

export interface ParentRun {
  readonly namespace: string
  readonly name: string
  /** A UUID. */
  readonly runId: string
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** @returns undefined: nowhere @throws Failure (2) without showing what may be secret */
export function parseLineage(env: Environment): LineageConfig | undefined {
  const base = setting(env, 'OPENLINEAGE_URL')
  if (base === undefined || setting(env, 'OPENLINEAGE_DISABLED')?.toLowerCase() === 'true') return undefined
  return {
    url: endpointOf(base, setting(env, 'OPENLINEAGE_ENDPOINT') ?? 'api/v1/lineage'),
    apiKey: parseApiKey(env),
    namespace: setting(env, 'OPENLINEAGE_NAMESPACE') ?? 'default',
    parent: parentIn(setting(env, 'OPENLINEAGE_PARENT_ID')),
    root: parentIn(setting(env, 'OPENLINEAGE_ROOT_PARENT_ID')),
  }
}

function endpointOf(base: string, endpoint: string): string {
  const wrong = whyNoHttpUrl(base)
  if (wrong !== undefined) {
    const advice = 'Write https://host, and the path behind it as OPENLINEAGE_ENDPOINT.'
    throw wrongSetting('OPENLINEAGE_URL', wrong, advice)
  }
  const url = new URL(base)
  if (url.username !== '' || url.password !== '') {
    throw wrongSetting(
      'OPENLINEAGE_URL',
      'has a user or a password in it',
      'Give the key as OPENLINEAGE_API_KEY.',
    )
  }
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${endpoint.replace(/^\/+/, '')}`
  return url.href
}

function parseApiKey(env: Environment): string | undefined {
  const key = setting(env, 'OPENLINEAGE_API_KEY')
  if (key === undefined || /^[\x21-\x7e]+$/.test(key)) return key
  throw wrongSetting(
    'OPENLINEAGE_API_KEY',
    'has a character that no HTTP header takes',
    'Give the key alone, without blanks and line breaks.',
  )
}

/** `namespace/job/run`, as OpenLineage's integrations pass it on: a namespace may have slashes of its own. */
function parentIn(text: string | undefined): ParentRun | undefined {
  const [, namespace, name, runId] = /^(.+)\/([^/]+)\/([^/]+)$/.exec(text ?? '') ?? []
  if (namespace === undefined || name === undefined || runId === undefined || !uuid.test(runId))
    return undefined
  return { namespace, name, runId }
}
