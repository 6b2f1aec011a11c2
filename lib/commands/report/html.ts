/** HTML that is safe by the way it is written: what stands in a template is markup, and whatever is put into it is text. */

const written: unique symbol = Symbol('markup')

/** Markup, made by `html` or `verbatim` alone. */
export interface Markup {
  readonly [written]: string
}

export type Content = Markup | string | number | undefined | readonly Content[]

/** Attributes are written in double quotes: values cannot leave them. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return verbatim(parts.reduce((text, part, at) => `${text}${textOf(values[at - 1])}${part}`))
}

/** A style sheet or a script of our own, which is no place for escapes. */
export function verbatim(text: string): Markup {
  return Object.freeze({ [written]: text })
}

/** What a browser is given for it. */
export function textOf(content: Content): string {
  if (content === undefined) return ''
  if (typeof content === 'object') {
    return written in content ? content[written] : content.map(textOf).join('')
  }
  return escaped(String(content))
}

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[&<>"']/g, (letter) => references[letter] ?? '')
    .replace(/[^\P{Cc}\n\t]/gu, '\ufffd')
}
