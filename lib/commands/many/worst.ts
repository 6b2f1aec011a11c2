/** The exit code of several programs together. */
import type { ExitCode } from '../../failure/exit-code.ts'

/** One that nobody knows the outcome of weighs most, one that a retry may settle least. */
export function worst(ends: readonly { readonly exit: 0 | ExitCode }[]): 0 | ExitCode {
  return ([5, 4, 3, 2, 1] as const).find((code) => ends.some(({ exit }) => exit === code)) ?? 0
}
