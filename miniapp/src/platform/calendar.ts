/** Putting a booking into the phone's calendar (日历): an ICS file on H5, WeChat's own way there. */
import { addressOf, authorisation } from '@/api/client'
import { offline, problemOf } from '@/api/problem'
import type { components } from '@/api/schema'
import { instantOf } from '@/words/dates'
import { saveText } from '@/platform/saving'

type Booking = components['schemas']['AppointmentView']

/** Add a booking to the calendar; rejects with a problem. */
export async function addToCalendar(booking: Booking): Promise<void> {
  // #ifdef H5
  await saveText(`预约-${booking.date}.ics`, await ics(booking.id), 'text/calendar')
  // #endif
  // #ifndef H5
  await add(booking)
  // #endif
}

/** The booking as an iCalendar text: its route wants the session, which a link would not carry. */
export function ics(id: string): Promise<string> {
  return new Promise((resolve, reject) => {
    uni.request({
      url: addressOf('/appointments/{id}/calendar.ics', { id }),
      header: authorisation(),
      dataType: 'text',
      timeout: 15_000,
      success: ({ statusCode, data }) =>
        statusCode === 200 ? resolve(String(data)) : reject(problemOf(statusCode, data)),
      fail: () => reject(offline()),
    })
  })
}

// #ifndef H5
interface WeChat {
  addPhoneCalendar(options: Record<string, unknown>): void
}
declare const wx: WeChat

function add(booking: Booking): Promise<void> {
  const seconds = (time: string) => Math.floor(instantOf(booking.date, time) / 1000)
  return new Promise((resolve, reject) => {
    wx.addPhoneCalendar({
      title: booking.item.name,
      startTime: seconds(booking.start),
      endTime: String(seconds(booking.end)),
      location: booking.hall.name,
      description: `预约号 ${booking.reference ?? ''}`,
      alarmOffset: 3600,
      success: resolve,
      fail: () => reject(offline()),
    })
  })
}
// #endif
