/** Clocks of machines that are wrong, or are put right while a load runs. */
import { endOf, type Kind, publishes } from './kind.ts'

const group = 'clocks'
const hour = 3_600_000

export const clocks: readonly Kind[] = [
  {
    name: 'a clock that is wrong',
    group,
    kills: true,
    befalls: publishes,
    ends: [0],
    async strike({ random, begin }) {
      const wrongBy = random.pick([-48, -7, -0.1, 0.1, 7, 48]) * hour
      return await endOf(begin({ how: 'start', clock: { wrongBy } }), true)
    },
  },
  {
    name: 'a clock that jumps',
    group,
    kills: true,
    befalls: publishes,
    ends: [0, 1],
    async strike({ random, begin }) {
      const by = random.pick([-30, -2, 2, 30]) * hour
      const jump = { after: 1 + random.integer(60), by }
      return await endOf(begin({ how: 'start', clock: { jump } }), true)
    },
  },
]
