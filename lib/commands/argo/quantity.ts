/** What pods ask of a node, as Kubernetes writes it. */
import { InvalidArgumentError } from 'commander'

/** Bytes by the ends of a quantity: those that somebody writes who means memory. */
const unitBytes: Readonly<Record<string, number>> = { M: 1e6, G: 1e9, Mi: 2 ** 20, Gi: 2 ** 30 }

/** A load that looks nothing up takes 256 MiB, and what it runs in the rest. */
const leastMemory = 512 * 2 ** 20

/** What of a pod's memory is not for lookups: so much is left of the default too. */
const besidesLookups = 512 * 2 ** 20

/** @throws InvalidArgumentError */
export function memoryQuantity(text: string): string {
  const bytes = bytesOf(text)
  if (Number.isSafeInteger(bytes) && bytes >= leastMemory) return text
  throw new InvalidArgumentError('It is 512Mi or more, such as 1536Mi or 4Gi.')
}

/** @throws InvalidArgumentError */
export function cpuQuantity(text: string): string {
  const [, number, milli] = /^(\d{1,4}(?:\.\d{1,3})?|\d{1,7}(?=m))(m?)$/.exec(text) ?? []
  if (number !== undefined && Number(number) > 0 && !(milli === 'm' && number.includes('.'))) return text
  throw new InvalidArgumentError('It is a number of cores, such as 2, 0.5 or 500m.')
}

/** What lookups may take of it, as a load's flag says it: more, and the kernel would kill the load before it refuses. */
export function lookupSize(memory: string): string {
  const mebibytes = Math.floor((bytesOf(memory) - besidesLookups) / 2 ** 20)
  return `${Math.max(mebibytes, 64)}MiB`
}

function bytesOf(memory: string): number {
  const [, number, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)(Mi|Gi|M|G)$/.exec(memory) ?? []
  return Math.round(Number(number) * (unitBytes[unit] ?? Number.NaN))
}
