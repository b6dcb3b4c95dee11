import { describe, expect, test } from 'vitest'
import { clockText, dayText, isSameDay, shortText, timeLineText } from './times'

const now = new Date(2026, 10, 23, 14, 5).getTime()
const at = (month: number, day: number, hour = 9, year = 2026) => new Date(year, month - 1, day, hour, 30).getTime()

describe('R6 days as a person says them', () => {
  test.each([
    ['today', at(11, 23), '今天', 'Today'],
    ['yesterday', at(11, 22, 23), '昨天', 'Yesterday'],
    ['this week', at(11, 18), '星期三', 'Wednesday'],
    ['this year', at(3, 2), '3月2日', 'Mar 2'],
    ['another year', at(3, 2, 9, 2024), '2024年3月2日', 'Mar 2, 2024'],
  ])('%s', (_, moment, chinese, english) => {
    expect(dayText(moment, now, 'zh-Hans')).toBe(chinese)
    expect(dayText(moment, now, 'en')).toBe(english)
  })

  test('lines and lists leave out what is plain', () => {
    expect(timeLineText(at(11, 23), now, 'zh-Hans')).toBe('09:30')
    expect(timeLineText(at(11, 22), now, 'zh-Hans')).toBe('昨天 09:30')
    expect(timeLineText(at(11, 23), now, 'zh-Hans', true)).toBe('今天 09:30')
    expect(shortText(at(11, 22), now, 'en')).toBe('Yesterday')
    expect(clockText(at(11, 23, 0), 'en')).toBe('00:30')
  })

  test('days end at midnight', () => {
    expect(isSameDay(new Date(2026, 10, 22, 23, 59).getTime(), new Date(2026, 10, 23, 0, 1).getTime())).toBe(false)
  })
})
