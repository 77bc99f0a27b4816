/** Asking a WeChat user for subscribe messages (订阅消息); elsewhere nothing is asked. */
import { get, newKey, post, type Answer } from '@/api/client'

export type Occasion = Answer<'/messages/subscriptions', 'get'>['occasions'][number]['occasion']
type Answers = NonNullable<Parameters<typeof post<'/messages/subscriptions'>>[1]>['body']
type Said = Answers extends { answers: infer A } | undefined ? A : never

const ANSWERS = ['accept', 'reject', 'ban', 'filter', 'acceptWithAudio', 'acceptWithAlert', 'acceptWithForcePush']
const SWITCHED_OFF = 20004

/** What came of asking: nothing was asked, or how many were accepted. */
export type Outcome = 'accepted' | 'declined' | 'switched_off' | 'failed'

/** Which templates an occasion has; loaded beforehand, since WeChat's dialog opens only straight from a tap. */
export async function templatesFor(occasion: Occasion): Promise<string[]> {
  let templates: string[] = []
  // #ifdef MP-WEIXIN
  const { occasions } = await get('/messages/subscriptions')
  templates = occasions.find((each) => each.occasion === occasion)?.templates ?? []
  // #endif
  return templates
}

/** Open WeChat's dialog, from a tap, and tell the API what was answered. */
export async function askFor(templates: string[]): Promise<Outcome> {
  const { said, fault } = await dialog(templates)
  if (fault) return fault === SWITCHED_OFF ? 'switched_off' : 'failed'
  const answers = Object.fromEntries(
    Object.entries(said).filter(([id, answer]) => templates.includes(id) && ANSWERS.includes(answer)),
  ) as Said
  // WeChat reports it too: the API counts the same answer once.
  if (Object.keys(answers).length) await post('/messages/subscriptions', { body: { answers }, key: newKey() })
  return Object.values(answers).some((answer) => answer.startsWith('accept')) ? 'accepted' : 'declined'
}

function dialog(tmplIds: string[]): Promise<{ said: Record<string, string>; fault: number }> {
  return new Promise((resolve) => {
    uni.requestSubscribeMessage({
      tmplIds,
      success: (reply) => resolve({ said: reply as unknown as Record<string, string>, fault: 0 }),
      fail: (reply) => resolve({ said: {}, fault: (reply as { errCode?: number }).errCode || -1 }),
    })
  })
}
