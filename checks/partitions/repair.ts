/** The command that loads partitions again. */

/** @param partitions in words */
export function repairOf(table: string, partitions: readonly (string | null)[]): string {
  const script = `bun scripts/${table}.ts`
  const list = partitions.map((each) => (each === null ? 'null' : named(each))).join(',')
  return `${script} --partitions ${/^[\w.,:-]+$/.test(list) ? list : `'${list.replaceAll("'", "'\\''")}'`}`
}

/** In the form that `--partitions` reads. */
function named(text: string): string {
  const isPlain = text !== '' && text !== 'null' && !/[",]|^\s|\s$/.test(text)
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`
}
