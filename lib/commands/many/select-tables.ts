/** Which tables a command works on: the flags `--select` and `--exclude`. */
import { type Command, InvalidArgumentError } from 'commander'
import { withScripts } from '../../cli/scripts-flag.ts'
import { tableNames } from '../../declare/find-tables.ts'
import { Failure } from '../../failure/failure.ts'

export interface Choice {
  readonly select?: readonly string[]
  readonly exclude?: readonly string[]
}

/** Adds `--select` and `--exclude`, each to be given more than once or with commas. */
export function choosable(command: Command): Command {
  return withScripts(command)
    .option('--select <tables>', 'only these: names or patterns such as inv*, with commas between', collect)
    .option('--exclude <tables>', 'all but these', collect)
}

/**
 * In alphabetical order.
 * @throws Failure (2) for a name or pattern that no script has, or when none is left
 */
export async function selectTables({ select, exclude = [] }: Choice): Promise<string[]> {
  const known = await tableNames()
  const matching = (pattern: string): readonly string[] => {
    const glob = new Bun.Glob(pattern)
    const found = known.filter((name) => glob.match(name))
    if (found.length > 0) return found
    throw refused(pattern, 'no script has such a name', known)
  }
  const chosen = new Set(select === undefined ? known : select.flatMap(matching))
  for (const name of exclude.flatMap(matching)) chosen.delete(name)
  if (chosen.size === 0) throw refused(exclude.join(','), 'nothing is left of the tables', known)
  return known.filter((name) => chosen.has(name))
}

function refused(thing: string, reason: string, known: readonly string[]): Failure {
  const advice = `Known are: ${known.join(', ') || 'none'}.`
  return new Failure({ exit: 2, act: 'select the tables', thing, reason, advice })
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '')) return [...before, ...names]
  throw new InvalidArgumentError('It is a list such as taxes,inv*.')
}
