/** One booking, and what its citizen can do with it. */
import { ref } from 'vue'
import { get, post } from '@/api/client'
import { useKeys } from '@/api/keys'
import { Problem, loggedOut, sentenceOf } from '@/api/problem'
import { logIn } from '@/platform/navigation'
import { CHANNEL } from '@/platform/channel'
import { useLoad } from '@/ui/load'
import type { Booking } from './words'

const GONE = '这个时段刚刚约满了，请换一个时间。'

export function useBooking() {
  const id = ref('')
  const busy = ref(false)
  const refused = ref('')
  const keys = useKeys()
  const { data: booking, fault, loading, load } = useLoad(() => get('/appointments/{id}', { path: { id: id.value } }))

  async function act(action: () => Promise<Booking>): Promise<boolean> {
    busy.value = true
    refused.value = ''
    try {
      booking.value = await action()
      id.value = booking.value.id
      return true
    } catch (error) {
      if (loggedOut(error)) logIn()
      else refused.value = sentenceOf(error)
      // What is told may have changed meanwhile: in another tab, or by time.
      if (error instanceof Problem && error.status === 409) await load()
      return false
    } finally {
      busy.value = false
    }
  }

  const path = () => ({ path: { id: id.value } })
  /** Confirming twice gives the same booking: a lost answer is simply asked for again. */
  const confirm = (ready: boolean) =>
    act(() => post('/appointments/{id}/confirm', { ...path(), body: { materials_ready: ready } }))
  const cancel = () => act(() => post('/appointments/{id}/cancel', path()))

  /** Keep the same time once more, after the hold lapsed. */
  const holdAgain = (lapsed: Booking) =>
    act(async () => {
      const wish = await wishOf(lapsed)
      const held = await post('/appointments/holds', { body: wish, key: keys.of(wish) })
      keys.done(wish)
      return held
    })

  return { id, booking, fault, loading, load, busy, refused, confirm, cancel, holdAgain }
}

async function wishOf(lapsed: Booking) {
  const where = { item: lapsed.item.code, hall: lapsed.hall.id, channel: CHANNEL }
  const query = { ...where, from: lapsed.date, to: lapsed.date }
  const { days } = await get('/appointments/slots', { query })
  const slot = days[0]?.slots.find((each) => each.start === lapsed.start)
  if (!slot) throw new Problem(409, 'slot_full', GONE)
  return { ...where, slot: slot.id, principal: lapsed.principal, id_number: null }
}
