#!/usr/bin/env bun
/**
 * `bun run fuzz`: inputs at random, of which the product is to make what is right or to say what is wrong with them.
 *
 * I want to…                                              → file
 * add a part, or say how many inputs it has               → part.ts, parts.ts
 * know how inputs are looked at, and made small           → search.ts, watch.ts
 * know what a stream of COPY is held against              → copy.ts, reference.ts, vector-words.ts
 * add a type, or what becomes of it                       → kind.ts, kinds.ts
 * make streams, and damage them                           → stream.ts, damage.ts
 * know what a Parquet file is held against                → parquet.ts, file-problem.ts, file-words.ts
 * know what functions of a script give                    → values.ts, value-words.ts
 * add a string that something may stumble over            → hostile.ts
 * know in what names it is tried                          → declarations.ts, names.ts
 * know which settings and flags are tried                 → sound-settings.ts, settings.ts, programs.ts
 * change what may be said of somebody's mistake           → clear-line.ts
 */
import { Command, InvalidArgumentError } from 'commander'
import { runCommand } from '../../lib/cli/command.ts'
import { parts } from './parts.ts'
import { startWatch } from './watch.ts'

/** Far above what the slowest takes on a busy machine. */
const inputLimitMs = 60_000
const mostFindings = 10

/** Whole loads take long, and run in test files, which the suite has for a few inputs. */
const loadedParts: Readonly<Record<string, { readonly file: string; readonly words: string }>> = {
  types: {
    file: 'test/load/property.test.ts',
    words: 'tables of every type, loaded from Postgres and read back, for DRACULA_FUZZ_SECONDS (600)',
  },
  loads: {
    file: 'test/fuzz/loads.test.ts',
    words: 'tables with hostile names, and loads with hostile flags and environments',
  },
}
const partNames = [...Object.keys(loadedParts), ...parts.map(({ name }) => name)]

const command = new Command('bun run fuzz')
  .description(
    [
      'Looks for faults with inputs made at random, each part by itself:',
      ...[...Object.entries(loadedParts).map(([name, { words }]) => ({ name, words })), ...parts].map(
        ({ name, words }) => `  ${name}: ${words}`,
      ),
    ].join('\n'),
  )
  .option('--part <name>', partNames.join(', '), oneOfParts, 'types')
  .option('--inputs <n>', 'how many inputs; not of types', wholeNumber)
  .option('--seed <n>', 'what the inputs are made from, which are the same for the same seed', wholeNumber)
  .option('--from <n>', 'the number of the first input; not of types', wholeNumber, 0)

interface Flags {
  readonly part: string
  readonly inputs?: number
  readonly seed?: number
  readonly from: number
}

await runCommand(command, async (signal) => {
  const { part: name, inputs, from, ...given } = command.opts<Flags>()
  const seed = given.seed ?? Number(process.env['DRACULA_FUZZ_SEED'] ?? Date.now() % 2 ** 31)
  const part = parts.find((each) => each.name === name)
  if (part === undefined) return await load(name, { seed, from, inputs: inputs ?? 100 }, signal)
  const replay = `bun run fuzz --part ${name} --seed ${seed} --inputs 1 --from`
  const watch = startWatch(inputLimitMs, replay)
  const began = performance.now()
  const count = inputs ?? part.inputs
  let told = began
  const findings = await part.search({
    seed,
    from,
    inputs: count,
    most: mostFindings,
    onInput(input) {
      signal.throwIfAborted()
      watch.begin(input)
      const now = performance.now()
      if (now - told < 10_000) return
      told = now
      process.stderr.write(`${name}: ${input - from} of ${count} inputs\n`)
    },
  })
  watch.stop()
  for (const { input, problem, shown } of findings) {
    console.log(JSON.stringify({ replay: `${replay} ${input}`, problem, input: shown }))
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  process.stderr.write(
    `${name}, seed ${seed}: ${findings.length} findings in ${count} inputs from ${from} on, ${seconds} s\n`,
  )
  return findings.length === 0 ? 0 : 1
})

async function load(
  part: string,
  { seed, from, inputs }: Readonly<Record<'seed' | 'from' | 'inputs', number>>,
  signal: AbortSignal,
): Promise<number> {
  const seconds = process.env['DRACULA_FUZZ_SECONDS'] ?? '600'
  const child = Bun.spawn([process.execPath, 'test', '--timeout=700000', loadedParts[part]!.file], {
    env: {
      ...process.env,
      DRACULA_FUZZ_SECONDS: seconds,
      DRACULA_FUZZ_SEED: String(seed),
      DRACULA_FUZZ_FROM: String(from),
      DRACULA_FUZZ_INPUTS: String(inputs),
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  signal.addEventListener('abort', () => child.kill('SIGINT'))
  return await child.exited
}

function oneOfParts(name: string): string {
  if (!partNames.includes(name)) throw new InvalidArgumentError(`Write one of ${partNames.join(', ')}.`)
  return name
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidArgumentError('Write a whole number.')
  return number
}
