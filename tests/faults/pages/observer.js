// Runs in every page before its own scripts and looks at it from outside: after each change that was painted it tells
// `teahouseShown` what is drawn, if that is something else than before. It reads the DOM and touches nothing.

(() => {
  const SHORT_CHARS = 80
  const HIDDEN_MS = 250
  const life = `${performance.timeOrigin} ${Math.random()}`
  let told = ''
  let isAwaited = false
  const channel = new MessageChannel()
  channel.port1.onmessage = ({ data }) => tell(data)

  function shortened(text) {
    // Counted as Python counts.
    const chars = [...text]
    return chars.length <= SHORT_CHARS ? text : `${chars.slice(0, SHORT_CHARS).join('')}… ${chars.length}`
  }

  function rowOf(article) {
    const { number, key, author } = article.dataset
    const text = article.querySelector('.text')
    const isDeleted = text?.classList.contains('deleted') ?? false
    return {
      number: number === undefined ? null : Number(number),
      key: key ?? null,
      author: author === undefined ? null : Number(author),
      state: article.querySelector('[data-testid=state]')?.dataset.state ?? null,
      text: isDeleted ? '' : shortened(text?.textContent ?? ''),
      is_edited: article.querySelector('.edited') !== null,
      is_deleted: isDeleted,
    }
  }

  /** In the order in which they stand on the screen, which need not be that of the document. */
  function rows() {
    return [...document.querySelectorAll('[data-testid=room] .scroller [data-testid=row]')]
      .map(row => ({ at: Number(/translateY\((-?[\d.]+)px\)/.exec(row.style.transform)?.[1] ?? NaN), row }))
      .sort((one, other) => one.at - other.at)
      .flatMap(({ row }) => [...row.querySelectorAll('article')].map(rowOf))
  }

  function drawn() {
    const connection = document.querySelector('[data-testid=connection]')
    const timeline = document.querySelector('[data-testid=room] [data-testid=timeline]')
    const room = /^\/rooms\/(\d+)/.exec(location.pathname)?.[1]
    if (connection === null || timeline === null || room === undefined)
      return null
    return {
      room: Number(room),
      link: connection.dataset.state,
      is_caught_up: connection.dataset.caughtUp === 'true',
      is_following: timeline.dataset.following === 'true',
      rows: rows(),
    }
  }

  function tell(isPainted) {
    isAwaited = false
    const now = drawn()
    const text = JSON.stringify(now)
    if (now === null || text === told)
      return
    told = text
    void window.teahouseShown(JSON.stringify({ ...now, is_painted: isPainted, life, at_ms: Date.now() }))
  }

  /**
   * After two frames, since what was drawn in one may move the list, which is drawn in the next. Of a page behind another
   * there are hardly any frames; it is looked at all the same, and says so.
   */
  function look() {
    if (isAwaited)
      return
    isAwaited = true
    const timer = setTimeout(() => finish(false), HIDDEN_MS)
    requestAnimationFrame(() => requestAnimationFrame(() => finish(true)))
    let isFinished = false

    function finish(isPainted) {
      clearTimeout(timer)
      if (!isFinished)
        channel.port2.postMessage(isPainted)
      isFinished = true
    }
  }

  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ['data-number', 'data-key', 'data-author', 'data-state', 'data-caught-up', 'data-following', 'style', 'class'],
  })
  window.teahouseDrawn = drawn
  window.teahouseTell = () => {
    told = ''
    tell(false)
  }
})()
