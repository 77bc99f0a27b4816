/** What is ready already (备好了): ticks of a checklist, kept on this device for an item and its version. */
import { ref, watch } from 'vue'

export function useTicks() {
  const ticked = ref<string[]>([])
  let key = ''

  function open(item: string, version: number): void {
    key = `ticks:${item}:${version}`
    ticked.value = (uni.getStorageSync(key) as string[]) || []
  }
  watch(ticked, (now) => key && uni.setStorageSync(key, now))

  return { ticked, open }
}
