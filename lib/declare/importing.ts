/**
 * Whether scripts are being imported for what they declare, so that one which loads its table all the same is stopped:
 * it lacks its `if (import.meta.main)`, and whoever looks at tables would load them.
 */
let underWay = 0

export function isImporting(): boolean {
  return underWay > 0
}

/** @returns what the import gives */
export async function importing<T>(work: () => Promise<T>): Promise<T> {
  underWay++
  try {
    return await work()
  } finally {
    underWay--
  }
}
