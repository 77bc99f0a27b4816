/** A ticket in words (排队号的说法). */
import type { components } from '@/api/schema'
import { windowWords } from '@/words/windows'

export type Ticket = components['schemas']['TicketView']

/** How long it takes, with what it may be: 大约20分钟（15到30分钟）. */
export function waitWords(ticket: Ticket): string {
  const { wait_minutes: about, wait_low: low, wait_high: high } = ticket
  if (about === null) return '窗口还没开始办，开了就能估计时间'
  if (about === 0) return '马上就到您'
  if (low === null || high === null || low === high) return `大约${about}分钟`
  if (low === 0) return `大约${about}分钟，慢的话${high}分钟`
  return `大约${about}分钟，快的话${low}分钟，慢的话${high}分钟`
}

/** How many are ahead. */
export function aheadWords(ticket: Ticket): string {
  return ticket.ahead ? `前面还有${ticket.ahead}位` : '前面没有人了'
}

/** What is going on with a ticket that does not wait. */
export function stateWords(ticket: Ticket): string {
  switch (ticket.status) {
    case 'called':
      return `请到${windowWords(ticket.window ?? '')}`
    case 'serving':
      return `正在${windowWords(ticket.window ?? '')}办理`
    case 'on_hold':
      return '先等一等，窗口会再叫您'
    case 'passed':
      return '叫过了，没有等到您'
    default:
      return aheadWords(ticket)
  }
}

/** The hall of a code's scene, hall=municipal, as WeChat hands it over: encoded once more. */
export function hallOf(scene: string | undefined): string {
  return /^hall(?:=|%3D)([\w-]+)$/i.exec(scene ?? '')?.[1] ?? ''
}
