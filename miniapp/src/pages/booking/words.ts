/** Bookings in words (预约的说法). */
import type { components } from '@/api/schema'
import { clockOf, dayWords, shortTime } from '@/words/dates'
import { windowsWords } from '@/words/windows'

export type Booking = components['schemas']['AppointmentView']

const STATUS: Record<Booking['status'], string> = {
  held: '待确认',
  confirmed: '已约好',
  displaced: '要改时间',
  checked_in: '已签到',
  completed: '已办完',
  no_show: '没有来',
  cancelled: '已取消',
  expired: '没有确认',
}
const ATTENDEES: Record<Booking['attendee'], string> = {
  self: '本人',
  child: '孩子',
  elder: '长辈',
  spouse: '配偶',
  other: '亲友',
  employee: '员工',
}

/** A booking's state in a word. */
export const statusWord = (booking: Booking): string => (booking.offered ? '候补到号' : STATUS[booking.status])

/** 11月25日 周三 9:30–10:00. */
export const whenWords = (booking: Booking): string =>
  `${dayWords(booking.date)} ${shortTime(booking.start)}–${shortTime(booking.end)}`

/** For whom it is. */
export const whomWords = (booking: Booking): string => ATTENDEES[booking.attendee]

/** What there is to know of a booking. */
export function factsOf(booking: Booking): { label: string; value: string }[] {
  return [
    { label: '事项', value: booking.item.name },
    { label: '日期', value: dayWords(booking.date) },
    { label: '时间', value: `${shortTime(booking.start)}–${shortTime(booking.end)}` },
    { label: '地点', value: `${booking.hall.name}，${booking.hall.address}` },
    { label: '窗口', value: windowsWords(booking.windows) },
    { label: '给谁办', value: whomWords(booking) },
    { label: '预约号', value: booking.reference ?? '' },
  ].filter(({ value }) => value)
}

/** How long a seat is kept, without pressure; the elder view counts no minutes. */
export function keptWords(until: string, now: number, elder: boolean): string {
  const kept = `已为您保留到 ${clockOf(until)}`
  if (elder) return `${kept}，来得及，慢慢看。`
  const minutes = Math.ceil((new Date(until).getTime() - now) / 60_000)
  return `${kept}，还有${minutes}分钟。`
}
