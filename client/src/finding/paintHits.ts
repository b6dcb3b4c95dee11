// Marks what was found in the messages that are shown, without touching them: by the CSS Custom Highlight API. A browser
// without it shows the message alone.

const NAME = 'found'

export function paintHits(root: Element | null, termsByNumber: ReadonlyMap<number, readonly string[]>): void {
  if (!('highlights' in CSS))
    return
  const ranges: Range[] = []
  for (const article of root?.querySelectorAll<HTMLElement>('article[data-number]') ?? []) {
    const terms = termsByNumber.get(Number(article.dataset.number))
    const text = terms === undefined ? null : article.querySelector('.text')
    if (text != null && terms !== undefined)
      ranges.push(...rangesIn(text, terms))
  }
  CSS.highlights.set(NAME, new Highlight(...ranges))
}

export function clearHits(): void {
  if ('highlights' in CSS)
    CSS.highlights.delete(NAME)
}

function rangesIn(text: Element, terms: readonly string[]): readonly Range[] {
  const ranges: Range[] = []
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const lower = (node.textContent ?? '').toLowerCase()
    if (lower.length !== node.textContent?.length)
      continue
    for (const term of terms) {
      for (let at = lower.indexOf(term); at >= 0; at = lower.indexOf(term, at + term.length)) {
        const range = new Range()
        range.setStart(node, at)
        range.setEnd(node, at + term.length)
        ranges.push(range)
      }
    }
  }
  return ranges
}
