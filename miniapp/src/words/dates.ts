/** Days and times as people say them, by the city's clock wherever the phone is. */

const CITY_OFFSET_MS = 8 * 3_600_000 // 北京时间, without summer time
const WEEKDAYS = '日一二三四五六'

function city(instant: string | number): Date {
  return new Date(new Date(instant).getTime() + CITY_OFFSET_MS)
}

/** 11月25日 周三, of a day like 2026-11-25. */
export function dayWords(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  return `${date.getUTCMonth() + 1}月${date.getUTCDate()}日 周${WEEKDAYS[date.getUTCDay()]}`
}

/** The day of an instant in the city, 2026-11-25. */
export function dayOf(instant: string | number): string {
  return city(instant).toISOString().slice(0, 10)
}

/** The time of an instant in the city, 9:05. */
export function clockOf(instant: string | number): string {
  return shortTime(city(instant).toISOString().slice(11, 16))
}

/** 11月25日 周三 9:05 of an instant. */
export function momentWords(instant: string): string {
  return `${dayWords(dayOf(instant))} ${clockOf(instant)}`
}

/** 2026年11月25日 of an instant. */
export function dateWords(instant: string): string {
  const date = city(instant)
  return `${date.getUTCFullYear()}年${date.getUTCMonth() + 1}月${date.getUTCDate()}日`
}

/** 9:05 of 09:05. */
export function shortTime(time: string): string {
  return time.replace(/^0(?=\d:)/, '')
}

/** How many days later a day is: 2026-11-25, 2 → 2026-11-27. */
export function daysAfter(day: string, days: number): string {
  return new Date(new Date(`${day}T00:00:00Z`).getTime() + days * 86_400_000).toISOString().slice(0, 10)
}

/** The instant of a day and a time of the city. */
export function instantOf(day: string, time: string): number {
  return new Date(`${day}T${time}:00Z`).getTime() - CITY_OFFSET_MS
}

/** The weekday of a day, Monday is 0. */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
}

/** 2小时, 1个半小时, 45分钟. */
export function spanWords(minutes: number): string {
  if (minutes < 60 || minutes % 30) return `${minutes}分钟`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 ? `${hours}个半小时` : `${hours}小时`
}
