/** Who is told how programs end: each is sent a message that says it is a test, as only that shows whether it arrives. */
import { access, constants } from 'node:fs/promises'
import { readNotify } from '../../config/config.ts'
import { commandLine } from '../../failure/command-line.ts'
import { fileReason } from '../../failure/file-reason.ts'
import { deliver } from '../../notify/deliver.ts'
import { testMessage } from '../../notify/message.ts'
import { channelsOf } from '../../notify/notify.ts'
import type { Channel } from '../../notify/state.ts'
import { type Finding, findingOf, missing, ok } from './finding.ts'

const fixes: Readonly<Record<Channel, string>> = {
  webhook: 'Correct DRACULA_WEBHOOK, or what receives it.',
  sns: `Correct DRACULA_SNS_TOPIC, or allow sns:Publish as ${commandLine('policies iam')} does.`,
}

/** @returns nothing where nobody is to be told */
export async function examineAlerts(signal: AbortSignal): Promise<Finding[]> {
  const found: Finding[] = []
  const configured = await findingOf('alerts', signal, async () => {
    const config = readNotify()
    const message = testMessage(config.environment, Date.now())
    const channels = channelsOf(config).map(async (channel) => {
      const { warnings } = await deliver(config, message, [channel])
      const [first] = warnings
      return first === undefined
        ? ok(channel, 'it took a message that says it is a test')
        : missing(channel, first.replace(/\.$/, ''), fixes[channel])
    })
    const { metricsFolder } = config
    const metrics = metricsFolder === undefined ? [] : [examineMetrics(metricsFolder)]
    found.push(...(await Promise.all([...channels, ...metrics])))
    return ''
  })
  return configured.status === 'ok' ? found : [configured]
}

async function examineMetrics(folder: string): Promise<Finding> {
  try {
    await access(folder, constants.W_OK | constants.X_OK)
    return ok('metrics', folder)
  } catch (error) {
    const fix = 'Make the folder, let this user write there, or correct DRACULA_METRICS_DIRECTORY.'
    return missing('metrics', `${folder} cannot be written: ${fileReason(error)}`, fix)
  }
}
