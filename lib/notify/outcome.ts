/** What is known of a table, or of a check as a whole, when a program has ended. Types only. */

/** Whose it is: that of loads where no check is named, and of all tables together where no table is. */
export interface Subject {
  readonly table?: string | undefined
  readonly check?: string | undefined
}

export interface Outcome extends Subject {
  /** Undefined: it is well. */
  readonly trouble?: Trouble | undefined
  /** A load that published: what it came to. */
  readonly figures?: Figures | undefined
  /** How long it took. */
  readonly seconds?: number | undefined
  /**
   * Somebody else's word that a program ended badly, which counts where the program has said nothing itself since then,
   * on the clock of `Date.now()`; 0: where it has not said so at all.
   */
  readonly unlessToldSince?: number | undefined
}

/** Why it is not well, in the words of the log, without secrets. */
export interface Trouble {
  /** The whole of it in one line. */
  readonly line: string
  readonly cause: string
  readonly remedy: string
  readonly retry: Retry
  /** null: the program was killed before it had one. */
  readonly exit: number | null
  readonly load?: string | undefined
  readonly phase?: string | undefined
}

/** Whether to run it again as it is. `settles it`: nobody knows whether it has published, and the next run tells. */
export type Retry = 'yes' | 'no' | 'settles it'

export interface Figures {
  /** ISO 8601. */
  readonly snapshotAt: string
  readonly rows: number
  readonly bytes: number
  /** By list price. */
  readonly dollars: number
}
