/**
 * Files that are being stored while rows of the next ones come: a small file takes longer to store than to read. What may
 * wait so is few megabytes, however many partitions there are.
 */
/** Files, or whatever writes some. */
export interface Ending {
  /** Written so far. */
  readonly bytes: number
  /** Stops what is under way; never throws. */
  abort(): Promise<void>
}

export interface Endings {
  /** Bytes of what is being stored. */
  readonly bytes: number
  /**
   * Begins to end them, and waits while too much is under way.
   * @param end what ends the files, and judges them @throws what the first that failed has thrown
   */
  begin(files: Ending, end: () => Promise<void>): Promise<void>
  /** Waits for all. @throws as `begin` */
  settle(): Promise<void>
  /** Stops all, and waits until none is under way. Never throws. */
  abort(): Promise<void>
}

const mostFiles = 8
/** A file of more has sent the rest before. */
const mostBytes = 16 * 1024 * 1024

export function createEndings(): Endings {
  const underWay = new Map<Ending, Promise<void>>()
  let failed: { readonly error: unknown } | undefined

  const bytes = () => underWay.keys().reduce((sum, files) => sum + files.bytes, 0)

  function check(): void {
    if (failed !== undefined) throw failed.error
  }

  return {
    get bytes() {
      return bytes()
    },
    async begin(files, end) {
      // Whatever has failed before: what is under way is known here, and waited for.
      const ending = end()
        .catch((error: unknown) => {
          failed ??= { error }
        })
        .finally(() => underWay.delete(files))
      underWay.set(files, ending)
      while (underWay.size >= mostFiles || (underWay.size > 0 && bytes() > mostBytes)) {
        await Promise.race(underWay.values())
      }
      check()
    },
    async settle() {
      await Promise.all(underWay.values())
      check()
    },
    async abort() {
      await Promise.all([...underWay].flatMap(([files, ending]) => [files.abort(), ending]))
    },
  }
}
