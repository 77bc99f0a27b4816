/** Logging in and going back to the page that asked for it. */
import { ref } from 'vue'
import { post } from '@/api/client'
import { Problem, sentenceOf } from '@/api/problem'
import { keepSession } from '@/api/session'
import { open, replace } from '@/platform/navigation'
import { say } from '@/platform/toast'
import { ownPage } from './next'

/** `next` names the page to come back to. */
export function useLogin(next: () => string | undefined) {
  const busy = ref(false)
  const fault = ref('')
  /** WeChat knows the user, we do not yet: his phone is needed once. */
  const phoneNeeded = ref(false)

  async function byCode(phone: string, code: string): Promise<void> {
    await attempt(async () => keepSession(await post('/identity/sessions', { body: { phone, code } })))
  }

  async function byWeChat(phoneCode?: string): Promise<void> {
    await attempt(async () => {
      const { code } = await uni.login({ provider: 'weixin' })
      keepSession(await post('/identity/wechat/sessions', { body: { code, phone_code: phoneCode ?? null } }))
    })
  }

  async function attempt(log: () => Promise<void>): Promise<void> {
    busy.value = true
    fault.value = ''
    try {
      await log()
      say('登录好了')
      goOn()
    } catch (error) {
      phoneNeeded.value ||= error instanceof Problem && error.code === 'phone_needed'
      fault.value = sentenceOf(error)
    } finally {
      busy.value = false
    }
  }

  function goOn(): void {
    const page = ownPage(next())
    const pages = getCurrentPages() as unknown as { route?: string }[]
    const before = pages[pages.length - 2]
    // The page that asked is still there, with what was typed in it.
    if (before?.route === page.split('?')[0]) uni.navigateBack()
    else if (/^pages\/(home|assistant|mine)\/index/.test(page)) open(page)
    else replace(page)
  }

  return { busy, fault, phoneNeeded, byCode, byWeChat }
}
