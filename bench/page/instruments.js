// What the bench looks with, in the page itself from its first moment: `bench`. Times are milliseconds since the page
// began, `bench.epoch()` since 1970. Nothing of it is in the product.
'use strict'
globalThis.bench = (() => {
  const tasks = []
  new PerformanceObserver(list => tasks.push(...list.getEntries().map(entry => [entry.startTime, entry.duration])))
    .observe({ type: 'longtask', buffered: true })

  const frame = () => new Promise(requestAnimationFrame)
  /** The moment after the next frame was drawn: what is in the document now is on the screen then. */
  const painted = () => new Promise(resolve => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => resolve(performance.now())
    port2.postMessage(null)
  }))
  const timeline = () => document.querySelector('[data-testid=timeline]')

  /** The row in the middle of the messages, if there is one: a blank screen has none. */
  function middleRow() {
    const box = timeline()?.getBoundingClientRect()
    if (box === undefined || box.height === 0)
      return null
    const hit = document.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2)
      .find(element => element.closest('[data-testid=row]') !== null)
    return hit?.closest('[data-testid=row]').querySelector('[data-testid=message]') ?? null
  }

  /** Of each frame until `stop`: when it was, whether a row was in the middle, and where rows were that stayed. */
  let recording = null
  function record({ isMoving = false } = {}) {
    const found = recording = { times: [], isBlank: [], moves: [], loaded: 0, first: null }
    let followed = null
    const look = (time) => {
      if (recording !== found)
        return
      found.times.push(time)
      const row = middleRow()
      found.isBlank.push(row === null)
      if (isMoving) {
        if (followed?.isConnected)
          found.moves.push(followed.getBoundingClientRect().top - followed.seenAt)
        followed = row
        if (followed !== null)
          followed.seenAt = followed.getBoundingClientRect().top
      }
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }
  function stop() {
    const found = recording
    recording = null
    return found
  }

  /** The moment when this is true and drawn, asked in each frame. */
  async function when(isThere, seconds = 30) {
    const end = performance.now() + seconds * 1000
    while (!isThere()) {
      if (performance.now() > end)
        return null
      await frame()
    }
    return painted()
  }

  /** The last event of this kind that a person made, by its own time. */
  const events = {}
  for (const kind of ['keydown', 'click'])
    addEventListener(kind, event => events[kind] = event.timeStamp, { capture: true })

  return { tasks, frame, painted, timeline, middleRow, record, stop, when, events, epoch: () => performance.timeOrigin + performance.now() }
})()
