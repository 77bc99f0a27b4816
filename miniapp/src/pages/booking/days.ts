/** The days that can be chosen (可约的日子), in words: pure, from what the API lists. */
import type { components } from '@/api/schema'
import { dayWords, daysAfter, weekdayOf } from '@/words/dates'

type Day = components['schemas']['Day']
type Crowd = components['schemas']['Crowd']
export type Slot = components['schemas']['SlotView']

export interface DayChoice {
  date: string
  /** 25, as a calendar shows it. */
  number: string
  /** 人少, 约满, 休: one short word. */
  word: string
  state: 'free' | 'full' | 'closed'
  /** What a screen reader says, and the elder view shows. */
  words: string
  slots: Slot[]
}

const LEVELS: Record<string, string> = { quiet: '人少', normal: '适中', busy: '人多', full: '约满' }

/** Join the listed days with how busy they are, up to the last one that can be booked or waited for. */
export function choicesOf(days: Day[], crowds: Crowd[]): DayChoice[] {
  const busy = new Map(crowds.map((crowd) => [crowd.date, crowd]))
  const found = days.map((day) => choiceOf(day, busy.get(day.date)))
  const last = found.reduce((most, day, n) => (day.state === 'closed' ? most : n), -1)
  return found.slice(0, last + 1)
}

function choiceOf(day: Day, crowd: Crowd | undefined): DayChoice {
  // Today tickets are given at the hall; other days are closed.
  const closed = day.reason?.includes('现场取号') ? '现场' : '不办'
  const state = day.open ? 'free' : crowd?.open ? 'full' : 'closed'
  const word = state === 'free' ? (LEVELS[crowd?.level ?? 'normal'] ?? '可约') : state === 'full' ? '约满' : closed
  // Every seat of ours may be free while the others' are taken: what can be booked is not full.
  const told = state === 'free' && word === '约满' ? '人多' : word
  const why = state === 'closed' ? (day.reason ?? '不办公') : told
  return {
    date: day.date,
    number: String(Number(day.date.slice(8))),
    word: told,
    state,
    words: `${dayWords(day.date)}，${why}`,
    slots: day.slots,
  }
}

export interface Week {
  key: string
  /** Seven cells, Monday first; null is a day that is not offered. */
  cells: (DayChoice | null)[]
}

/** Lay days out in weeks. */
export function weeksOf(choices: DayChoice[]): Week[] {
  const first = choices[0]
  const last = choices[choices.length - 1]
  if (!first || !last) return []
  const byDate = new Map(choices.map((choice) => [choice.date, choice]))
  const weeks: Week[] = []
  for (let monday = daysAfter(first.date, -weekdayOf(first.date)); monday <= last.date; monday = daysAfter(monday, 7)) {
    const cells = Array.from({ length: 7 }, (_, n) => byDate.get(daysAfter(monday, n)) ?? null)
    if (cells.some((cell) => cell && cell.state !== 'closed')) weeks.push({ key: monday, cells })
  }
  return weeks
}

/** The months that the days lie in: 11月, or 11月–12月. */
export function monthsOf(choices: DayChoice[]): string {
  const months = [...new Set(choices.map((choice) => `${Number(choice.date.slice(5, 7))}月`))]
  return months.join('–')
}
