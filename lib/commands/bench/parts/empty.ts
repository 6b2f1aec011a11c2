/** What a load costs before it has read a row: it takes an empty table from process start to exit. */
import { join } from 'node:path'
import postgres from 'postgres'
import { copyName, drain, loads, type Target } from '../contenders.ts'
import { type Figures, figuresOf } from '../figures.ts'
import { figuresText } from '../figures-text.ts'
import { createNarrow, makeProject, narrowScript } from '../project.ts'
import { takeTurns } from '../turns.ts'
import { type Bench, turnsOf } from './part.ts'

const table = 'empty'

export async function emptyPart(bench: Bench): Promise<Readonly<Record<string, Figures>>> {
  const { url, env, folder } = bench.place
  const project = join(folder, 'empty')
  await makeProject(project, { [table]: narrowScript(table) })
  const sql = postgres(url, { max: 1 })
  try {
    await sql.unsafe(createNarrow(table, 0))
  } finally {
    await sql.end()
  }
  const script = join(project, `scripts/${table}.ts`)
  const target: Target = { table, script, project, url, rows: 0, env }
  const rounds = await takeTurns(table, [drain(target), ...loads(target, [1])], turnsOf(bench))
  const figures = figuresOf(rounds, copyName, 0)
  bench.show(figuresText('An empty table, from process start to exit', figures, 'COPY'))
  return figures
}
