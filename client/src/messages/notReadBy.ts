// Who of a room has not read a message, as far as it can be told: those who came after it are among them. Pure.

export function notReadBy(members: readonly number[], readers: readonly number[], author: number | null): readonly number[] {
  const known = new Set(readers)
  return members.filter(user => user !== author && !known.has(user))
}
