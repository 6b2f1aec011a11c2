/**
 * A clock that says another time than the machine's: what a load leaves goes after hours, and what readers may still read
 * after a day, so a campaign lets hours pass in no time. Preloaded into the processes of loads (`BUN_OPTIONS`), it says the
 * campaign's time there too, or a wrong one, or jumps while a load runs: `TORTURE_CLOCK` is a `ClockSetting` in JSON.
 */

export interface ClockSetting {
  /** Milliseconds that it is ahead of the machine's. */
  readonly ahead: number
  /** From the so many-th look at it on, it is ahead by so many milliseconds more. */
  readonly jump?: { readonly after: number; readonly by: number }
}

export interface ShiftedClock extends Disposable {
  readonly ahead: number
  pass(ms: number): void
}

const Machine = Date

/** Until it is disposed of, `Date` is ahead. */
export function shiftClock({ ahead, jump }: ClockSetting): ShiftedClock {
  let by = ahead
  let looks = 0
  const now = (): number => {
    if (jump !== undefined && ++looks === jump.after) by += jump.by
    return Machine.now() + by
  }
  // A proxy, so that whoever asks what a Date is gets the same answer as ever.
  globalThis.Date = new Proxy(Machine, {
    construct: (target, given: [], self) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, self),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
  return {
    get ahead() {
      return by
    },
    pass(ms) {
      by += ms
    },
    [Symbol.dispose]() {
      globalThis.Date = Machine
    },
  }
}
