/** How a connection to Postgres is secured. Unlike libpq's, the default for a host elsewhere is verify-full. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { wrongSetting } from './setting.ts'
import type { Tls } from './types.ts'

/** A value and where it was found, for messages. */
interface Given {
  readonly name: string
  readonly value: string | undefined
}

const modes: Readonly<Record<string, Tls['mode']>> = {
  disable: 'disable',
  // Tries without TLS first, and so is no safer than prefer.
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
}

/** @throws Failure (2) for a mode that is none, or an authority's file that cannot be read */
export function parseTls(host: string, { mode, root }: { mode: Given; root: Given }): Tls {
  if (host.startsWith('/')) return { mode: 'disable', ca: undefined }
  const wanted = mode.value === undefined ? undefined : modes[mode.value]
  if (mode.value !== undefined && wanted === undefined) {
    throw wrongSetting(mode.name, 'is no mode of TLS', `Use one of ${Object.keys(modes).join(', ')}.`)
  }
  if (root.value === 'system') {
    if (wanted !== undefined && wanted !== 'verify-full') {
      throw wrongSetting(
        root.name,
        `is system, and ${mode.name} is weaker than verify-full`,
        'Use verify-full.',
      )
    }
    return { mode: 'verify-full', ca: undefined }
  }
  const effective = wanted ?? (isLocal(host) ? 'disable' : 'verify-full')
  if (root.value === undefined || effective === 'disable' || effective === 'prefer') {
    return { mode: effective, ca: undefined }
  }
  // With an authority at hand, `require` verifies the chain, as in libpq.
  return { mode: effective === 'require' ? 'verify-ca' : effective, ca: readAuthority(root.name, root.value) }
}

function isLocal(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

function readAuthority(name: string, path: string): string {
  const advice = 'Name a file of PEM certificates that exists, such as the bundle of RDS.'
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (cause) {
    throw wrongSetting(name, `names the file ${path}, which cannot be read`, advice, cause)
  }
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0)
    throw wrongSetting(name, `names the file ${path}, which holds no certificate`, advice)
  try {
    for (const block of blocks) new X509Certificate(block)
  } catch (cause) {
    throw wrongSetting(name, `names the file ${path}, which holds a broken certificate`, advice, cause)
  }
  return pem
}
