/**
 * The text of a script of which nothing is left but code: strings, templates, expressions to match and comments are blanks
 * between their delimiters, so that each character that stays is where it was.
 */
export function codeOf(text: string): string {
  const parts =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"|`(?:[^`\\]|\\[\s\S])*`|(?<=[=(,:[!&|?{};]\s*)\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|^#!.*/g
  return text.replace(parts, (part) => part.replace(/[^\n]/g, ' '))
}
