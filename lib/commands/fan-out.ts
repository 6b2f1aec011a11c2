#!/usr/bin/env bun
/**
 * `bun run fan-out`: the steps of one load that several machines read. The workflows of `bun run argo --slices` run them;
 * so can anything else that starts processes.
 */
import { Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../cli/duration.ts'
import { loadCommand } from '../cli/load-flags.ts'
import { runProgram } from '../cli/program.ts'
import { withScripts } from '../cli/scripts-flag.ts'
import { commandLine } from '../failure/command-line.ts'
import { stepPrograms } from './fan-out/steps.ts'

const overview = withScripts(new Command(commandLine('fan-out')))
  .description(
    'One load of a table, read by several machines in one snapshot, each a slice. Every step is told the\n' +
      'same --fan-out, which no other load of the table may have:\n\n' +
      '  hold    opens the snapshot, cuts the table, and holds it until "finish" says so; stays until stopped\n' +
      '  slice   reads one slice: once "hold" is ready, each on a machine of its own, and again where one was lost\n' +
      '  finish  once all slices are read: verifies, has "hold" commit, audits and publishes; can be run again\n' +
      '  clear   at the end, however it went: takes away what is left\n\n' +
      `${commandLine('argo')} --slices prints workflows that do so.`,
  )
  .argument('<step>', 'hold, slice, finish or clear; each has its own --help')
  .argument('<table>', 'which table')

const step = process.argv.slice(2).find((each) => ['hold', 'slice', 'finish', 'clear'].includes(each)) ?? ''

await runProgram(stepPrograms(commandOf(step), step))

function commandOf(name: string): Command {
  switch (name) {
    case 'hold':
      return named(
        loadCommand('<table>'),
        'Opens the snapshot of a load and holds it until all slices are read.',
      )
        .requiredOption('--slices <n>', 'how many machines read it, at the most', wholeNumber(1))
        .option('--ready-file <path>', 'make this file once the others may begin')
    case 'slice':
      return named(new Command(), 'Reads one slice, and records it: the first record counts.').requiredOption(
        '--slice <k>',
        'which, from 0',
        wholeNumber(0),
      )
    case 'finish':
      return named(
        new Command(),
        'Publishes what all slices have read, as a load of one machine is.',
      ).addOption(deadline())
    case 'clear':
      return named(
        new Command(),
        'Takes away what a fan-out has left; of a published load nothing else.',
      ).addOption(deadline())
    default:
      return overview
  }
}

function named(command: Command, description: string): Command {
  return withScripts(command)
    .name(commandLine(`fan-out ${step}`))
    .description(description)
    .argument('<step>', step)
    .argument('<table>', 'which table')
    .requiredOption('--fan-out <name>', "the fan-out's name, such as the id of a workflow", fanOutName)
}

function deadline(): Option {
  return new Option('--deadline <time>', 'stop after this time')
    .argParser(parseDuration)
    .default(parseDuration('1h'), '1h')
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,4}$/.test(text) && Number(text) >= least) return Number(text)
    throw new InvalidArgumentError(`It is a whole number, ${least} or more.`)
  }
}

function fanOutName(text: string): string {
  if (/^[a-z0-9][-._a-z0-9]{0,99}$/i.test(text)) return text
  throw new InvalidArgumentError('It is at most 100 letters, digits, hyphens, points and underscores.')
}
