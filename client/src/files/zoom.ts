// How a picture is enlarged and moved about in its window: a scale and a shift, in pixels from the middle. Pure.

export interface Zoom {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export const FITTING: Zoom = { scale: 1, x: 0, y: 0 }
export const CLICK_SCALE = 2.5
const MOST_SCALE = 8

/** What is under `point`, which is measured from the middle of the window, stays there. */
export function zoomed(zoom: Zoom, factor: number, point: Point): Zoom {
  const scale = Math.min(MOST_SCALE, Math.max(1, zoom.scale * factor))
  if (scale === 1)
    return FITTING
  const ratio = scale / zoom.scale
  return { scale, x: point.x - (point.x - zoom.x) * ratio, y: point.y - (point.y - zoom.y) * ratio }
}

/** Moved, but never so far that its middle leaves the window, which has this size. */
export function moved(zoom: Zoom, by: Point, window: { width: number, height: number }): Zoom {
  const within = (value: number, length: number) => {
    const most = length * (zoom.scale - 1) / 2
    return Math.min(most, Math.max(-most, value))
  }
  return { scale: zoom.scale, x: within(zoom.x + by.x, window.width), y: within(zoom.y + by.y, window.height) }
}
