/** Whether all threads of this process still answer, for whoever tells another process that this one does. */

const watched = new Set<() => boolean>()

/**
 * @param isSilent whether a thread has told nothing for longer than one does that is not in a loop
 * @returns what ends the watching
 */
export function watchSilence(isSilent: () => boolean): () => void {
  watched.add(isSilent)
  return () => void watched.delete(isSilent)
}

export function allAnswer(): boolean {
  return ![...watched].some((isSilent) => isSilent())
}
