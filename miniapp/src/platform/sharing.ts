/** Passing a page on, and printing: where the browser can, and otherwise by copying what leads there. */
import { say } from '@/platform/toast'

/** Pass a page of ours on, by the phone's own way of sharing or by a copied link. */
export async function passOn(title: string, page: string): Promise<void> {
  // #ifdef H5
  const url = `${location.origin}/${page}`
  if (navigator.share) {
    try {
      await navigator.share({ title, url })
    } catch {
      // The citizen thought better of it.
    }
    return
  }
  uni.setClipboardData({ data: url, showToast: false, success: () => say('链接复制好了，可以发给家人') })
  // #endif
  // #ifndef H5
  void page
  say(`点右上角“…”，把《${title}》发给家人`)
  // #endif
}

/** Open a page that is made for paper. */
export function print(address: string): void {
  // #ifdef H5
  window.open(address, '_blank', 'noopener')
  // #endif
  // #ifndef H5
  uni.setClipboardData({ data: address, showToast: false, success: () => say('打印页的地址复制好了，到电脑上打开') })
  // #endif
}
