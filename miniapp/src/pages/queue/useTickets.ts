/** My tickets, renewed while they are looked at: who is called feels it, who is done is told. */
import { ref } from 'vue'
import { get, post } from '@/api/client'
import { Problem, sentenceOf } from '@/api/problem'
import { vibrate } from '@/platform/vibration'
import { usePolling } from '@/ui/polling'
import type { Ticket } from './words'

const EVERY_SECONDS = 4

export function useTickets() {
  const tickets = ref<Ticket[] | null>(null)
  const fault = ref('')
  const refused = ref('')
  const busy = ref('')
  /** Numbers that were ours and are over. */
  const over = ref<string[]>([])
  const left = new Set<string>()

  const { at, lost, again } = usePolling(async () => {
    try {
      hear((await get('/hall/tickets/mine')).tickets)
      fault.value = ''
    } catch (error) {
      fault.value = sentenceOf(error)
      throw error
    }
  }, EVERY_SECONDS)

  function hear(found: Ticket[]): void {
    const before = tickets.value ?? []
    const newly = found.filter(({ id, status }) => {
      return status === 'called' && before.find((each) => each.id === id)?.status !== 'called'
    })
    if (newly.length) vibrate()
    const gone = before.filter(({ id }) => !left.has(id) && !found.some((each) => each.id === id))
    over.value.push(...gone.map(({ number }) => number))
    tickets.value = found
  }

  const leave = (ticket: Ticket) =>
    act(ticket, async () => {
      await post('/hall/tickets/{id}/leave', { path: { id: ticket.id } })
      left.add(ticket.id)
    })
  const requeue = (ticket: Ticket) =>
    act(ticket, async () => void (await post('/hall/tickets/{id}/requeue', { path: { id: ticket.id } })))

  async function act(ticket: Ticket, action: () => Promise<void>): Promise<void> {
    busy.value = ticket.id
    refused.value = ''
    try {
      await action()
    } catch (error) {
      refused.value = sentenceOf(error)
      if (error instanceof Problem && error.status === 0) return
    } finally {
      busy.value = ''
    }
    await again()
  }

  return { tickets, fault, refused, busy, over, at, lost, again, leave, requeue }
}
