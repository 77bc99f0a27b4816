/** What waits for the citizen (待办): from every room, each failing softly, the most pressing first. */
import { ref } from 'vue'
import { get } from '@/api/client'
import { session } from '@/api/session'

export interface Todo {
  title: string
  note: string
  page: string
}

const WEEKDAYS = '日一二三四五六'

export function useTodos() {
  const todos = ref<Todo[]>([])

  async function load(): Promise<void> {
    if (!session.phone) {
      todos.value = []
      return
    }
    const found = await Promise.all([corrections(), offers(), bookings(), drafts(), unread()].map(softly))
    todos.value = found.flat()
  }

  return { todos, load }
}

/** What one room has to say; a room that is away says nothing. */
async function softly(asked: Promise<Todo[]>): Promise<Todo[]> {
  try {
    return await asked
  } catch {
    return []
  }
}

async function corrections(): Promise<Todo[]> {
  const { cases } = await get('/applications')
  return cases
    .filter((each) => each.state === 'correction')
    .map((each) => ({ title: `${each.item_name}要补材料`, note: '点开看缺什么', page: `pages/case/detail?id=${each.id}` }))
}

async function offers(): Promise<Todo[]> {
  const { waiting } = await get('/appointments/waiting')
  return waiting
    .filter((each) => each.status === 'offered')
    .map(() => ({ title: '候补有号了', note: '点开看看要不要', page: 'pages/waiting/mine' }))
}

async function bookings(): Promise<Todo[]> {
  const { appointments } = await get('/appointments')
  return appointments
    .filter((each) => each.status === 'confirmed')
    .slice(0, 2)
    .map((each) => ({ title: each.item.name, note: `${day(each.date)} ${each.start}到大厅`, page: `pages/booking/detail?id=${each.id}` }))
}

async function drafts(): Promise<Todo[]> {
  const { drafts } = await get('/applications/drafts')
  return drafts
    .slice(0, 2)
    .map((each) => ({ title: `${each.item_name}还没填完`, note: '接着填', page: `pages/apply/form?id=${each.id}` }))
}

async function unread(): Promise<Todo[]> {
  const { messages } = await get('/messages')
  const count = messages.filter((each) => !each.read).length
  return count ? [{ title: `${count}条新消息`, note: '点开看', page: 'pages/messages/index' }] : []
}

function day(date: string): string {
  const [year, month, dayOf] = date.split('-').map(Number)
  const week = WEEKDAYS[new Date(year ?? 0, (month ?? 1) - 1, dayOf).getDay()]
  return `${month}月${dayOf}日（周${week}）`
}
