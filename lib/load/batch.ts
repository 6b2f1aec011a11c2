/** How a program that loads many tables has ended. Types only. */

export interface Ending {
  readonly exit: number
  /** What failed, without secrets; undefined: nothing. */
  readonly message: string | undefined
  /** Whether somebody has stopped it. */
  readonly interrupted: boolean
}
