/** Asking for an SMS code, and when the next may be asked for. */
import { computed, onUnmounted, ref } from 'vue'
import { post } from '@/api/client'
import { Problem, sentenceOf } from '@/api/problem'
import { preferences } from '@/stores/preferences'

/** `phone` tells the number; `sent` is the moment of the last code. */
export function useSms(phone: () => string, path: '/identity/codes' | '/identity/principals/codes' = '/identity/codes') {
  const busy = ref(false)
  const sent = ref(false)
  const fault = ref('')
  const left = ref(0)
  let until = 0
  let timer: ReturnType<typeof setInterval> | undefined

  const label = computed(() => {
    // No ticking numbers in the elder view.
    if (left.value > 0) return preferences.elder ? '已发送，请留意短信' : `${left.value}秒后可重发`
    return sent.value ? '重新获取' : '获取验证码'
  })

  function wait(seconds: number): void {
    until = Date.now() + seconds * 1000
    clearInterval(timer)
    tick()
    timer = setInterval(tick, 1000)
  }
  function tick(): void {
    left.value = Math.max(0, Math.ceil((until - Date.now()) / 1000))
    if (!left.value) clearInterval(timer)
  }

  async function send(): Promise<boolean> {
    fault.value = ''
    busy.value = true
    try {
      const { retry_after: seconds } = await post(path, { body: { phone: phone() } })
      sent.value = true
      wait(seconds)
      return true
    } catch (error) {
      fault.value = sentenceOf(error)
      const seconds = error instanceof Problem ? Number(error.more.retry_after) : 0
      if (error instanceof Problem && error.status === 429 && seconds > 0 && seconds < 3600) wait(seconds)
      return false
    } finally {
      busy.value = false
    }
  }

  onUnmounted(() => clearInterval(timer))
  return { busy, sent, fault, left, label, send }
}
