/** Numbers as a line of blocks, for `bun run loads`. */
const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const

/** One block a value, from nothing to the greatest of them, so that half of it is half as high. */
export function sparkline(values: readonly number[]): string {
  const greatest = Math.max(...values, 0)
  return values
    .map((value) => {
      const share = greatest === 0 ? 0 : value / greatest
      return blocks[Math.min(blocks.length - 1, Math.floor(share * blocks.length))]
    })
    .join('')
}
