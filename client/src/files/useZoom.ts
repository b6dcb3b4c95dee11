// Click, wheel and two fingers enlarge what is in an element, one finger moves it; a swipe over what fits turns the page.
// The arithmetic is in zoom.ts.

import { useEventListener } from '@vueuse/core'
import { readonly, shallowRef, type Ref } from 'vue'
import { CLICK_SCALE, FITTING, moved, zoomed, type Point, type Zoom } from './zoom'

const CLICK_PX = 6
const SWIPE_PX = 60
const MIDDLE: Point = { x: 0, y: 0 }

/** `swiped` is told 1 for the next, -1 for the one before. */
export function useZoom(area: Readonly<Ref<HTMLElement | null>>, swiped: (step: 1 | -1) => void) {
  const zoom = shallowRef<Zoom>(FITTING)
  const fingers = new Map<number, Point>()
  let begun: Point | null = null
  let wasPinched = false

  useEventListener(area, 'wheel', (event: WheelEvent) => {
    event.preventDefault()
    zoom.value = zoomed(zoom.value, Math.exp(-event.deltaY / 300), pointOf(event))
  }, { passive: false })

  useEventListener(area, 'pointerdown', (event: PointerEvent) => {
    if (event.button !== 0)
      return
    area.value?.setPointerCapture(event.pointerId)
    fingers.set(event.pointerId, pointOf(event))
    wasPinched = fingers.size > 1
    begun = pointOf(event)
  })
  useEventListener(area, 'pointermove', (event: PointerEvent) => {
    const before = fingers.get(event.pointerId)
    if (before === undefined)
      return
    const now = pointOf(event)
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1]
    fingers.set(event.pointerId, now)
    if (other !== undefined)
      zoom.value = zoomed(zoom.value, distance(now, other) / Math.max(1, distance(before, other)), middleOf(now, other))
    else if (zoom.value.scale > 1)
      zoom.value = moved(zoom.value, { x: now.x - before.x, y: now.y - before.y }, sizeOf(area.value))
  })
  useEventListener(area, 'pointerup', (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId) || begun === null || wasPinched)
      return
    const now = pointOf(event)
    const across = now.x - begun.x
    if (distance(now, begun) < CLICK_PX)
      toggle(now)
    else if (zoom.value.scale === 1 && event.pointerType === 'touch' && Math.abs(across) > SWIPE_PX)
      swiped(across < 0 ? 1 : -1)
  })
  useEventListener(area, 'pointercancel', (event: PointerEvent) => void fingers.delete(event.pointerId))

  /** Large where it fits, fitting where it is large. */
  function toggle(point: Point = MIDDLE): void {
    zoom.value = zoom.value.scale > 1 ? FITTING : zoomed(zoom.value, CLICK_SCALE, point)
  }

  function enlarge(factor: number): void {
    zoom.value = zoomed(zoom.value, factor, MIDDLE)
  }

  function fit(): void {
    zoom.value = FITTING
  }

  function pointOf(event: MouseEvent): Point {
    const box = area.value?.getBoundingClientRect() ?? new DOMRect()
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 }
  }

  return { zoom: readonly(zoom), toggle, enlarge, fit }
}

function sizeOf(element: HTMLElement | null): { width: number, height: number } {
  return { width: element?.clientWidth ?? 0, height: element?.clientHeight ?? 0 }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

function middleOf(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }
}
