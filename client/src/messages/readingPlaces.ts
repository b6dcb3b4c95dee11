// Where one was reading in each room, while the page is open: the first message in view and how far below the top it
// stood. Null at the end, which is followed.

export interface Place {
  readonly number: number | null
  readonly distance: number
}

const places = new Map<number, Place | null>()

export function keptPlace(room: number): Place | null {
  return places.get(room) ?? null
}

export function keepPlace(room: number, place: Place | null): void {
  places.set(room, place)
}
