/** Values and names as a terminal shows them. */
import { mostLetters } from './sql.ts'

/** Text in quotes, so that spaces at its end are seen, and one that is no value. */
export function shown(value: string | null): string {
  if (value === null) return 'null'
  if (/^[\w.+:-]+(?: [\d.:-]+(?: UTC)?)?$/.test(value) && value !== 'null') return value
  const letters = [...value]
  return visible(
    JSON.stringify(letters.length > mostLetters ? `${letters.slice(0, mostLetters).join('')}…` : value),
  )
}

/** The two texts, so that it is seen in what they differ: what looks alike is spelled out, and some is behind what is shown. */
export function apart(ours: string | null, theirs: string | null): string[] {
  const cells = [shown(ours), shown(theirs)]
  if (cells[0] === cells[1]) return [...cells, 'they differ in what is not shown']
  return cells[0]?.normalize('NFKC') === cells[1]?.normalize('NFKC') ? cells.map(spelled) : cells
}

/** All that is not ASCII by its number. */
function spelled(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, escaped)
}

/** What a terminal takes for a command, or does not show. */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (each) => [...each].map(escaped).join(''))
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
