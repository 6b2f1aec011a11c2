/** Which partitions a load has read, in words. */
import type { SummedPartitions } from '../load/summary.ts'

const words: Readonly<Record<keyof SummedPartitions['reasons'], string>> = {
  all: 'read',
  asked: 'asked for',
  new: 'new',
  changed: 'changed',
  count: 'of another count',
  keys: 'of other keys',
  gone: 'gone',
}

/** `3 changed, 1 gone; 12 stay as they were` */
export function describePartitions({ reasons, kept }: SummedPartitions): string {
  const listed = Object.entries(words).flatMap(([reason, word]) => {
    const count = reasons[reason as keyof typeof words] ?? 0
    return count === 0 ? [] : [`${count.toLocaleString('en')} ${word}`]
  })
  const read = listed.length === 0 ? 'none read' : listed.join(', ')
  if (kept === null || kept === 0) return read
  return `${read}; ${kept.toLocaleString('en')} ${kept === 1 ? 'stays as it was' : 'stay as they were'}`
}

/** `1,000 rows (3 changed; 12 stay as they were)`: the rows alone where it read all partitions. */
export function publishedText(rows: number, partitions: SummedPartitions | null): string {
  const text = `${rows.toLocaleString('en')} rows`
  if (partitions === null || partitions.which === 'all') return text
  return `${text} (${describePartitions(partitions)})`
}
