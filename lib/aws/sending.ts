/** What goes with a request of the SDK's clients: nothing, or the signal that ends it. */
export interface Sending {
  readonly signal?: AbortSignal | undefined
}

export function sending(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal }
}
