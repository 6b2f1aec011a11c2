/** When a change is told, and by which run: what is left of one that was killed while it told. */
import { describe, expect, test } from 'bun:test'
import type { Outcome } from '../../lib/notify/outcome.ts'
import {
  afterOutcome,
  afterTelling,
  type Channel,
  noState,
  parseState,
  type Run,
  type State,
} from '../../lib/notify/state.ts'

const began = Date.parse('2026-11-22T04:12:33.123Z')
const run = (id: string, seconds: number, channels: readonly Channel[] = ['webhook']): Run => ({
  id,
  now: began + seconds * 1_000,
  channels,
})
const well: Outcome = { table: 'orders' }
const failing = (exit: number): Outcome => ({
  table: 'orders',
  trouble: { line: '', cause: '', remedy: '', retry: 'no', exit },
})
/** What each run would tell, in their order; none comes to writing down that it has. */
function killed(...runs: readonly (readonly [Outcome, Run])[]) {
  let state: State = noState
  return runs.map(([outcome, each]) => {
    const after = afterOutcome(parseState(JSON.stringify(state)), outcome, each)
    state = after.state
    return after.telling?.change
  })
}

describe('a run that was killed while it told', () => {
  test('is believed to tell for a minute, and then another one tells', () => {
    expect(killed([failing(1), run('a', 0)], [failing(1), run('b', 59)], [failing(1), run('c', 61)])).toEqual(
      ['failing', undefined, 'failing'],
    )
  })

  test('may have told, so it is told that all is well again', () => {
    expect(killed([failing(1), run('a', 0)], [well, run('b', 5)])).toEqual(['failing', 'recovered'])
  })

  test('keeps nobody from telling of something else', () => {
    expect(killed([failing(1), run('a', 0)], [failing(3), run('b', 5)])).toEqual(['failing', 'failing'])
  })

  test('in the future, by a clock that is wrong, keeps nobody from telling', () => {
    expect(killed([failing(1), run('a', 86_400)], [failing(1), run('b', 0)])).toEqual(['failing', 'failing'])
  })

  test('is the same run where the answer of its write was lost', () => {
    expect(killed([failing(1), run('a', 0)], [failing(1), run('a', 0)])).toEqual(['failing', 'failing'])
  })
})

test('who is told of nothing of a failure is not told that it is over, and nothing is kept', () => {
  const both = run('a', 0, ['webhook', 'sns'])
  const { state } = afterOutcome(noState, failing(1), both)
  const told = afterTelling(state, well, ['sns'], both)
  const after = afterOutcome(told, well, run('b', 5, ['webhook', 'sns']))
  expect(after.telling).toMatchObject({ change: 'recovered', to: ['sns'] })
  expect(afterTelling(after.state, well, ['sns'], run('b', 6))).toEqual(noState)
})

test('a run that finds another one to have seen the change takes nothing from it', () => {
  const first = afterOutcome(noState, failing(1), run('a', 0)).state
  const second = afterOutcome(first, well, run('b', 1)).state
  expect(afterTelling(second, well, ['webhook'], run('a', 2))).toEqual(second)
})

test.each([
  '',
  'null',
  '[]',
  '{"version":2,"states":{"load":{}}}',
  '{"version":1,"states":{"load":{"status":"failing"}}}',
])('what is no state counts as none: %s', (text) => {
  expect(parseState(text)).toEqual(noState)
})
