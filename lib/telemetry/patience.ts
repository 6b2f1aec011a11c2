/** How long OpenTelemetry is waited for, and what is said where it was not told. */
import packageFile from '../../package.json' with { type: 'json' }

/** Milliseconds, the SDK's own loading among them: how a load ends is settled, and whoever waits for it wants to know. */
const patienceMs = 3_000

/**
 * Never throws.
 * @param send gives why it was not taken, a clause each
 * @returns the same in sentences
 */
export async function tellWithin(send: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const late = Bun.sleep(patienceMs).then(() => [`it did not answer within ${patienceMs / 1_000} s`])
  const reasons = await Promise.race([send().catch((error: unknown) => [reasonOf(error)]), late])
  return [...new Set(reasons)].map((reason) => `OpenTelemetry was not told: ${reason}.`)
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ResolveMessage)) return 'its SDK failed'
  const packages = Object.entries(packageFile.peerDependencies).filter(([name]) =>
    name.startsWith('@opentelemetry/'),
  )
  const list = packages.map(([name, version]) => `${name}@${version}`).join(' ')
  return `its SDK is not installed here; add it with: bun add --exact ${list}`
}
