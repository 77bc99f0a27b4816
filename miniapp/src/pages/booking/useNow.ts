/** The time, renewed as often as somebody looks at it: for what is told in minutes. */
import { onUnmounted, ref } from 'vue'

export function useNow(seconds: number) {
  const now = ref(Date.now())
  const timer = setInterval(() => (now.value = Date.now()), seconds * 1000)
  onUnmounted(() => clearInterval(timer))
  return now
}
