/** Sizes: as a flag gives them, and as people read them. */
import { InvalidArgumentError } from 'commander'

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

/**
 * A flag's value such as `512MiB`, `1GB` or a plain number of bytes.
 * @returns bytes
 * @throws InvalidArgumentError
 */
export function parseSize(text: string): number {
  const [, number = '', unit = '?'] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? []
  const bytes = Math.round(Number(number) * (unitBytes[unit] ?? 0))
  if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes
  throw new InvalidArgumentError('It is a size such as 512MiB, 1GiB or 200MB.')
}

/** Bytes in decimal units, as S3 bills them: `812 B`, `4.2 kB`, `21.3 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`
  if (bytes < 999_950) return `${(bytes / 1e3).toFixed(1)} kB`
  if (bytes < 999_950_000) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${(bytes / 1e9).toFixed(2)} GB`
}
