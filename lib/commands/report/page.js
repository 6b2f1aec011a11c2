/* What the page does in a browser: it can be read without. */
const root = document.documentElement
const find = document.getElementById('find')
const problems = document.getElementById('problems')
const sort = document.getElementById('sort')
const list = document.getElementById('list')
const found = document.getElementById('found')
const nothing = document.getElementById('nothing')
const theme = document.getElementById('theme')
const entries = [...list.children].map((item) => ({ item, text: undefined }))

document.getElementById('controls').hidden = false
theme.hidden = false

/* A page that is opened as a file, or in a private window, may have no storage. */
const remembered = {
  get() {
    try {
      return localStorage.getItem('theme')
    } catch {
      return null
    }
  },
  set(value) {
    try {
      localStorage.setItem('theme', value)
    } catch {}
  },
}

const themes = ['automatic', 'light', 'dark']
function show(name) {
  const chosen = themes.includes(name) ? name : 'automatic'
  if (chosen === 'automatic') delete root.dataset.theme
  else root.dataset.theme = chosen
  theme.textContent = `Theme: ${chosen}`
  return chosen
}
let current = show(remembered.get())
theme.addEventListener('click', () => {
  current = show(themes[(themes.indexOf(current) + 1) % themes.length])
  remembered.set(current)
})

function textOf(entry) {
  entry.text ??= entry.item.textContent.toLowerCase()
  return entry.text
}

function filter() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean)
  let shown = 0
  for (const entry of entries) {
    const name = entry.item.dataset.name
    const matches =
      (!problems.checked || entry.item.dataset.grade !== 'good') &&
      words.every((word) => name.includes(word) || textOf(entry).includes(word))
    entry.item.hidden = !matches
    if (matches) shown++
  }
  nothing.hidden = shown > 0
  found.textContent = words.length === 0 && !problems.checked ? '' : `${shown} of ${entries.length} tables`
}
find.addEventListener('input', filter)
problems.addEventListener('change', filter)

const orders = {
  name: (a, b) => (a.name < b.name ? -1 : 1),
  age: (a, b) => (a.age === b.age ? 0 : a.age < b.age ? -1 : 1),
  rows: (a, b) => b.rows - a.rows,
  bytes: (a, b) => b.bytes - a.bytes,
  seconds: (a, b) => b.seconds - a.seconds,
}
sort.addEventListener('change', () => {
  const order = orders[sort.value] ?? orders.name
  const sorted = entries.toSorted(
    (a, b) => order(a.item.dataset, b.item.dataset) || orders.name(a.item.dataset, b.item.dataset),
  )
  list.append(...sorted.map(({ item }) => item))
})

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return
  event.preventDefault()
  find.focus()
  find.select()
})
find.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  find.value = ''
  filter()
})

/* A link to a table opens it, also one that the filter has hidden. */
function open() {
  const details = document.getElementById(location.hash.slice(1))
  if (!(details instanceof HTMLDetailsElement)) return
  details.closest('li').hidden = false
  details.open = true
  details.querySelector('summary').focus({ preventScroll: true })
  details.scrollIntoView()
}
addEventListener('hashchange', open)
open()

const graph = document.querySelector('.graph')
function choose(node) {
  graph.classList.toggle('chosen', node !== undefined)
  for (const path of graph.querySelectorAll('path')) {
    path.classList.toggle('on', path.dataset.from === node || path.dataset.to === node)
  }
}
graph?.addEventListener('pointerover', (event) => choose(event.target.closest('[data-node]')?.dataset.node))
graph?.addEventListener('pointerleave', () => choose(undefined))

/* What a bar stands for is told above it, for all charts of the table. */
for (const section of document.querySelectorAll('.loads')) {
  const rows = section.querySelectorAll('tbody tr')
  const told = [...section.querySelectorAll('figure')].map((figure) => {
    const [name, value] = figure.querySelectorAll('figcaption > *')
    return {
      name,
      value,
      measure: Number(figure.dataset.measure),
      words: [name.textContent, value.textContent],
    }
  })
  const tell = (row) => {
    for (const { name, value, measure, words } of told) {
      name.textContent = row === undefined ? words[0] : row.cells[0].textContent
      value.textContent = row === undefined ? words[1] : row.cells[measure + 1].textContent
      value.classList.toggle('looked', row !== undefined)
    }
  }
  section.addEventListener('pointermove', ({ target, clientX }) => {
    const chart = target.closest('.chart')
    if (chart === null) return tell(undefined)
    const { right, width } = chart.getBoundingClientRect()
    tell(rows[Math.floor(((right - clientX) / width) * Number(chart.dataset.slots))])
  })
  section.addEventListener('pointerleave', () => tell(undefined))
}

/* Whoever opens an old page is told that it is one. */
const made = document.getElementById('made')
const hours = (Date.now() - Date.parse(made.dateTime)) / 3_600_000
if (hours > 24) {
  made.classList.add('old')
  made.append(` (this page is ${Math.floor(hours / 24)} d old)`)
}
