// How moments are written, in the reader's language and time zone. Pure; `now` is always given.

import type { Language } from '../language/chooseLanguage'

const DAY_MS = 86_400_000

interface Formats {
  readonly clock: Intl.DateTimeFormat
  readonly weekday: Intl.DateTimeFormat
  readonly day: Intl.DateTimeFormat
  readonly dayAndYear: Intl.DateTimeFormat
  readonly full: Intl.DateTimeFormat
  readonly relative: Intl.RelativeTimeFormat
}

const FORMATS: Readonly<Record<Language, Formats>> = { 'zh-Hans': formatsOf('zh-Hans'), 'en': formatsOf('en') }

/** 14:05 */
export function clockText(at: number, language: Language): string {
  return FORMATS[language].clock.format(at)
}

/** Today, yesterday, the weekday of the last six days, else the date, with the year where it is another one. */
export function dayText(at: number, now: number, language: Language): string {
  const formats = FORMATS[language]
  const days = daysBetween(at, now)
  if (days === 0 || days === 1)
    return capitalised(formats.relative.format(-days, 'day'))
  if (days > 1 && days < 7)
    return formats.weekday.format(at)
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? formats.day.format(at) : formats.dayAndYear.format(at)
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
  return FORMATS[language].full.format(at)
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

function formatsOf(language: Language): Formats {
  const day = { month: 'short', day: 'numeric' } as const
  return {
    clock: new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    weekday: new Intl.DateTimeFormat(language, { weekday: 'long' }),
    day: new Intl.DateTimeFormat(language, day),
    dayAndYear: new Intl.DateTimeFormat(language, { ...day, year: 'numeric' }),
    full: new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'medium' }),
    relative: new Intl.RelativeTimeFormat(language, { numeric: 'auto' }),
  }
}
