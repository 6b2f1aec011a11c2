import { describe, expect, test } from 'bun:test'
import { Failure } from '../../lib/failure/failure.ts'
import { postgresFailure } from '../../lib/postgres/failure.ts'

/** An error as Bun's client throws it. */
const byBun = (state: string, message = 'said the server') =>
  Object.assign(new Error(message), { code: 'ERR_POSTGRES_SERVER_ERROR', errno: state, severity: 'ERROR' })
/** An error as the `postgres` package throws it. */
const byPackage = (state: string, message = 'said the server') =>
  Object.assign(new Error(message), { code: state, severity: 'ERROR', severity_local: 'FEHLER' })
const byClient = (code: string) => Object.assign(new Error('said the client'), { code })

const failure = (error: unknown) => postgresFailure(error, 'read the table', 'public.items')

test('a refused token of RDS is known by the words of the server', () => {
  const { exit, message } = failure(byBun('28000', 'PAM authentication failed for user "reader"'))
  expect(exit).toBe(2)
  expect(message).toContain('Allow rds-db:connect for this user')
  expect(failure(byBun('28000', 'no pg_hba.conf entry')).message).not.toContain('rds-db')
})

describe('the exit code follows the SQLSTATE, whichever client threw it', () => {
  for (const [exit, states] of [
    [
      1,
      [
        '08006',
        '40001',
        '40P01',
        '53100',
        '53200',
        '53300',
        '55P03',
        '57014',
        '57P01',
        '57P03',
        '58030',
        'XX000',
        '25P03',
      ],
    ],
    [2, ['28000', '28P01', '3D000', '42501']],
    [
      3,
      [
        '0A000',
        '22003',
        '22012',
        '22P02',
        '25006',
        '42601',
        '42703',
        '42704',
        '42804',
        '42883',
        '42P01',
        '3F000',
        '54000',
        '55000',
        '58P01',
      ],
    ],
  ] as const) {
    for (const state of states) {
      test(`${state} is ${exit}`, () => {
        expect([failure(byBun(state)).exit, failure(byPackage(state)).exit]).toEqual([exit, exit])
      })
    }
  }
})

describe('the exit code follows the reason where there was no server to ask', () => {
  for (const [exit, codes] of [
    [
      1,
      [
        'ECONNREFUSED',
        'ERR_POSTGRES_CONNECTION_REFUSED',
        'ENOTFOUND',
        'ERR_POSTGRES_CONNECTION_TIMEOUT',
        'CONNECT_TIMEOUT',
        'ECONNRESET',
        'CONNECTION_CLOSED',
        'ERR_POSTGRES_CONNECTION_CLOSED',
      ],
    ],
    [
      2,
      [
        'ERR_POSTGRES_TLS_NOT_AVAILABLE',
        'ERR_TLS_CERT_ALTNAME_INVALID',
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'SELF_SIGNED_CERT_IN_CHAIN',
        'DEPTH_ZERO_SELF_SIGNED_CERT',
        'CERT_HAS_EXPIRED',
      ],
    ],
  ] as const) {
    for (const code of codes) {
      test(`${code} is ${exit}`, () => {
        expect(failure(byClient(code)).exit).toBe(exit)
      })
    }
  }
})

describe('the message says what to do', () => {
  for (const [what, error, said] of [
    ['of a deadline', byBun('57014', 'canceling statement due to statement timeout'), 'Raise --deadline'],
    [
      'of a query cancelled by somebody',
      byBun('57014', 'canceling statement due to user request'),
      'somebody cancelled it',
    ],
    [
      'of a recovery conflict',
      byBun('40001', 'canceling statement due to conflict with recovery'),
      'hot_standby_feedback',
    ],
    [
      'of row-level security',
      byBun('42501', 'query would be affected by row-level security policy for table "items"'),
      'BYPASSRLS',
    ],
    ['of a privilege', byBun('42501', 'permission denied for table items'), 'Grant this user SELECT'],
    ['of a wrong certificate', byClient('ERR_TLS_CERT_ALTNAME_INVALID'), 'verify-ca'],
    ['of an unknown authority', byClient('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'sslrootcert'],
  ] as const) {
    test(what, () => {
      expect(failure(error).message).toContain(said)
    })
  }

  test('in the grammar of all failures, with the hint of the server', () => {
    const error = Object.assign(byBun('42883', 'operator does not exist:\n text = integer'), {
      hint: 'You might need to add explicit type casts.',
    })
    expect(failure(error).message).toStartWith(
      'Cannot read the table "public.items": operator does not exist: text = integer. You might need to add explicit type casts. ',
    )
    expect(failure(error).cause).toBe(error)
  })
})

test('a Failure passes as it is', () => {
  const known = new Failure({ exit: 3, act: 'read', thing: 'it', reason: 'so', advice: 'Do.' })
  expect(failure(known)).toBe(known)
})

test('an error of neither server nor client still is one', () => {
  expect(failure(new Error('who knows')).message).toContain('who knows')
  expect(failure('a string').exit).toBe(1)
})

test('a mistake in code is told as one, not as an answer that may change', () => {
  const mistake = new TypeError('x is not a function\n  at somewhere')
  expect(failure(mistake).message).toMatch(
    /: unexpected error, TypeError: x is not a function\. Set DRACULA_DEBUG=1/,
  )
})
