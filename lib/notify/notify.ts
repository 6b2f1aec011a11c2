/**
 * Who is told how programs end, beside the log: a webhook and a topic of SNS of every change, node exporter of every load.
 *
 * I want to…                              → file
 * know what programs say of tables        → outcome.ts
 * change when something is told           → state.ts
 * change what is told                     → message.ts
 * change how it is sent                   → deliver.ts, webhook.ts, lib/aws/sns.ts
 * know where it is kept what was told     → kept-state.ts, lib/lake/layout.ts
 * change what node exporter is given      → metrics-file.ts
 */
import type { LakeConfig, NotifyConfig } from '../config/config.ts'
import { type Delivered, deliver } from './deliver.ts'
import { keepTold, openKept, settle } from './kept-state.ts'
import { messageOf, type Told } from './message.ts'
import type { Outcome } from './outcome.ts'
import { type Channel, channels, type Run } from './state.ts'

export interface Notified extends Delivered {
  /** How many changes were to be told. */
  readonly changes: number
}

/**
 * Tells what has changed with these outcomes, once whichever machine they are from: the lake keeps what was told. Where it
 * does not, every failure is told. It never throws, and takes a few seconds at the most.
 * @param lake undefined: none is configured
 */
export async function notify(
  outcomes: readonly Outcome[],
  { config, lake }: { readonly config: NotifyConfig; readonly lake: LakeConfig | undefined },
): Promise<Notified> {
  const configured = channelsOf(config)
  if (configured.length === 0 || outcomes.length === 0) return { changes: 0, told: [], warnings: [] }
  const run: Run = { id: crypto.randomUUID(), now: Date.now(), channels: configured }
  const kept = openKept(lake)
  try {
    const { changed, warnings } = await settle(kept, outcomes, run)
    // Each channel has a message of its own: one may have missed what another was told.
    const deliveries = await Promise.all(
      configured.map(async (channel): Promise<Delivered> => {
        const own: Told[] = changed.filter(({ telling }) => telling.to.includes(channel))
        if (own.length === 0) return { told: [], warnings: [] }
        return deliver(config, messageOf(own, config.environment, run.now), [channel])
      }),
    )
    const told = deliveries.flatMap((each) => each.told)
    await keepTold(kept, changed, told, run)
    return {
      changes: changed.length,
      told,
      warnings: [...warnings, ...deliveries.flatMap((each) => each.warnings)],
    }
  } finally {
    kept?.close()
  }
}

/** Those that are configured. */
export function channelsOf({ webhook, topic }: NotifyConfig): Channel[] {
  const isConfigured = { webhook: webhook !== undefined, sns: topic !== undefined }
  return channels.filter((each) => isConfigured[each])
}
