/** A conversation with the assistant (问答): said, answered, kept on this device by its name. */
import { nextTick, ref } from 'vue'
import { get, newKey, post, type Answer as Reply } from '@/api/client'
import { Problem, sentenceOf } from '@/api/problem'
import { unguessable } from '@/platform/random'
import type { components } from '@/api/schema'

export type Answer = components['schemas']['Answer']
export type Handover = components['schemas']['HandoverView']
export type Reason = NonNullable<components['schemas']['Feedback']['reason']>

/** One thing said; `failed` says why it was not answered, and it can be said again with its key. */
export interface Line {
  id: string
  /** The number that the API gave it; feedback names it. */
  number: number | null
  /** Who says it, of an agent: 工号03. */
  name: string
  /** What the citizen thought of it. */
  helpful: boolean | null
  author: 'citizen' | 'bot' | 'agent'
  text: string
  answers: Answer[]
  key: string
  failed: string
}

const KEPT = 'conversation'
const GREETING = '您好，我是沈办。要带什么、去哪办、多久能办好，直接问我。'

export function useChat(shown: () => void) {
  const lines = ref<Line[]>([])
  const busy = ref(false)
  /** How a hand-over to a person stands; null when none is asked for. */
  const handover = ref<Handover | null>(null)
  let since = 0
  let conversation = (uni.getStorageSync(KEPT) as string) || ''

  async function restore(): Promise<void> {
    if (conversation) {
      try {
        const past = await get('/chat/history', { headers: { 'X-Conversation': conversation } })
        lines.value = past.messages.map(lineOf)
        since = past.messages[past.messages.length - 1]?.id ?? 0
        await stand()
      } catch (error) {
        // Somebody else's by now, or too old: a new one begins.
        if (error instanceof Problem && error.status === 404) begin()
      }
    }
    if (!lines.value.length) lines.value = [greeting()]
    await told()
  }

  function begin(): void {
    conversation = ''
    uni.removeStorageSync(KEPT)
    handover.value = null
    since = 0
    lines.value = [greeting()]
  }

  async function say(text: string, title = text): Promise<void> {
    if (!text.trim() || busy.value) return
    const line: Line = { ...blank(), author: 'citizen', text: title, key: newKey() }
    lines.value.push(line)
    await told()
    await send(line, text)
  }

  async function again(line: Line): Promise<void> {
    line.failed = ''
    await send(line, line.text)
  }

  async function send(line: Line, text: string): Promise<void> {
    const here = lines.value.find((each) => each.id === line.id) ?? line
    busy.value = true
    try {
      // Named by us: a first question whose answer is lost is asked again in the same conversation.
      if (!conversation) await name()
      const body = { text, conversation }
      hear(await post('/chat/messages', { body, key: line.key }))
    } catch (error) {
      here.failed = sentenceOf(error)
    } finally {
      busy.value = false
      await told()
    }
  }

  function hear(reply: Reply<'/chat/messages', 'post'>): void {
    since = Math.max(since, reply.id ?? 0, reply.question ?? 0)
    if (reply.messages.length) lines.value.push({ ...blank(), number: reply.id ?? null, answers: reply.messages })
    if (reply.handover && !handover.value) void stand()
  }

  async function name(): Promise<void> {
    conversation = await unguessable()
    uni.setStorageSync(KEPT, conversation)
  }

  const named = () => ({ 'X-Conversation': conversation })

  /** Ask for a person (转人工). */
  async function human(item: string | null = null): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      if (!conversation) await name()
      handover.value = await post('/chat/handovers', { body: { item }, headers: named() })
      await listen()
    } catch (error) {
      lines.value.push({ ...blank(), text: sentenceOf(error) })
    } finally {
      busy.value = false
      await told()
    }
  }

  async function leave(): Promise<void> {
    try {
      await post('/chat/handovers/current/leave', { headers: named() })
    } catch {
      // It may be over already: how it stands is asked again.
    }
    await listen()
  }

  /** Ask how a hand-over stands. */
  async function stand(): Promise<void> {
    handover.value = (await get('/chat/handovers/current', { headers: named() })).handover
  }

  /** Hear what was said since, while a person is asked for. */
  async function listen(): Promise<void> {
    if (!conversation) return
    const news = await get('/chat/updates', { query: { since } as never, headers: named() })
    const heard = news.messages.filter((each) => each.author !== 'citizen' && each.id > since)
    since = Math.max(since, ...news.messages.map((each) => each.id))
    lines.value.push(...heard.map(lineOf))
    if (news.handover || handover.value) await stand()
    if (heard.length) await told()
  }

  /** Say whether an answer helped (👍👎); a second opinion replaces the first. */
  async function judge(line: Line, helpful: boolean, reason: Reason | null = null): Promise<void> {
    if (line.number === null) return
    line.helpful = helpful
    try {
      const body = { message: line.number, helpful, reason, text: null }
      await post('/chat/feedback', { body, headers: named() })
    } catch {
      line.helpful = null
    }
  }

  async function told(): Promise<void> {
    await nextTick()
    shown()
  }

  return { lines, busy, handover, restore, begin, say, again, human, leave, listen, judge }
}

function blank(): Line {
  return { id: newKey(), number: null, name: '', helpful: null, author: 'bot', text: '', answers: [], key: '', failed: '' }
}

function lineOf(entry: components['schemas']['HistoryEntry']): Line {
  const { id, author, text, answers, name, helpful } = entry
  const number = author === 'bot' ? id : null
  return { ...blank(), id: String(id), number, author, text: text ?? '', answers: answers ?? [], name: name ?? '', helpful: helpful ?? null }
}

function greeting(): Line {
  return { ...blank(), id: 'greeting', text: GREETING }
}
