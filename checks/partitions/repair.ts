/** The command that loads partitions again. */

/** @param partitions in words */
export function repairOf(table: string, partitions: readonly (string | null)[]): string {
  const script = `bun scripts/${table}.ts`
  const texts = partitions.map((each) => each ?? 'null')
  // A text that has what stands between two, or is the word for none, cannot be named.
  const isNameable = partitions.every((each) => each !== 'null' && !/,|\.\.|^\s|\s$/.test(each ?? ''))
  if (!isNameable) return `${script} --full`
  const list = texts.join(',')
  return `${script} --partitions ${/^[\w.,:-]+$/.test(list) ? list : `'${list.replaceAll("'", "'\\''")}'`}`
}
