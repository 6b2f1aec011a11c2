/** Where the text of a script is code, and where comments, strings, templates and expressions to match. */

const parts =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[=(,:[!&|?{};]\s*)\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|^#!.*/g

/** The text of which nothing is left but code: all else is blanks, so that each character that stays is where it was. */
export function codeOf(text: string): string {
  return text.replace(parts, (part) => part.replace(/[^\n]/g, ' '))
}

export interface DocComment {
  /** Where it begins, and where it has ended. */
  readonly start: number
  readonly end: number
  /** Without what frames it, and without tags such as `@see` and what follows them; in the lines it was written in. */
  readonly text: string
}

/** All that begin with two stars, in their order. */
export function docCommentsIn(text: string): DocComment[] {
  return Array.from(text.matchAll(parts)).flatMap(({ index, 0: part }) => {
    if (!/^\/\*\*(?!\/)/.test(part)) return []
    const lines = part.slice('/**'.length, -'*/'.length).replace(/\n[ \t]*\*[ \t]?/g, '\n')
    const [told = ''] = lines.split(/^\s*@/m)
    return [{ start: index, end: index + part.length, text: told.trim() }]
  })
}
