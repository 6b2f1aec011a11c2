import { expect, test } from 'bun:test'
import type { WorkGroup, WorkGroupConfiguration } from '@aws-sdk/client-athena'
import { resultsOf } from '../../lib/lake/workgroup.ts'

const workgroup = (Configuration: WorkGroupConfiguration, State?: WorkGroup['State']): WorkGroup => ({
  Name: 'reports',
  Configuration,
  State,
})
const own = { ResultConfiguration: { OutputLocation: 's3://own/' } }
const enforced = { EnforceWorkGroupConfiguration: true }
const managed = { ManagedQueryResultsConfiguration: { Enabled: true } }

test.each([
  ['its own place, where none is set', own, undefined, { output: 's3://own/', overruled: false }],
  ['the place that is set', own, 's3://ours/', { output: 's3://ours/', overruled: false }],
  ['the place that is set, where it has none', {}, 's3://ours/', { output: 's3://ours/', overruled: false }],
  [
    'its own where it enforces it',
    { ...own, ...enforced },
    's3://ours/',
    { output: 's3://own/', overruled: true },
  ],
  [
    'its own where both are one',
    { ...own, ...enforced },
    's3://own/',
    { output: 's3://own/', overruled: false },
  ],
  ['Athena', managed, undefined, { output: 'kept by Athena itself', overruled: false }],
])('results of a workgroup go to %s', (_, configuration, ours, expected) => {
  expect(resultsOf(workgroup(configuration), ours)).toEqual(expected)
})

test.each([
  ['that is disabled', workgroup(own, 'DISABLED'), 's3://ours/', 'reports is disabled'],
  [
    'without a place',
    workgroup({}),
    undefined,
    'workgroup reports has no place for results, and none is set',
  ],
  [
    'that enforces a place it has not',
    workgroup(enforced),
    's3://ours/',
    'workgroup reports enforces its own settings and has no place for results',
  ],
  ['that keeps its results', workgroup(managed), 's3://ours/', 'workgroup reports keeps its results itself'],
])('a workgroup %s takes no query', (_, given, ours, reason) => {
  expect(resultsOf(given, ours)).toEqual({ reason, advice: expect.stringMatching(/^[A-Z].*\.$/) })
})
