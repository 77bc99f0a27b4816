/** Asking again and again while a page is shown, and not while it is hidden. */
import { onMounted, onUnmounted, ref, type Ref } from 'vue'
import { onHide, onShow } from '@dcloudio/uni-app'
import { Problem } from '@/api/problem'

export interface Polled {
  /** When the last answer came, ms; 0 before the first. */
  at: Ref<number>
  /** The network is away: what is shown is as of `at`. */
  lost: Ref<boolean>
  /** Ask now. */
  again: () => Promise<void>
}

/** Ask every so many seconds while the page is shown; `ask` keeps what it hears and may throw. */
export function usePolling(ask: () => Promise<void>, seconds: number): Polled {
  const at = ref(0)
  const lost = ref(false)
  let shown = false
  let gone = false
  let timer: ReturnType<typeof setTimeout> | undefined

  async function again(): Promise<void> {
    clearTimeout(timer)
    try {
      await ask()
      at.value = Date.now()
      lost.value = false
    } catch (error) {
      if (!(error instanceof Problem) || (error.status !== 0 && error.status < 500)) stop()
      else lost.value = true
    } finally {
      clearTimeout(timer)
      if (shown) timer = setTimeout(again, seconds * 1000)
    }
  }
  function start(): void {
    if (shown || gone) return
    shown = true
    void again()
  }
  function stop(): void {
    shown = false
    clearTimeout(timer)
  }

  // Within a part of a page, which may come after the page was shown.
  onMounted(start)
  onUnmounted(() => {
    // The page that it was part of is still shown and hidden, and tells us.
    gone = true
    stop()
  })
  onShow(start)
  onHide(stop)
  // #ifdef H5
  // The browser's tab may be hidden while the page within it is not.
  const turned = () => (document.hidden ? stop() : start())
  document.addEventListener('visibilitychange', turned)
  onUnmounted(() => document.removeEventListener('visibilitychange', turned))
  // #endif
  return { at, lost, again }
}
