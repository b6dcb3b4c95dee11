// Where a key leads in a grid of several groups, each beginning a row of its own. Pure; the grid is EmojiPicker.

/** The place after the key, of all places counted through; null when the key leads nowhere or out at the top. */
export function placeAfter(key: string, place: number, sizes: readonly number[], columns: number): number | null {
  const last = sizes.reduce((sum, size) => sum + size, 0) - 1
  switch (key) {
    case 'ArrowRight': return Math.min(place + 1, last)
    case 'ArrowLeft': return Math.max(place - 1, 0)
    case 'Home': return 0
    case 'End': return last
    case 'ArrowDown': return vertical(place, 1, sizes, columns)
    case 'ArrowUp': return vertical(place, -1, sizes, columns)
    default: return null
  }
}

function vertical(place: number, step: 1 | -1, sizes: readonly number[], columns: number): number | null {
  const rows = rowsOf(sizes, columns)
  const row = rows.findIndex(({ start, size }) => place < start + size)
  const [here, next] = [rows[row], rows[row + step]]
  if (here === undefined || next === undefined)
    return step === 1 ? place : null
  return next.start + Math.min(place - here.start, next.size - 1)
}

function rowsOf(sizes: readonly number[], columns: number): { start: number, size: number }[] {
  const rows = []
  let start = 0
  for (const size of sizes) {
    for (let left = size; left > 0; left -= columns) {
      rows.push({ start, size: Math.min(left, columns) })
      start += Math.min(left, columns)
    }
  }
  return rows
}
