import { describe, expect, test } from 'bun:test'
import { day, dayOf, moment } from '../lib/time.ts'

describe('a moment', () => {
  test.each([
    ['1970-01-01', 0n],
    ['1970-01-01 00:00:00.000001', 1n],
    ['1969-12-31 23:59:59.999999', -1n],
    ['2018-06-01 00:00:00', 1_527_811_200_000_000n],
    ['2000-02-29T12:30:15.25', 951_827_415_250_000n],
    ['0001-01-01 00:00:00', -62_135_596_800_000_000n],
    ['9999-12-31 23:59:59.999999', 253_402_300_799_999_999n],
  ])('%s is %i microseconds', (text, micros) => {
    expect(moment(text)).toBe(micros)
  })

  test.each([
    ['2018-06-01 00:00', 'is not a moment'],
    ['2018-02-30', 'there is no such day'],
    ['0000-01-01', 'there is no such day'],
    ['2018-06-01 24:00:00', 'there is no such time'],
    ['2018-06-01 00:00:00+02', 'is not a moment'],
  ])('is not %s', (text, reason) => {
    expect(() => moment(text)).toThrow(reason)
  })
})

describe('the day', () => {
  test.each([
    ['1970-01-01 23:59:59.999999', 0],
    ['1969-12-31 23:59:59.999999', -1],
    ['1969-12-31 00:00:00', -1],
    ['1969-12-30 23:59:59.999999', -2],
    ['0001-01-01', -719_162],
    ['9999-12-31 12:00:00', 2_932_896],
  ])('of %s is number %i', (text, number) => {
    expect(dayOf(moment(text))).toBe(number)
  })

  test('of nothing is nothing, and one is written as a date', () => {
    expect(dayOf(null)).toBeNull()
    expect(day('2018-06-01')).toBe(17_683)
    expect(() => day('2018-06-01 00:00:00')).toThrow('is not a day')
  })
})
