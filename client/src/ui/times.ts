// How moments are written, in the reader's language and time zone. Pure; `now` is always given.

import type { Language } from '../language/chooseLanguage'

const DAY_MS = 86_400_000

const DAY = { month: 'short', day: 'numeric' } as const
const FORMATS = {
  clock: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  weekday: { weekday: 'long' },
  day: DAY,
  dayAndYear: { ...DAY, year: 'numeric' },
  full: { dateStyle: 'full', timeStyle: 'medium' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

// Made when they are first needed: each takes milliseconds, and opening a page needs two of them.
const made = new Map<string, Intl.DateTimeFormat>()
const relative = new Map<Language, Intl.RelativeTimeFormat>()

/** 14:05 */
export function clockText(at: number, language: Language): string {
  return formatted(at, 'clock', language)
}

/** Today, yesterday, the weekday of the last six days, else the date, with the year where it is another one. */
export function dayText(at: number, now: number, language: Language): string {
  const days = daysBetween(at, now)
  if (days === 0 || days === 1)
    return capitalised(relativeDay(-days, language))
  if (days > 1 && days < 7)
    return formatted(at, 'weekday', language)
  return formatted(at, new Date(at).getFullYear() === new Date(now).getFullYear() ? 'day' : 'dayAndYear', language)
}

/** As a line between messages says it: of today the time alone, but where the day begins with it. */
export function timeLineText(at: number, now: number, language: Language, isNewDay = false): string {
  const clock = clockText(at, language)
  return daysBetween(at, now) === 0 && !isNewDay ? clock : `${dayText(at, now, language)} ${clock}`
}

/** As a list says it: of today the time, else the day. */
export function shortText(at: number, now: number, language: Language): string {
  return daysBetween(at, now) === 0 ? clockText(at, language) : dayText(at, now, language)
}

export function fullText(at: number, language: Language): string {
  return formatted(at, 'full', language)
}

export function isSameDay(one: number, other: number): boolean {
  return startOfDay(one) === startOfDay(other)
}

function daysBetween(at: number, now: number): number {
  return Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS)
}

function startOfDay(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0)
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function formatted(at: number, name: keyof typeof FORMATS, language: Language): string {
  const key = `${language} ${name}`
  const format = made.get(key) ?? new Intl.DateTimeFormat(language, FORMATS[name])
  made.set(key, format)
  return format.format(at)
}

function relativeDay(days: number, language: Language): string {
  const format = relative.get(language) ?? new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  relative.set(language, format)
  return format.format(days, 'day')
}
